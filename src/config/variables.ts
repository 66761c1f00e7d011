import type { Variable } from "./variable.ts";
import { CACHE_VARIABLES } from "./variables/cache.ts";
import { CLOUD_VARIABLES } from "./variables/clouds.ts";
import { CUSTOM_HEADER_VARIABLES } from "./variables/custom-headers.ts";
import { COOKIE_VARIABLES, HEADER_VARIABLES } from "./variables/headers.ts";
import {
  COMPRESSION_VARIABLES,
  FALLBACK_VARIABLES,
  FORMAT_VARIABLES,
  PROCESSING_VARIABLES,
  WATERMARK_VARIABLES,
} from "./variables/images.ts";
import {
  LOGGING_VARIABLES,
  OPEN_TELEMETRY_VARIABLES,
  PROMETHEUS_VARIABLES,
  REPORTING_VARIABLES,
  VENDOR_VARIABLES,
} from "./variables/monitoring.ts";
import { AWS_VARIABLES, S3_VARIABLES } from "./variables/s3.ts";
import { SECURITY_VARIABLES } from "./variables/security.ts";
import { SERVER_VARIABLES } from "./variables/server.ts";
import { DOWNLOAD_VARIABLES } from "./variables/sources.ts";
import { STARTUP_VARIABLES } from "./variables/startup.ts";
import { URL_VARIABLES } from "./variables/urls.ts";

/**
 * Every variable the program knows, by property of `Config`: the name without `IMGPROXY_` in camel case, with the unit
 * at the end where the type does not say it.
 */
export const VARIABLES = {
  ...SERVER_VARIABLES,
  ...SECURITY_VARIABLES,
  ...URL_VARIABLES,
  ...DOWNLOAD_VARIABLES,
  ...S3_VARIABLES,
  ...AWS_VARIABLES,
  ...CLOUD_VARIABLES,
  ...FORMAT_VARIABLES,
  ...COMPRESSION_VARIABLES,
  ...PROCESSING_VARIABLES,
  ...WATERMARK_VARIABLES,
  ...FALLBACK_VARIABLES,
  ...HEADER_VARIABLES,
  ...CUSTOM_HEADER_VARIABLES,
  ...CACHE_VARIABLES,
  ...COOKIE_VARIABLES,
  ...LOGGING_VARIABLES,
  ...PROMETHEUS_VARIABLES,
  ...OPEN_TELEMETRY_VARIABLES,
  ...VENDOR_VARIABLES,
  ...REPORTING_VARIABLES,
  ...STARTUP_VARIABLES,
};

export type ConfigKey = keyof typeof VARIABLES;

/** The values of some variables, by property. */
export type ValuesOf<Keys extends ConfigKey> = {
  readonly [Key in Keys]: (typeof VARIABLES)[Key] extends Variable<infer Value> ? Value : never;
};

export type Section = {
  readonly title: string;
  readonly keys: readonly ConfigKey[];
};

function section(title: string, rows: Partial<Record<ConfigKey, unknown>>): Section {
  // Object.keys widens to string; the parameter's type admits no other keys.
  return { title, keys: Object.keys(rows) as ConfigKey[] };
}

/** The variables in the order in which people read of them. */
export const SECTIONS: readonly Section[] = [
  section("Server", SERVER_VARIABLES),
  section("Security", SECURITY_VARIABLES),
  section("URLs and presets", URL_VARIABLES),
  section("Downloads, local files and proxies", DOWNLOAD_VARIABLES),
  section("S3", S3_VARIABLES),
  section("AWS", AWS_VARIABLES),
  section("Other object stores", CLOUD_VARIABLES),
  section("Formats", FORMAT_VARIABLES),
  section("Compression", COMPRESSION_VARIABLES),
  section("Processing", PROCESSING_VARIABLES),
  section("Watermark", WATERMARK_VARIABLES),
  section("Fallback image", FALLBACK_VARIABLES),
  section("Headers", HEADER_VARIABLES),
  section("Headers of your own", CUSTOM_HEADER_VARIABLES),
  section("Result cache", CACHE_VARIABLES),
  section("Cookies", COOKIE_VARIABLES),
  section("Logging", LOGGING_VARIABLES),
  section("Prometheus", PROMETHEUS_VARIABLES),
  section("OpenTelemetry", OPEN_TELEMETRY_VARIABLES),
  section("New Relic, Datadog, CloudWatch", VENDOR_VARIABLES),
  section("Error reporting", REPORTING_VARIABLES),
  section("Start", STARTUP_VARIABLES),
];
