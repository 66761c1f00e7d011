import type { Config } from "../../config/config.ts";
import { AppError, toAppError } from "../../errors.ts";
import { createApp } from "../../http/app.ts";
import { createEdge } from "../../http/edge.ts";
import { createListener, type Listener } from "../../http/listener.ts";
import type { Services } from "../../http/services.ts";
import { createWorkQueue } from "../../http/work-queue.ts";
import { configureSharp, readVipsMemory } from "../../image/configure-sharp.ts";
import { BUILD_INFO } from "../../native/build-info.ts";
import { createExactLoader } from "../../native/memory-file.ts";
import { bindMemoryRelease } from "../../native/release-memory.ts";
import { withSharedPort } from "../../native/shared-port.ts";
import { bindVipsCounters } from "../../native/vips-counters.ts";
import { createLineBuffer } from "../../telemetry/line-buffer.ts";
import { createMetrics, type MetricsSource } from "../../telemetry/metrics.ts";
import type { Logger } from "../../telemetry/types.ts";
import { createCodecs } from "./codecs.ts";
import { displayUrl, listenAddress, listenError } from "./listen-address.ts";
import { startMemoryCare } from "./memory-care.ts";
import { startMetricsServer } from "./metrics-server.ts";
import { registerProcessCount } from "./process-count.ts";
import { openConfiguredCache } from "./result-cache.ts";
import { createServerLogger } from "./server-logger.ts";
import { createServices, type ServicesParts } from "./services.ts";
import { readSettings, type ServerInput, type Settings } from "./settings.ts";
import { createSupervisor } from "./supervisor.ts";
import { LEAST_FLUSH_MS, startTelemetry } from "./telemetry.ts";

/** A server that listens. */
export type RunningServer = {
  /** `http://localhost:8080`, or `unix:/path`. */
  readonly url: string;
  readonly metrics: MetricsSource;
  /** Rejects when the server cannot go on, and has to be stopped; absent where only the start can fail. */
  readonly failed?: Promise<never>;
  /** Builds everything anew from the environment and its files; keeps what runs, and says false, when that fails. Never throws. */
  reload(): Promise<boolean>;
  /** Lets running requests finish within IMGPROXY_GRACEFUL_STOP_TIMEOUT. */
  stop(): Promise<void>;
};

/**
 * Builds the services from the environment and listens, as the whole server or as a share of it. Throws `AppError("config")` for
 * everything that keeps it from serving: wrong variables (all at once), a taken port, images that cannot be loaded. `settings`:
 * those that were read from the input before.
 */
export async function startServer(input: ServerInput, settings?: Settings): Promise<RunningServer> {
  const { share } = input;
  const loaded = settings ?? (await readSettings(input));
  const { config } = loaded;
  const metrics = createMetrics(config.prometheusNamespace);
  if (share === undefined) registerProcessCount(metrics, () => 1);
  const lines = createLineBuffer(input.terminal.out);
  const telemetry = await startTelemetry({
    config,
    metrics,
    // Where there is a parent, it asks every process for its metrics and sends their sum.
    sent: share === undefined ? metrics : undefined,
    hasRequests: true,
    ...createServerLogger(config, { write: lines.add, isTerminal: share?.isTerminal ?? process.stdout.isTTY === true }),
    version: BUILD_INFO.version,
    process: share === undefined ? undefined : String(share.index),
    bindVips: () => bindVipsCounters() ?? readVipsMemory,
  });
  const { logger, tracer, reporter } = telemetry;
  for (const warning of loaded.warnings) logger.log("warn", warning);
  configureSharp();
  const supervisor = createSupervisor(loaded.environment.variables);
  const parts: ServicesParts = {
    logger,
    metrics,
    tracer,
    reporter,
    edge: createEdge(),
    queue: createWorkQueue({ workers: config.workers, queueSize: config.requestsQueueSize }),
    results: await openConfiguredCache(loaded, { logger, metrics }),
    codecs: createCodecs(share?.processes),
    exactLoader: createExactLoader(),
    // One tells them for all.
    isQuietAboutPresets: share !== undefined && share.index > 1,
  };
  let services = await createServices(loaded, parts);
  const listener = createListener({ app: createApp(services), edge: parts.edge, settings: config, logger });
  const url = await bind(listener, config, logger);
  const metricsServer = share === undefined ? await startMetricsServer(config, metrics) : undefined;
  const memoryCare = startMemoryCare({ config, queue: parts.queue, logger, release: bindMemoryRelease() });
  supervisor.started(url);
  lines.gather();
  // However the process ends by its own doing, an uncaught fault included, it tells what it knows.
  process.once("exit", lines.release);

  return {
    url,
    metrics,
    async reload() {
      supervisor.reloading();
      try {
        const next = await readSettings(input);
        const old = services;
        services = await createServices(next, parts);
        listener.replaceApp(createApp(services));
        // Requests that began with the old sources end with them, within the time that a request has.
        setTimeout(() => void closeSources(old), old.config.timeoutSeconds * 1000).unref();
        logger.log("info", "Reloaded the configuration");
        return true;
      } catch (thrown) {
        logger.log("error", "The configuration is not reloaded, the old one stays", {
          error: toAppError(thrown).message,
        });
        return false;
      } finally {
        supervisor.reloaded();
      }
    },
    async stop() {
      supervisor.stopping(config.gracefulStopTimeoutSeconds);
      logger.log("info", "Shutting down the server...");
      const graceEnds = performance.now() + config.gracefulStopTimeoutSeconds * 1000;
      await listener.stop(config.gracefulStopTimeoutSeconds);
      memoryCare.stop();
      await metricsServer?.stop(0);
      await closeSources(services);
      await parts.results?.close();
      await parts.codecs.close();
      await telemetry.close(Math.max(graceEnds - performance.now(), LEAST_FLUSH_MS));
      process.off("exit", lines.release);
      lines.release();
      supervisor.stopped();
    },
  };
}

async function closeSources({ sources }: Services): Promise<void> {
  for (const source of new Set(sources.values())) await source.close?.();
}

async function bind(listener: Listener, config: Config, logger: Logger): Promise<string> {
  const address = listenAddress(config);
  try {
    const isShared = "reusePort" in address && address.reusePort === true;
    const port = await (isShared ? withSharedPort(() => listener.listen(address)) : listener.listen(address));
    const url = displayUrl(address, port, config.pathPrefix);
    logger.log("info", `Starting server at ${config.bind}`);
    return url;
  } catch (error) {
    throw error instanceof AppError ? error : listenError(error, "IMGPROXY_BIND", config.bind);
  }
}
