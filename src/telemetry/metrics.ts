import type { Counter, Gauge, Histogram, Metrics } from "./types.ts";

type Labels = Readonly<Record<string, string>>;

/** One label set of a metric and what was counted under it. */
export type MetricPoint<T> = { readonly labels: Labels; readonly value: T };

/** `counts` has one number more than the metric has bounds, for what lies above the last; they are not running totals. */
export type Distribution = { readonly counts: readonly number[]; readonly sum: number };

/** A metric as it stands. `name` is without the namespace. */
export type MetricSnapshot = { readonly name: string; readonly help: string } & (
  | { readonly type: "counter" | "gauge"; readonly points: readonly MetricPoint<number>[] }
  | {
      readonly type: "histogram";
      readonly bounds: readonly number[];
      readonly points: readonly MetricPoint<Distribution>[];
    }
);

/** Where those who send metrics elsewhere find them. */
export interface MetricsSource {
  /** All metrics as they stand. Never rejects. */
  snapshot(): readonly MetricSnapshot[] | Promise<readonly MetricSnapshot[]>;
}

/** A registry of this process's metrics and their exposition. */
export interface MetricsRegistry extends Metrics, MetricsSource {
  /** The Prometheus text format 0.0.4. */
  render(): string;
  snapshot(): readonly MetricSnapshot[];
}

/** `Content-Type` of `renderMetrics`. */
export const METRICS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores";

/** Label sets kept per metric; further ones are counted under `other`, so that no input can fill the memory. */
const MAX_SERIES = 200;

/**
 * A registry of our own instead of prom-client: counting costs one Map look-up and no allocation beyond the label text,
 * and what we need of the text format fits this file. A metric registered twice is the same metric.
 */
export function createMetrics(namespace: string): MetricsRegistry {
  const families = new Map<string, Made<Counter | Gauge | Histogram>>();

  function register<T extends Counter | Gauge | Histogram>(name: string, make: () => Made<T>): T {
    const known = families.get(name);
    // Safe: a name is registered with one kind of instrument; asking for another kind is a fault of ours that types cannot show.
    if (known) return known.instrument as T;
    const made = make();
    families.set(name, made);
    return made.instrument;
  }

  const snapshot = () => [...families.values()].map((family) => family.snapshot());
  return {
    counter: (name, help, read) => register(name, () => makeCounter(name, help, read)),
    gauge: (name, help, read) => register(name, () => makeGauge(name, help, read)),
    histogram: (name, help, buckets) => register(name, () => makeHistogram(name, help, buckets)),
    snapshot,
    render: () => renderMetrics(snapshot(), namespace),
  };
}

/** The Prometheus text format 0.0.4; only names that begin with `process_` go without the namespace. */
export function renderMetrics(metrics: readonly MetricSnapshot[], namespace: string): string {
  return metrics.map((metric) => renderMetric(metric, metric.name.startsWith("process_") ? "" : namespace)).join("");
}

type Made<T> = { readonly instrument: T; snapshot(): MetricSnapshot };

function makeCounter(name: string, help: string, read: (() => number) | undefined): Made<Counter> {
  const series = new SeriesTable(() => ({ value: 0 }));
  return {
    instrument: {
      add(value, labels) {
        series.of(labels).value += value;
      },
    },
    snapshot: () => ({ name, help, type: "counter", points: currentPoints(series, read) }),
  };
}

function makeGauge(name: string, help: string, read: (() => number) | undefined): Made<Gauge> {
  const series = new SeriesTable(() => ({ value: 0 }));
  return {
    instrument: {
      set(value, labels) {
        series.of(labels).value = value;
      },
    },
    snapshot: () => ({ name, help, type: "gauge", points: currentPoints(series, read) }),
  };
}

/** Plain values, of which a reader may bring the one without labels up to date. */
function currentPoints(
  series: SeriesTable<{ value: number }>,
  read: (() => number) | undefined,
): readonly MetricPoint<number>[] {
  if (read !== undefined) series.of(undefined).value = read();
  return series.points(({ value }) => value);
}

