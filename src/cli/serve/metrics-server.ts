import type { Config } from "../../config/config.ts";
import { createEdge } from "../../http/edge.ts";
import { createListener, type Listener } from "../../http/listener.ts";
import { METRICS_CONTENT_TYPE, type MetricsSource, renderMetrics } from "../../telemetry/metrics.ts";
import { silentLogger } from "../../telemetry/types.ts";
import { listenError, tcpAddress } from "./listen-address.ts";

/** Serves the metrics on IMGPROXY_PROMETHEUS_BIND, whatever the path and method; undefined when that is not set. */
export async function startMetricsServer(config: Config, metrics: MetricsSource): Promise<Listener | undefined> {
  if (config.prometheusBind === "") return undefined;
  const app = {
    async fetch() {
      const text = renderMetrics(await metrics.snapshot(), config.prometheusNamespace);
      return new Response(text, { headers: { "Content-Type": METRICS_CONTENT_TYPE } });
    },
  };
  const listener = createListener({ app, edge: createEdge(), settings: config, logger: silentLogger });
  const variable = "IMGPROXY_PROMETHEUS_BIND";
  const address = tcpAddress(config.prometheusBind, variable);
  await listener.listen(address).catch((error: unknown) => {
    throw listenError(error, variable, config.prometheusBind);
  });
  return listener;
}
