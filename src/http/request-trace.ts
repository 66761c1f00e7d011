import type { AppError } from "../errors.ts";
import type { ProcessingOptions } from "../options/types.ts";
import type { RenderedImage } from "../pipeline/types.ts";
import type { SourceUrl } from "../source/types.ts";

/** The stages of an image request, in order. */
export type Stage = "cache" | "queue" | "download" | "processing" | "sending";

/** What is known of an image request so far, for its log line, the metrics and Server-Timing. */
export class RequestTrace {
  readonly startedAt = performance.now();
  source: SourceUrl | undefined;
  options: ProcessingOptions | undefined;
  sourceBytes: number | undefined;
  rendered: Omit<RenderedImage, "bytes"> | undefined;
  resultBytes: number | undefined;
  /** How the result came: kept, shared, made; undefined where results are not kept. */
  via: string | undefined;
  /** Why there is no image, or why it is the fallback. */
  error: AppError | undefined;
  readonly #stages = new Map<Stage, number>();

  /** Milliseconds a stage has taken, also when it fails. */
  async measure<T>(stage: Stage, work: () => Promise<T>): Promise<T> {
    const since = performance.now();
    try {
      return await work();
    } finally {
      this.#stages.set(stage, (this.#stages.get(stage) ?? 0) + performance.now() - since);
    }
  }

  get stages(): ReadonlyMap<Stage, number> {
    return this.#stages;
  }

  /** Milliseconds since the request came. */
  get elapsedMs(): number {
    return performance.now() - this.startedAt;
  }
}
