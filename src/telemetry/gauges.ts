import type { MetricsSource } from "./metrics.ts";

/** The reference's gauges, which it sends to every service for metrics under names of that service's kind. */
export const SHARED_GAUGES = [
  "workers",
  "requests_in_progress",
  "images_in_progress",
  "workers_utilization",
  "vips_memory_bytes",
  "vips_max_memory_bytes",
  "vips_allocs",
] as const;

export type SharedGauge = (typeof SHARED_GAUGES)[number];

/** How often the reference sends them. */
export const GAUGE_INTERVAL_MS = 10_000;

/** The gauges as they stand; those that nobody has registered are missing. */
export async function readGauges(metrics: MetricsSource): Promise<readonly (readonly [SharedGauge, number])[]> {
  const all = new Map((await metrics.snapshot()).map((metric) => [metric.name, metric]));
  return SHARED_GAUGES.flatMap((name) => {
    const metric = all.get(name);
    const value = metric?.type === "gauge" ? metric.points[0]?.value : undefined;
    return value === undefined ? [] : [[name, value] as const];
  });
}
