import type { Metrics } from "../../telemetry/types.ts";

export type S3Metrics = ReturnType<typeof registerS3Metrics>;

/** Registers what the S3 source measures. */
export function registerS3Metrics(metrics: Metrics) {
  return {
    regionCacheSize: metrics.gauge("s3_region_cache_size", "Buckets whose region was learned, by store."),
    requests: metrics.counter("s3_requests_total", "Requests sent to S3, by status; 0 = no answer."),
    regionRedirects: metrics.counter("s3_region_redirects_total", "Requests repeated in another region."),
    regionProbes: metrics.counter("s3_region_probes_total", "HEAD requests that asked for a bucket's region."),
    credentialRefreshes: metrics.counter("s3_credential_refresh_total", "Attempts to get credentials, by result."),
    retries: metrics.counter("s3_retries_total", "Requests repeated in the same region, by reason."),
  };
}
