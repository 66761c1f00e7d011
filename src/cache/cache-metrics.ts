import type { Metrics } from "../telemetry/types.ts";

/** What is counted of results; everything that counts by layer has the label `layer`. */
export type CacheMetrics = ReturnType<typeof registerCacheMetrics>;

/** Registers what is counted. Hits and misses have the names of the reference's paid edition. */
export function registerCacheMetrics(metrics: Metrics) {
  return {
    hits: metrics.counter("cache_hits_total", "Results found, by layer."),
    misses: metrics.counter("cache_misses_total", "Results that no layer had."),
    revalidations: metrics.counter(
      "cache_revalidations_total",
      "Results compared with their source, by outcome: unchanged or changed.",
    ),
    evictions: metrics.counter("cache_evictions_total", "Results removed to make room, by layer."),
    readBytes: metrics.counter("cache_read_bytes_total", "Bytes of results found, by layer."),
    writtenBytes: metrics.counter("cache_written_bytes_total", "Bytes of results written, by layer."),
    droppedWrites: metrics.counter(
      "cache_dropped_writes_total",
      "Results not written because too many wait, by layer.",
    ),
    errors: metrics.counter("cache_errors_total", "Faults of a layer, by layer and kind: read, write or corrupt."),
  };
}
