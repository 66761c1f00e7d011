import type { AppError } from "../errors.ts";
import type { ProcessingOptions } from "../options/types.ts";
import type { RenderedImage } from "../pipeline/types.ts";
import type { SourceUrl } from "../source/types.ts";
import type { RequestSpan } from "../telemetry/types.ts";

/** The stages of an image request, in order. */
export type Stage = "cache" | "queue" | "download" | "processing" | "sending";

/** The reference's names of the stages, for metrics and tracing systems. */
export const SPAN_NAMES: Readonly<Record<Stage, string>> = {
  cache: "reading_cache",
  queue: "queue",
  download: "downloading_source_image",
  processing: "processing_image",
  sending: "streaming_image",
};

/** Headers that carry a trace on to a source; undefined where that is not wanted. */
export type TraceHeaders = Readonly<Record<string, string>> | undefined;

/** Adds them to what goes to a source anyway. */
export function withTraceHeaders(headers: Readonly<Record<string, string>>, traceHeaders: TraceHeaders) {
  return traceHeaders === undefined ? headers : { ...headers, ...traceHeaders };
}

/** What is known of an image request so far, for its log line, the metrics, Server-Timing and tracing systems. */
export class RequestTrace {
  readonly startedAt = performance.now();
  source: SourceUrl | undefined;
  options: ProcessingOptions | undefined;
  /** Of the URL; empty = none. */
  cachebuster = "";
  sourceBytes: number | undefined;
  rendered: Omit<RenderedImage, "bytes"> | undefined;
  resultBytes: number | undefined;
  /** How the result came: kept, shared, made; undefined where results are not kept. */
  via: string | undefined;
  /** Why there is no image, or why it is the fallback. */
  error: AppError | undefined;
  /** Of the tracing systems; undefined when there are none. */
  readonly span: RequestSpan | undefined;
  readonly #stages = new Map<Stage, number>();

  constructor(span?: RequestSpan) {
    this.span = span;
  }

  /** Notes how long a stage takes, also when it fails. */
  async measure<T>(stage: Stage, work: (traceHeaders: TraceHeaders) => Promise<T>): Promise<T> {
    const since = performance.now();
    const span = this.span?.startStage(SPAN_NAMES[stage]);
    try {
      const result = await work(span?.sourceHeaders);
      span?.end();
      return result;
    } catch (error) {
      span?.end(error);
      throw error;
    } finally {
      this.add(stage, performance.now() - since);
    }
  }

  /** Notes how long a stage has taken that nobody follows. */
  add(stage: Stage, ms: number): void {
    this.#stages.set(stage, (this.#stages.get(stage) ?? 0) + ms);
  }

  get stages(): ReadonlyMap<Stage, number> {
    return this.#stages;
  }

  /** Milliseconds since the request came. */
  get elapsedMs(): number {
    return performance.now() - this.startedAt;
  }
}
