import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "../../config/config.ts";
import { bindUnixDatagrams } from "../../native/unix-datagram.ts";
import type { LogFormat } from "../../telemetry/log-line.ts";
import type { MetricsRegistry, MetricsSource } from "../../telemetry/metrics.ts";
import { registerProcessMetrics, type VipsMemory } from "../../telemetry/process-metrics.ts";
import { startReporters } from "../../telemetry/reports/start-reporters.ts";
import { teeLogger } from "../../telemetry/tee-logger.ts";
import type { ErrorReporter, Logger, RequestTracer } from "../../telemetry/types.ts";
import { markedLogger } from "./marked-logger.ts";
import { areMetricsSeen, startMetricSenders } from "./metric-senders.ts";

/** So long telemetry may take to send its last, even when requests have used up the grace time. */
export const LEAST_FLUSH_MS = 1000;

export type TelemetryParts = {
  readonly config: Config;
  /** Those of this process. */
  readonly metrics: MetricsRegistry;
  /** Those to be sent elsewhere; undefined = none from here. */
  readonly sent: MetricsSource | undefined;
  /** Whether there are requests here to be traced, and errors of theirs to be reported. */
  readonly hasRequests: boolean;
  /** Writes to the standard output. */
  readonly logger: Logger;
  /** Its form of lines. */
  readonly logFormat: LogFormat;
  readonly version: string;
  /** Which process of the server this is, as its log lines and traces say; undefined = the only one. */
  readonly process?: string | undefined;
  /** How to ask for the memory of libvips; called when somebody gets to see it. */
  readonly bindVips: () => () => VipsMemory;
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
  const { config, metrics, version, process } = given;
  const marked = (logger: Logger) => (process === undefined ? logger : markedLogger(logger, process));
  const parts: Part[] = [];
  const add = <P extends Part>(part: P): P => {
    parts.push(part);
    return part;
  };
  const loggers = [given.logger];
  // What watches exports must not be exported itself.
  const own = { logger: marked(given.logger), version, instance: process };
  if (config.syslogEnable) {
    const { openSyslogLogger } = await import("../../telemetry/syslog/syslog-logger.ts");
    const datagrams = bindUnixDatagrams();
    loggers.push(add(await openSyslogLogger(config, { ...own, datagrams, format: given.logFormat })).logger);
  }
  let tracer: RequestTracer | undefined;
  if (given.hasRequests && (config.openTelemetryEnable || config.newRelicKey !== "" || config.datadogEnable)) {
    const { startTracing } = await import("../../telemetry/tracing/start-tracing.ts");
    tracer = add(await startTracing(config, own)).tracer;
  }
  if (config.openTelemetryEnable && config.openTelemetryEnableLogs) {
    const { startLogExport } = await import("../../telemetry/otlp/log-export.ts");
    loggers.push(add(await startLogExport(config, own)).logger);
  }
  const reporter = given.hasRequests ? await startReporters(config, own) : undefined;
  if (reporter !== undefined) add(reporter);
  if (given.sent !== undefined) parts.push(...(await startMetricSenders(config, { ...own, metrics: given.sent })));
  if (areMetricsSeen(config)) {
    const processMetrics = registerProcessMetrics(metrics, given.bindVips());
    parts.push({ close: () => processMetrics.stop() });
  }
  return {
    logger: marked(loggers.length === 1 ? given.logger : teeLogger(loggers)),
    tracer,
    reporter,
    async close(timeoutMs) {
      const closed = Promise.allSettled(parts.map(async (part) => part.close(timeoutMs)));
      await Promise.race([closed, sleep(timeoutMs, undefined, { ref: false })]);
    },
  };
}
