import {
  type Attributes,
  type Context,
  type Logger as RecordEmitter,
  ROOT_CONTEXT,
  SeverityNumber,
  TraceFlags,
  trace,
} from "@opentelemetry/api";
import { LOG_LEVEL_RANKS } from "../logger.ts";
import type { LogFields, Logger, LogLevel } from "../types.ts";

/** OpenTelemetry's number and the reference's name of each level. */
const SEVERITIES: Readonly<Record<LogLevel, readonly [SeverityNumber, string]>> = {
  debug: [SeverityNumber.DEBUG, "DEBUG"],
  info: [SeverityNumber.INFO, "INFO"],
  warn: [SeverityNumber.WARN, "WARNING"],
  error: [SeverityNumber.ERROR, "ERROR"],
  critical: [SeverityNumber.FATAL, "CRITICAL"],
};

/** A logger whose lines become OpenTelemetry's log records, as parts of the trace that their fields name. */
export function createRecordLogger(emitter: RecordEmitter, level: LogLevel): Logger {
  return {
    wants: (at) => LOG_LEVEL_RANKS[at] >= LOG_LEVEL_RANKS[level],
    log(at, message, fields = {}) {
      if (LOG_LEVEL_RANKS[at] < LOG_LEVEL_RANKS[level]) return;
      const [severityNumber, severityText] = SEVERITIES[at];
      const { trace_id, span_id, ...others } = fields;
      emitter.emit({
        severityNumber,
        severityText,
        body: message,
        attributes: definedFields(others),
        context: contextOf(trace_id, span_id),
      });
    },
  };
}

function definedFields(fields: LogFields): Attributes {
  const entries = Object.entries(fields).flatMap(([name, value]) => {
    if (value === undefined) return [];
    return [[name, typeof value === "object" ? definedFields(value) : value]];
  });
  return Object.fromEntries(entries);
}

function contextOf(traceId: LogFields[string], spanId: LogFields[string]): Context {
  if (typeof traceId !== "string" || typeof spanId !== "string") return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: TraceFlags.SAMPLED });
}
