import { messageOf } from "../../../errors.ts";
import { BUILD_INFO } from "../../../native/build-info.ts";
import type { OwnProgram } from "../../../native/own-program.ts";
import { createMetrics, type MetricsSource } from "../../../telemetry/metrics.ts";
import { startMetricsServer } from "../metrics-server.ts";
import type { RunningServer } from "../server.ts";
import { createServerLogger } from "../server-logger.ts";
import { readSettings, type ServerInput, type Settings } from "../settings.ts";
import { holdSignals } from "../signals.ts";
import { createSupervisor } from "../supervisor.ts";
import { LEAST_FLUSH_MS, startTelemetry } from "../telemetry.ts";
import { findFreeAddress } from "./free-address.ts";
import { ProcessGroup } from "./process-group.ts";

/**
 * Starts the server as IMGPROXY_PROCESSES processes that share one port, and keeps them running. This process answers no request: it
 * reads the settings, passes the log on, adds up the metrics, and speaks to systemd. Throws `AppError` for everything that keeps
 * one of them from serving.
 */
export async function startProcessGroup(
  input: ServerInput,
  settings: Settings,
  program: OwnProgram,
): Promise<RunningServer> {
  const { config, environment, warnings } = settings;
  const bind = await findFreeAddress(config);
  const isTerminal = process.stdout.isTTY === true;
  const metrics = createMetrics(config.prometheusNamespace);
  const allMetrics: MetricsSource = { snapshot: () => group.snapshot() };
  const telemetry = await startTelemetry({
    config,
    metrics,
    sent: allMetrics,
    hasRequests: false,
    ...createServerLogger(config, { write: input.terminal.out, isTerminal }),
    version: BUILD_INFO.version,
    process: "main",
    // No image comes here.
    bindVips: () => () => ({ current: 0, high: 0 }),
  });
  const { logger } = telemetry;
  for (const warning of warnings) logger.log("warn", warning);
  const supervisor = createSupervisor(environment.variables, () => group.ping());
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => undefined);
  let url: string | undefined;
  const group = new ProcessGroup({
    ...{ config, environment, bind, program, terminal: input.terminal, isTerminal, logger, metrics },
    onChange() {
      // Before that it is not started yet.
      if (url !== undefined) supervisor.status(`serving at ${url} with ${group.serving} of ${group.size} processes`);
    },
    onGivenUp: failure.reject,
  });
  const metricsServer = await startMetricsServer(config, allMetrics);
  const close = async () => {
    await metricsServer?.stop(0);
    await telemetry.close(LEAST_FLUSH_MS);
  };
  const releaseSignals = holdSignals();
  try {
    url = await group.start();
  } catch (error) {
    await close();
    throw error;
  } finally {
    releaseSignals();
  }
  const status = `${url} with ${group.size} processes`;
  supervisor.started(status);
  logger.log("info", `Serving at ${status}`);

  async function reload(): Promise<boolean> {
    supervisor.reloading();
    try {
      const isDone = await group.reload((await readSettings(input)).environment);
      if (isDone) logger.log("info", "Reloaded the configuration of all processes");
      return isDone;
    } catch (error) {
      logger.log("error", "The configuration is not reloaded, the old one stays", { error: messageOf(error) });
      return false;
    } finally {
      supervisor.reloaded();
    }
  }

  let reloads = Promise.resolve(true);
  return {
    url,
    metrics: allMetrics,
    failed: failure.promise,
    reload() {
      // One after the other, so that all processes end with the same settings.
      reloads = reloads.then(reload);
      return reloads;
    },
    async stop() {
      supervisor.stopping(config.gracefulStopTimeoutSeconds);
      logger.log("info", "Shutting down the server...");
      await group.stop(config.gracefulStopTimeoutSeconds);
      await close();
      supervisor.stopped();
    },
  };
}
