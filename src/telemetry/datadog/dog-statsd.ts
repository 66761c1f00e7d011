import type { Config } from "../../config/config.ts";
import { GAUGE_INTERVAL_MS, readGauges, type SharedGauge } from "../gauges.ts";
import type { MetricsSource } from "../metrics.ts";
import type { Logger } from "../types.ts";
import { openUdp, type UdpSender } from "../udp.ts";

export type DogStatsdConfig = Pick<Config, "ddAgentHost" | "ddDogstatsdPort" | "ddService" | "ddEnv">;

export type DogStatsdParts = {
  readonly metrics: MetricsSource;
  readonly version: string;
  /** Hears when the agent cannot be reached. */
  readonly logger: Logger;
  readonly intervalMs?: number;
};

/** The reference's names. */
const NAMES: Readonly<Record<SharedGauge, string>> = {
  workers: "imgproxy.workers",
  requests_in_progress: "imgproxy.requests_in_progress",
  images_in_progress: "imgproxy.images_in_progress",
  workers_utilization: "imgproxy.workers_utilization",
  vips_memory_bytes: "imgproxy.vips.memory",
  vips_max_memory_bytes: "imgproxy.vips.max_memory",
  vips_allocs: "imgproxy.vips.allocs",
};

/** Sends gauges to the Datadog agent every ten seconds and a last time on close. Source: the datagram format of DogStatsD. */
export function startDogStatsd(config: DogStatsdConfig, parts: DogStatsdParts) {
  const { metrics, version, logger, intervalMs = GAUGE_INTERVAL_MS } = parts;
  const tags = [`service:${config.ddService}`, ...(config.ddEnv && [`env:${config.ddEnv}`]), `version:${version}`];
  let sender: UdpSender | undefined;
  let hasTrouble = false;
  const onTrouble = (error: Error) => {
    if (!hasTrouble) logger.log("warn", "Cannot send metrics to the Datadog agent", { error: error.message });
    hasTrouble = true;
  };

  async function send(): Promise<void> {
    // The agent may come later than we, and its name with it.
    sender ??= await openUdp({ host: config.ddAgentHost, port: config.ddDogstatsdPort }, 0, onTrouble);
    const lines = (await readGauges(metrics)).map(([name, value]) => `${NAMES[name]}:${value}|g|#${tags.join(",")}`);
    if (lines.length > 0) sender.send(Buffer.from(lines.join("\n")));
  }

  const timer = setInterval(() => void send().catch(onTrouble), intervalMs);
  timer.unref();
  return {
    async close() {
      clearInterval(timer);
      await send().catch(onTrouble);
      await sender?.close();
    },
  };
}
