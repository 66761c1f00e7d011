import { bool } from "./types/text-types.ts";
import type { ValueType } from "./types/value-type.ts";

/** Names that were taken away, and the variable that does their work now. Their values are not used. */
export const RENAMED: ReadonlyMap<string, string> = new Map([
  ["IMGPROXY_WRITE_TIMEOUT", "IMGPROXY_TIMEOUT"],
  ["IMGPROXY_READ_TIMEOUT", "IMGPROXY_READ_REQUEST_TIMEOUT"],
  ["IMGPROXY_CONCURRENCY", "IMGPROXY_WORKERS"],
  ["IMGPROXY_ENABLE_WEBP_DETECTION", "IMGPROXY_AUTO_WEBP"],
  ["IMGPROXY_ENABLE_AVIF_DETECTION", "IMGPROXY_AUTO_AVIF"],
  ["IMGPROXY_OPEN_TELEMETRY_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"],
  ["IMGPROXY_OPEN_TELEMETRY_GRPC_INSECURE", "OTEL_EXPORTER_OTLP_ENDPOINT"],
  ["IMGPROXY_OPEN_TELEMETRY_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"],
  ["IMGPROXY_OPEN_TELEMETRY_CONNECTION_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"],
  ["IMGPROXY_OPEN_TELEMETRY_PROPAGATORS", "OTEL_PROPAGATORS"],
  ["IMGPROXY_OPEN_TELEMETRY_SERVICE_NAME", "OTEL_SERVICE_NAME"],
  // Printed so in imgproxy's own documentation.
  ["IMGRPOXY_SWIFT_TIMEOUT_SECONDS", "IMGPROXY_SWIFT_TIMEOUT_SECONDS"],
  ["IMGRPOXY_SWIFT_CONNECT_TIMEOUT_SECONDS", "IMGPROXY_SWIFT_CONNECT_TIMEOUT_SECONDS"],
]);

export type IgnoredVariable = {
  /** Ends the sentence "is ignored: …". */
  readonly reason: string;
  /** Where the reference refuses bad values, we do too. */
  readonly type?: ValueType<unknown>;
};

/** Variables of the reference, and of the SDK that it uses, that can have no effect here. */
export const IGNORED: ReadonlyMap<string, IgnoredVariable> = new Map<string, IgnoredVariable>([
  ["IMGPROXY_DOWNLOAD_BUFFER_SIZE", { reason: "buffers size themselves, as in imgproxy 4" }],
  ["IMGPROXY_BUFFER_POOL_CALIBRATION_THRESHOLD", { reason: "there is no buffer pool, as in imgproxy 4" }],
  ["IMGPROXY_MALLOC", { reason: "it belongs to the start script of imgproxy's container image" }],
  ["IMGPROXY_PPROF_BIND", { reason: "there is no Go profiler in this program" }],
  ["IMGPROXY_VIPS_LEAK_CHECK", { reason: "the libvips inside cannot check for leaks", type: bool }],
  ["AWS_RETRY_MODE", { reason: "requests to S3 are always tried again as in the mode standard" }],
  ["AWS_S3_DISABLE_EXPRESS_SESSION_AUTH", { reason: "directory buckets are always asked without a session" }],
  ["IMGPROXY_VIPS_CACHE_TRACE", { reason: "the libvips inside runs without an operation cache", type: bool }],
]);

/** What reads and writes variables of our name space without being configuration. */
export function isInternalName(name: string): boolean {
  return name === "IMGPROXY_TUNED_AT_START" || name.startsWith("IMGPROXY_TEST_");
}
