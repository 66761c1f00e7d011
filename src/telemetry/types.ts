export type LogLevel = "debug" | "info" | "warn" | "error" | "critical";
export type LogValue = string | number | boolean | undefined | LogFields;
/** A record in a record is a group: `{ … }`, a nested object or dotted names, by format. Undefined is left out. */
export type LogFields = { readonly [name: string]: LogValue };

/** Writes log lines. Fields must hold no secret. */
export interface Logger {
  log(level: LogLevel, message: string, fields?: LogFields): void;
}

/** A logger that says nothing, for tests and one-off commands. */
export const silentLogger: Logger = { log: () => undefined };

/** A monotonically growing number with optional labels. */
export interface Counter {
  add(value: number, labels?: Readonly<Record<string, string>>): void;
}
/** A distribution of seconds or bytes. */
export interface Histogram {
  observe(value: number, labels?: Readonly<Record<string, string>>): void;
}
/** A value that is read when somebody asks for the metrics. */
export interface Gauge {
  set(value: number, labels?: Readonly<Record<string, string>>): void;
}

/** Where rooms register what they measure. Names are without the namespace, which those beginning with `process_` never get. */
export interface Metrics {
  /** With `read`, a number that something else counts. */
  counter(name: string, help: string, read?: () => number): Counter;
  histogram(name: string, help: string, buckets: readonly number[]): Histogram;
  gauge(name: string, help: string, read?: () => number): Gauge;
}

const ignore = { add: () => undefined, observe: () => undefined, set: () => undefined };
/** Metrics that go nowhere. */
export const noMetrics: Metrics = { counter: () => ignore, histogram: () => ignore, gauge: () => ignore };