function makeHistogram(name: string, help: string, bounds: readonly number[]): Made<Histogram> {
  const series = new SeriesTable(() => ({ counts: Array<number>(bounds.length + 1).fill(0), sum: 0 }));
  return {
    instrument: {
      observe(value, labels) {
        const distribution = series.of(labels);
        const index = bounds.findIndex((bound) => value <= bound);
        const slot = index < 0 ? bounds.length : index;
        distribution.counts[slot] = (distribution.counts[slot] ?? 0) + 1;
        distribution.sum += value;
      },
    },
    snapshot: () => ({
      name,
      help,
      type: "histogram",
      bounds,
      points: series.points(({ counts, sum }) => ({ counts: [...counts], sum })),
    }),
  };
}

/** What is counted under each label set of a metric; no more sets than the bound. */
class SeriesTable<State> {
  readonly #all = new Map<string, { readonly labels: Labels; readonly state: State }>();
  /** What the very same record stood for: whoever counts in every request hands in the record that it handed in before. */
  readonly #byRecord = new WeakMap<Labels, State>();
  readonly #begin: () => State;

  constructor(begin: () => State) {
    this.#begin = begin;
  }

  of(labels: Labels = NO_LABELS): State {
    const known = this.#byRecord.get(labels);
    if (known !== undefined) return known;
    const state = this.#find(labels);
    this.#byRecord.set(labels, state);
    return state;
  }

  points<T>(read: (state: State) => T): readonly MetricPoint<T>[] {
    return [...this.#all.values()].map(({ labels, state }) => ({ labels, value: read(state) }));
  }

  #find(labels: Labels): State {
    const known = this.#all.get(labelText(labels));
    if (known !== undefined) return known.state;
    return this.#add(this.#all.size < MAX_SERIES ? labels : overflow(labels));
  }

  #add(labels: Labels): State {
    const text = labelText(labels);
    const known = this.#all.get(text);
    if (known !== undefined) return known.state;
    const state = this.#begin();
    this.#all.set(text, { labels, state });
    return state;
  }
}

const NO_LABELS: Labels = {};
const PLAIN = /^[\w .:/-]*$/;

function overflow(labels: Labels): Labels {
  return Object.fromEntries(Object.keys(labels).map((name) => [name, "other"]));
}

/** The labels as the exposition writes them, which is also the key of the series. */
function labelText(labels: Labels): string {
  if (labels === NO_LABELS) return "";
  const entries = Object.entries(labels);
  const [first] = entries;
  // One label that needs no escaping is nearly every call, and some are made for every answer out of memory.
  if (first !== undefined && entries.length === 1 && PLAIN.test(first[1])) return `${first[0]}="${first[1]}"`;
  return entries.map(([name, value]) => `${name}="${escapeLabel(value)}"`).join(",");
}

function escapeLabel(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function renderMetric(metric: MetricSnapshot, namespace: string): string {
  const { help, type } = metric;
  const name = namespace === "" ? metric.name : `${namespace}_${metric.name}`;
  const lines =
    metric.type === "histogram"
      ? metric.points.flatMap(({ labels, value }) => distributionLines(name, labelText(labels), metric.bounds, value))
      : metric.points.map(({ labels, value }) => `${name}${braces(labelText(labels))} ${value}`);
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ""].join("\n");
}

function distributionLines(
  name: string,
  series: string,
  bounds: readonly number[],
  { counts, sum }: Distribution,
): string[] {
  let total = 0;
  const lines = counts.map((count, index) => {
    total += count;
    const bound = `le="${bounds[index] ?? "+Inf"}"`;
    return `${name}_bucket${braces(series === "" ? bound : `${series},${bound}`)} ${total}`;
  });
  return [...lines, `${name}_sum${braces(series)} ${sum}`, `${name}_count${braces(series)} ${total}`];
}

function braces(series: string): string {
  return series === "" ? "" : `{${series}}`;
}
