import type { Distribution, MetricPoint, MetricSnapshot } from "./metrics.ts";

/** How the gauges of several processes become one. */
type GaugeRule =
  | "sum"
  /** Of what all processes see alike, or where the worst one matters. */
  | "max"
  | "min"
  /** A share of the workers: a process with more of them counts for more. */
  | "mean";

/** The gauges that are no sum. */
const GAUGE_RULES: Readonly<Record<string, GaugeRule>> = {
  workers_utilization: "mean",
  event_loop_delay_p99_seconds: "max",
  // All look into the same folder, and into the same buckets.
  cache_fs_bytes: "max",
  cache_fs_results: "max",
  s3_region_cache_size: "max",
  // Each process has a limit of its own: whoever is nearest to it matters.
  process_open_fds: "max",
  process_max_fds: "min",
  process_start_time_seconds: "min",
};

/** The metrics of one process as they stand. */
export type ProcessMetrics = readonly MetricSnapshot[];

/** A metric, and how many workers the process has that it comes from. */
type Part<Metric> = { readonly metric: Metric; readonly workers: number };
type PlainMetric = Extract<MetricSnapshot, { readonly type: "counter" | "gauge" }>;
type HistogramMetric = Extract<MetricSnapshot, { readonly type: "histogram" }>;

/**
 * The metrics of several processes of one program as if it were a single process: counters and histograms are added up, gauges are
 * added up, averaged, or the largest or smallest counts, by what they mean.
 */
export function mergeMetrics(processes: readonly ProcessMetrics[]): readonly MetricSnapshot[] {
  const plain = new Map<string, Part<PlainMetric>[]>();
  const histograms = new Map<string, HistogramMetric[]>();
  const names = new Set<string>();
  for (const metrics of processes) {
    const workers = gaugeOf(metrics, "workers");
    for (const metric of metrics) {
      names.add(metric.name);
      if (metric.type === "histogram") addTo(histograms, metric.name, metric);
      else addTo(plain, metric.name, { metric, workers });
    }
  }
  return [...names].flatMap((name) => mergePlain(plain.get(name) ?? []) ?? mergeHistograms(histograms.get(name)) ?? []);
}

/** What only grows of some metrics: all that remains of a process that has ended. */
export function grownMetrics(metrics: ProcessMetrics): ProcessMetrics {
  return metrics.filter(({ type }) => type !== "gauge");
}

function addTo<Value>(lists: Map<string, Value[]>, name: string, value: Value): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [value]);
  else list.push(value);
}

function gaugeOf(metrics: ProcessMetrics, name: string): number {
  const metric = metrics.find((candidate) => candidate.name === name);
  return metric === undefined || metric.type === "histogram" ? 0 : (metric.points[0]?.value ?? 0);
}

function mergePlain(parts: readonly Part<PlainMetric>[]): PlainMetric | undefined {
  const first = parts[0]?.metric;
  if (first === undefined) return undefined;
  const rule = first.type === "counter" ? "sum" : (GAUGE_RULES[first.name] ?? "sum");
  const points = groupPoints(
    parts.flatMap(({ metric, workers }) =>
      metric.points.map(({ labels, value }) => ({ labels, value: { value, workers } })),
    ),
  );
  return { ...first, points: points.map(({ labels, value }) => ({ labels, value: mergeValues(value, rule) })) };
}

type WeightedValue = { readonly value: number; readonly workers: number };

function mergeValues(given: readonly WeightedValue[], rule: GaugeRule): number {
  const values = given.map(({ value }) => value);
  switch (rule) {
    case "sum":
      return sum(values);
    case "max":
      return Math.max(...values);
    case "min":
      return Math.min(...values);
    case "mean": {
      const workers = sum(given.map((one) => one.workers));
      return workers === 0 ? 0 : sum(given.map((one) => one.value * one.workers)) / workers;
    }
  }
}

function mergeHistograms(metrics: readonly HistogramMetric[] = []): HistogramMetric | undefined {
  const [first] = metrics;
  if (first === undefined) return undefined;
  const points = groupPoints(metrics.flatMap((metric) => metric.points));
  return { ...first, points: points.map(({ labels, value }) => ({ labels, value: addDistributions(value) })) };
}

/** Of one metric of one program, so the bounds are the same. */
function addDistributions(distributions: readonly Distribution[]): Distribution {
  const slots = distributions[0]?.counts ?? [];
  return {
    counts: slots.map((_, slot) => sum(distributions.map(({ counts }) => counts[slot] ?? 0))),
    sum: sum(distributions.map((distribution) => distribution.sum)),
  };
}

/** Brings together what was counted under the same labels, in the order in which they come. */
function groupPoints<Value>(points: readonly MetricPoint<Value>[]): MetricPoint<readonly Value[]>[] {
  const groups = new Map<string, { readonly labels: MetricPoint<Value>["labels"]; readonly value: Value[] }>();
  for (const { labels, value } of points) {
    const key = JSON.stringify(labels);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { labels, value: [value] });
    else group.value.push(value);
  }
  return [...groups.values()];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
