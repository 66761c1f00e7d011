import type { AppError } from "../errors.ts";

export type LogLevel = "debug" | "info" | "warn" | "error" | "critical";
export type LogValue = string | number | boolean | undefined | LogFields;
/** A record in a record is a group: `{ … }`, a nested object or dotted names, by format. Undefined is left out. */
export type LogFields = { readonly [name: string]: LogValue };

/** Writes log lines. Fields must hold no secret. */
export interface Logger {
  log(level: LogLevel, message: string, fields?: LogFields): void;
  /** Whether anything is done with lines of a level; absent = yes. For those to whom a line costs much. */
  wants?(level: LogLevel): boolean;
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

/** What a tracing system is told when a request comes. Nothing in it may hold a secret. */
export type TracedRequest = {
  readonly method: string;
  /** As it is shown in the log. */
  readonly target: string;
  /** The client's, with the trace that it belongs to, if any. */
  readonly headers: Headers;
  readonly clientIp: string;
  readonly requestId: string;
};

/** What it is told when the request is over. */
export type TracedOutcome = {
  readonly status: number;
  readonly error: AppError | undefined;
  /** Without user and password. */
  readonly sourceUrl: string | undefined;
  /** Options that differ from the defaults, by name. */
  readonly options: LogFields | undefined;
};

/** Follows requests for a tracing system. */
export interface RequestTracer {
  startRequest(request: TracedRequest): RequestSpan;
}

/** A request that is followed. */
export interface RequestSpan {
  /** 32 and 16 hexadecimal digits, for log lines. */
  readonly traceId: string;
  readonly spanId: string;
  startStage(name: string): StageSpan;
  end(outcome: TracedOutcome): void;
}

/** A stage of a request that is followed. */
export interface StageSpan {
  /** Carry the trace on to a source; lower-case names. Undefined when the sources are not to know of it. */
  readonly sourceHeaders: Readonly<Record<string, string>> | undefined;
  end(error?: unknown): void;
}

/** An error worth telling a service that collects them. Nothing in it may hold a secret. */
export type ErrorReport = {
  readonly error: AppError;
  readonly requestId: string;
  readonly sourceUrl: string | undefined;
  /** Options that differ from the defaults, by name. */
  readonly options: LogFields | undefined;
};

/** Tells a service of errors. */
export interface ErrorReporter {
  /** Never throws and never waits. */
  report(report: ErrorReport): void;
  /** Waits for what is on its way, for so long at most. */
  close(timeoutMs: number): Promise<void>;
}
