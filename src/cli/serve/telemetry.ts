import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "../../config/config.ts";
import { bindUnixDatagrams } from "../../native/unix-datagram.ts";
import type { LogFormat } from "../../telemetry/log-line.ts";
import type { MetricsRegistry } from "../../telemetry/metrics.ts";
import { startReporters } from "../../telemetry/reports/start-reporters.ts";
import { teeLogger } from "../../telemetry/tee-logger.ts";
import type { ErrorReporter, Logger, RequestTracer } from "../../telemetry/types.ts";
import { startMetricSenders } from "./metric-senders.ts";

export type TelemetryParts = {
  readonly config: Config;
  readonly metrics: MetricsRegistry;
  /** Writes to the standard output. */
  readonly logger: Logger;
  /** Its form of lines. */
  readonly logFormat: LogFormat;
  readonly version: string;
};

/** What tells others how the server does, for as long as it lives. */
export type Telemetry = {
  /** Leads to everything that takes log lines. */
  readonly logger: Logger;
  /** Undefined when no tracing system is turned on. */
  readonly tracer: RequestTracer | undefined;
  /** Undefined when no service that collects errors is set up. */
  readonly reporter: ErrorReporter | undefined;
  /** Sends what has been gathered, for so long at most. Never throws. */
  close(timeoutMs: number): Promise<void>;
};

/** Something that was turned on. */
type Part = { close(timeoutMs: number): Promise<void> | void };

/**
 * Starts what the configuration turns on, and loads nothing else: each of these brings a library of its own.
 * Throws `AppError("config")` for settings that cannot be meant.
 */
export async function startTelemetry(given: TelemetryParts): Promise<Telemetry> {
  const { config, metrics, version } = given;
  const parts: Part[] = [];
  const add = <P extends Part>(part: P): P => {
    parts.push(part);
    return part;
  };
  const loggers = [given.logger];
  // What watches exports must not be exported itself.
  const own = { logger: given.logger, version };
  if (config.syslogEnable) {
    const { openSyslogLogger } = await import("../../telemetry/syslog/syslog-logger.ts");
    const datagrams = bindUnixDatagrams();
    loggers.push(add(await openSyslogLogger(config, { ...own, datagrams, format: given.logFormat })).logger);
  }
  let tracer: RequestTracer | undefined;
  if (config.openTelemetryEnable || config.newRelicKey !== "" || config.datadogEnable) {
    const { startTracing } = await import("../../telemetry/tracing/start-tracing.ts");
    tracer = add(await startTracing(config, own)).tracer;
  }
  if (config.openTelemetryEnable && config.openTelemetryEnableLogs) {
    const { startLogExport } = await import("../../telemetry/otlp/log-export.ts");
    loggers.push(add(await startLogExport(config, own)).logger);
  }
  const reporter = await startReporters(config, own);
  if (reporter !== undefined) add(reporter);
  parts.push(...(await startMetricSenders(config, { ...own, metrics })));
  return {
    logger: loggers.length === 1 ? given.logger : teeLogger(loggers),
    tracer,
    reporter,
    async close(timeoutMs) {
      const closed = Promise.allSettled(parts.map(async (part) => part.close(timeoutMs)));
      await Promise.race([closed, sleep(timeoutMs, undefined, { ref: false })]);
    },
  };
}
