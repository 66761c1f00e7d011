import { type Config, loadConfig } from "../../config/config.ts";
import { type Environment, publishEnvironment } from "../../config/environment.ts";
import { AppError, toAppError } from "../../errors.ts";
import { createApp } from "../../http/app.ts";
import { createEdge } from "../../http/edge.ts";
import { createListener, type Listener } from "../../http/listener.ts";
import type { Services } from "../../http/services.ts";
import { createWorkQueue } from "../../http/work-queue.ts";
import { BUILD_INFO } from "../../native/build-info.ts";
import { createExactLoader } from "../../native/memory-file.ts";
import { bindMemoryRelease } from "../../native/release-memory.ts";
import { withSharedPort } from "../../native/shared-port.ts";
import { configureSharp } from "../../pipeline/configure-sharp.ts";
import { createLineBuffer, type LineBuffer } from "../../telemetry/line-buffer.ts";
import { createLogger } from "../../telemetry/logger.ts";
import { createMetrics } from "../../telemetry/metrics.ts";
import type { Logger } from "../../telemetry/types.ts";
import type { Terminal } from "../command.ts";
import { createCodecs } from "./codecs.ts";
import { displayUrl, listenAddress, listenError } from "./listen-address.ts";
import { startMemoryCare } from "./memory-care.ts";
import { startMetricsServer } from "./metrics-server.ts";
import { openConfiguredCache } from "./result-cache.ts";
import { createServices, type ServicesParts } from "./services.ts";
import { createSupervisor } from "./supervisor.ts";
import { startTelemetry } from "./telemetry.ts";

/** So long telemetry may take to send its last, even when requests have used up the grace time. */
const LEAST_FLUSH_MS = 1000;

export type ServerInput = {
  /** Called at start and at every reload. */
  readonly readEnvironment: () => Environment | Promise<Environment>;
  readonly terminal: Terminal;
};

/** A server that listens. */
export type RunningServer = {
  /** `http://localhost:8080`, or `unix:/path`. */
  readonly url: string;
  /** Builds everything anew from the environment and its files; keeps what runs when that fails. Never throws. */
  reload(): Promise<void>;
  /** Lets running requests finish within IMGPROXY_GRACEFUL_STOP_TIMEOUT. */
  stop(): Promise<void>;
};

/**
 * Builds the services from the environment and listens. Throws `AppError("config")` for everything that keeps it from serving:
 * wrong variables (all at once), a taken port, images that cannot be loaded.
 */
export async function startServer(input: ServerInput): Promise<RunningServer> {
  const loaded = await readSettings(input);
  const { config } = loaded;
  const metrics = createMetrics(config.prometheusNamespace);
  const lines = createLineBuffer(input.terminal.out);
  const telemetry = await startTelemetry({
    config,
    metrics,
    ...createServerLogger(config, lines),
    version: BUILD_INFO.version,
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
    codecs: createCodecs(),
    exactLoader: createExactLoader(),
  };
  let services = await createServices(loaded, parts);
  const listener = createListener({ app: createApp(services), edge: parts.edge, settings: config, logger });
  const url = await bind(listener, config, logger);
  const metricsServer = await startMetricsServer(config, metrics);
  const memoryCare = startMemoryCare({ config, queue: parts.queue, logger, release: bindMemoryRelease() });
  supervisor.started(url);
  lines.gather();
  // However the process ends by its own doing, an uncaught fault included, it tells what it knows.
  process.once("exit", lines.release);

  return {
    url,
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
      } catch (thrown) {
        logger.log("error", "The configuration is not reloaded, the old one stays", {
          error: toAppError(thrown).message,
        });
      }
      supervisor.reloaded();
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

type Settings = { readonly config: Config; readonly warnings: readonly string[]; readonly environment: Environment };

async function readSettings({ readEnvironment }: ServerInput): Promise<Settings> {
  const environment = await readEnvironment();
  const { config, warnings } = loadConfig(environment.variables, { ...environment, version: BUILD_INFO.version });
  publishEnvironment(environment);
  return { config, warnings, environment };
}

function createServerLogger(config: Config, lines: LineBuffer) {
  const isTerminal = process.stdout.isTTY === true;
  const format = config.logFormat ?? (isTerminal ? "pretty" : "structured");
  const hasColors = isTerminal && format === "pretty";
  return { logger: createLogger({ format, level: config.logLevel, hasColors }, lines.add), logFormat: format };
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
