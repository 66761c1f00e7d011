import type { Counter, Gauge, Histogram, Metrics } from "./types.ts";

type Labels = Readonly<Record<string, string>>;
type Family = { readonly name: string; readonly help: string; readonly type: string; lines(): string[] };

/** A registry of this server's metrics and their exposition. */
export interface MetricsRegistry extends Metrics {
  /** The Prometheus text format 0.0.4. */
  render(): string;
}

/** `Content-Type` of `render()`. */
export const METRICS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores";

/** Label sets kept per metric; further ones are counted under `other`, so that no input can fill the memory. */
const MAX_SERIES = 200;

/**
 * A registry of our own instead of prom-client: counting costs one Map look-up and no allocation beyond the label text,
 * and what we need of the text format fits this file. A metric registered twice is the same metric.
 */
export function createMetrics(namespace: string): MetricsRegistry {
  const families = new Map<string, { readonly family: Family; readonly instrument: Counter | Gauge | Histogram }>();

  function register<T extends Counter | Gauge | Histogram>(
    name: string,
    help: string,
    make: (fullName: string) => Made<T>,
  ): T {
    const fullName = namespace === "" || name.startsWith("process_") ? name : `${namespace}_${name}`;
    const known = families.get(fullName);
    // Safe: a name is registered with one kind of instrument; asking for another kind is a fault of ours that types cannot show.
    if (known) return known.instrument as T;
    const { instrument, lines, type } = make(fullName);
    families.set(fullName, { instrument, family: { name: fullName, help, type, lines } });
    return instrument;
  }

  return {
    counter: (name, help, read) => register(name, help, (fullName) => makeCounter(fullName, read)),
    gauge: (name, help, read) => register(name, help, (fullName) => makeGauge(fullName, read)),
    histogram: (name, help, buckets) => register(name, help, (fullName) => makeHistogram(fullName, buckets)),
    render() {
      const sections = [...families.values()].map(({ family }) =>
        [`# HELP ${family.name} ${family.help}`, `# TYPE ${family.name} ${family.type}`, ...family.lines(), ""].join(
          "\n",
        ),
      );
      return sections.join("");
    },
  };
}

type Made<T> = { readonly instrument: T; readonly type: string; lines(): string[] };

function makeCounter(name: string, read: (() => number) | undefined): Made<Counter> {
  const values = new Map<string, number>();
  return {
    type: "counter",
    instrument: {
      add(value, labels) {
        const series = seriesOf(values, labels);
        values.set(series, (values.get(series) ?? 0) + value);
      },
    },
    lines: () => currentLines(name, values, read),
  };
}

/** The lines of plain values, of which a reader may bring the one without labels up to date. */
function currentLines(name: string, values: Map<string, number>, read: (() => number) | undefined): string[] {
  if (read !== undefined) values.set("", read());
  return [...values].map(([series, value]) => `${name}${braces(series)} ${value}`);
}

function makeGauge(name: string, read: (() => number) | undefined): Made<Gauge> {
  const values = new Map<string, number>();
  return {
    type: "gauge",
    instrument: { set: (value, labels) => void values.set(seriesOf(values, labels), value) },
    lines: () => currentLines(name, values, read),
  };
}

function makeHistogram(name: string, buckets: readonly number[]): Made<Histogram> {
  const all = new Map<string, Distribution>();
  return {
    type: "histogram",
    instrument: {
      observe(value, labels) {
        const series = seriesOf(all, labels);
        let distribution = all.get(series);
        if (distribution === undefined) {
          distribution = { counts: Array<number>(buckets.length + 1).fill(0), sum: 0 };
          all.set(series, distribution);
        }
        const index = buckets.findIndex((bound) => value <= bound);
        const slot = index < 0 ? buckets.length : index;
        distribution.counts[slot] = (distribution.counts[slot] ?? 0) + 1;
        distribution.sum += value;
      },
    },
    lines: () => [...all].flatMap(([series, distribution]) => distributionLines(name, series, buckets, distribution)),
  };
}

type Distribution = { readonly counts: number[]; sum: number };

function distributionLines(
  name: string,
  series: string,
  buckets: readonly number[],
  { counts, sum }: Distribution,
): string[] {
  let total = 0;
  const lines = counts.map((count, index) => {
    total += count;
    const bound = `le="${buckets[index] ?? "+Inf"}"`;
    return `${name}_bucket${braces(series === "" ? bound : `${series},${bound}`)} ${total}`;
  });
  return [...lines, `${name}_sum${braces(series)} ${sum}`, `${name}_count${braces(series)} ${total}`];
}

/** The labels as the exposition writes them, which is also the key of the series. */
function seriesOf(known: ReadonlyMap<string, unknown>, labels: Labels | undefined): string {
  if (labels === undefined) return "";
  const series = labelText(labels, (value) => value);
  return known.has(series) || known.size < MAX_SERIES ? series : labelText(labels, () => "other");
}

function labelText(labels: Labels, shown: (value: string) => string): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escapeLabel(shown(value))}"`)
    .join(",");
}

function escapeLabel(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function braces(series: string): string {
  return series === "" ? "" : `{${series}}`;
}
