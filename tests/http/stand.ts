import { createServices } from "../../src/cli/serve/services.ts";
import { loadConfig } from "../../src/config/config.ts";
import { createApp } from "../../src/http/app.ts";
import { createEdge } from "../../src/http/edge.ts";
import { createListener, type Listener } from "../../src/http/listener.ts";
import type { Services } from "../../src/http/services.ts";
import { createWorkQueue, type WorkQueue } from "../../src/http/work-queue.ts";
import { CodecPool } from "../../src/image/wasm/codec-pool.ts";
import { createMetrics, type MetricsRegistry } from "../../src/telemetry/metrics.ts";
import type { LogFields, LogLevel } from "../../src/telemetry/types.ts";

export type LoggedLine = { readonly level: LogLevel; readonly message: string; readonly fields: LogFields };

/** A whole server on a free port, with everything it says at hand. */
export type Stand = AsyncDisposable & {
  readonly url: string;
  readonly port: number;
  readonly lines: readonly LoggedLine[];
  readonly metrics: MetricsRegistry;
  readonly queue: WorkQueue;
  readonly listener: Listener;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  /** Serves under another configuration from now on, as a reload does. */
  reload(env: Readonly<Record<string, string>>): Promise<void>;
};

export type StandSetup = {
  readonly env?: Readonly<Record<string, string>>;
  /** Changes to the services, for the faults that cannot be configured. */
  readonly change?: (services: Services) => Partial<Services>;
};

/** Starts a server as `imgproxy serve` does, but for signals; loopback sources are allowed. */
export async function startStand({ env = {}, change = () => ({}) }: StandSetup = {}): Promise<Stand> {
  const lines: LoggedLine[] = [];
  const logger = {
    log: (level: LogLevel, message: string, fields: LogFields = {}) => void lines.push({ level, message, fields }),
  };
  const read = (given: Readonly<Record<string, string>>) => {
    const variables = { IMGPROXY_ALLOW_LOOPBACK_SOURCE_ADDRESSES: "true", ...given };
    return { config: loadConfig(variables).config, environment: { variables, file: null } };
  };
  const first = read(env);
  const { config } = first;
  const parts = {
    logger,
    metrics: createMetrics(config.prometheusNamespace),
    edge: createEdge(),
    queue: createWorkQueue({ workers: config.workers, queueSize: config.requestsQueueSize }),
    codecs: new CodecPool(),
    exactLoader: null,
  };
  const build = async (settings: typeof first) => {
    const services = await createServices(settings, parts);
    return { ...services, ...change(services) };
  };
  let services = await build(first);
  const listener = createListener({ app: createApp(services), edge: parts.edge, settings: config, logger });
  const port = await listener.listen({ host: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    port,
    lines,
    metrics: parts.metrics,
    queue: parts.queue,
    listener,
    get: (path, headers = {}) => fetch(url + path, { headers: { "Accept-Encoding": "identity", ...headers } }),
    async reload(next) {
      services = await build(read(next));
      listener.replaceApp(createApp(services));
    },
    async [Symbol.asyncDispose]() {
      await listener.stop(0);
      for (const source of new Set(services.sources.values())) await source.close?.();
      await parts.codecs.close();
    },
  };
}

/** The lines of finished requests, once there are so many. */
export async function completedLines(stand: Stand, count: number): Promise<LoggedLine[]> {
  const find = () => stand.lines.filter(({ message }) => message.startsWith("Completed in "));
  for (let waited = 0; find().length < count && waited < 3000; waited += 10) await Bun.sleep(10);
  return find();
}
