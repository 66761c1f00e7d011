import { ERROR_KINDS } from "../errors.ts";
import type { LogFields, Logger, LogLevel } from "../telemetry/types.ts";
import { errorStack } from "./error-answer.ts";
import { maskUserInfo } from "./log-masking.ts";
import type { OptionsDescriber } from "./options-log.ts";
import type { RequestTrace, Stage } from "./request-trace.ts";

export type CompletedRequest = {
  readonly requestId: string;
  readonly method: string;
  /** Without secrets. */
  readonly target: string;
  readonly clientIp: string;
  readonly status: number;
  readonly trace: RequestTrace;
};

/** Writes the line of a finished request. */
export type RequestLog = (request: CompletedRequest) => void;

/** One line a request, with what is needed to see why it was slow or failed. */
export function compileRequestLog(logger: Logger, describeOptions: OptionsDescriber): RequestLog {
  return (request) => logCompleted(logger, request, describeOptions);
}

function logCompleted(logger: Logger, request: CompletedRequest, describeOptions: OptionsDescriber): void {
  const { requestId, method, target, clientIp, status, trace } = request;
  const { error } = trace;
  const level = levelOf(status, trace);
  if (logger.wants?.(level) === false) return;
  const { source, rendered, options } = trace;
  // What is not known is left out. Until the URL is read there is no image to speak of.
  const image = source === undefined ? undefined : trace;
  logger.log(level, `Completed in ${formatDuration(trace.elapsedMs)} ${target}`, {
    request_id: requestId,
    method,
    status,
    client_ip: clientIp,
    trace_id: trace.span?.traceId,
    span_id: trace.span?.spanId,
    image_url: source && maskUserInfo(source),
    source_host: source && hostOf(source),
    source_bytes: image?.sourceBytes,
    source_size: rendered && `${rendered.sourceWidth}x${rendered.sourceHeight}`,
    result_size: rendered && `${rendered.width}x${rendered.height}`,
    result_bytes: image?.resultBytes,
    cache: image?.via,
    cache_ms: stageMs(image, "cache"),
    queue_ms: stageMs(image, "queue"),
    download_ms: stageMs(image, "download"),
    processing_ms: stageMs(image, "processing"),
    sending_ms: stageMs(image, "sending"),
    processing_options: options && withFormat(describeOptions(options, trace.cachebuster), rendered),
    error: error?.message,
    hint: error?.hint,
    stack: level === "error" ? errorStack(error) : undefined,
  });
}

/** A client that left is no fault of anybody's; the rest goes by the status, or by the error behind a fallback. */
function levelOf(status: number, { error }: RequestTrace): LogLevel {
  if (error !== undefined && error.kind === "cancelled") return ERROR_KINDS.cancelled.logLevel;
  const worst = Math.max(status, error?.status ?? 0);
  if (worst >= 500) return "error";
  return status >= 400 ? "warn" : "info";
}

/** To the hundredth. */
function stageMs(trace: RequestTrace | undefined, stage: Stage): number | undefined {
  const ms = trace?.stages.get(stage);
  return ms === undefined ? undefined : Math.round(ms * 100) / 100;
}

/** With the format that was chosen, asked for or not. */
function withFormat(described: LogFields, rendered: RequestTrace["rendered"]): LogFields {
  return rendered === undefined ? described : { ...described, format: rendered.format };
}

/** `bucket` of `s3://bucket/key`, host and port of an HTTP URL, nothing for a local file. */
function hostOf(source: string): string | undefined {
  const host = /^[^/?#]*:\/\/(?:[^/?#@]*@)?([^/?#]*)/.exec(source)?.[1];
  return host || undefined;
}

/** As Go writes durations, which log pipelines of the reference parse: `951.269µs`, `5.93ms`, `1.003s`. */
export function formatDuration(ms: number): string {
  if (ms < 1) return `${Number((ms * 1000).toFixed(3))}µs`;
  return ms < 1000 ? `${Number(ms.toFixed(6))}ms` : `${Number((ms / 1000).toFixed(9))}s`;
}
