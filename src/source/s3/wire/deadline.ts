import { AppError, toAppError } from "../../../errors.ts";

/**
 * The one time limit of a download, over credentials, detours, tries and body, joined with the signal of whoever asked.
 * `dispose` once nothing waits for it any more; a disposed deadline never fires.
 */
export class Deadline {
  readonly #asked: AbortSignal;
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #endsAt: number;
  readonly #onAskedAbort = () => this.#fire(this.#asked.reason);
  #attempt: AbortController | undefined;
  #reason: { readonly thrown: unknown } | undefined;
  #waiting: ((error: AppError) => void) | undefined;

  constructor(asked: AbortSignal, limitMs: number) {
    this.#asked = asked;
    this.#endsAt = performance.now() + limitMs;
    this.#timer = setTimeout(() => this.#fire(tooLate(limitMs)), limitMs);
    if (asked.aborted) this.#onAskedAbort();
    else asked.addEventListener("abort", this.#onAskedAbort);
  }

  get hasFired(): boolean {
    return this.#reason !== undefined;
  }

  get remainingMs(): number {
    return Math.max(0, this.#endsAt - performance.now());
  }

  /** Why it fired, as an error to throw: the asker's own reason, or `source_timeout`. */
  get error(): AppError {
    const thrown = this.#reason?.thrown;
    if (thrown instanceof AppError) return thrown;
    return toAppError(thrown, thrown instanceof Error && thrown.name === "TimeoutError" ? "timeout" : "cancelled");
  }

  /**
   * A controller for the next request, aborted when the deadline fires; one request is under way at a time. One controller with
   * one signal for each request costs a third of joining signals with `AbortSignal.any`.
   */
  newAttempt(): AbortController {
    const attempt = new AbortController();
    if (this.#reason !== undefined) attempt.abort(this.error);
    this.#attempt = attempt;
    return attempt;
  }

  /** Waits for a promise that does not know about the deadline, one at a time; throws `error` when it fires first. */
  async race<T>(promise: Promise<T>): Promise<T> {
    if (this.#reason !== undefined) throw this.error;
    const { promise: fired, reject } = Promise.withResolvers<never>();
    this.#waiting = reject;
    try {
      return await Promise.race([promise, fired]);
    } finally {
      this.#waiting = undefined;
    }
  }

  /** Waits; throws `error` when the deadline fires meanwhile. */
  async pause(ms: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      await this.race(
        new Promise<void>((resolve) => {
          timer = setTimeout(resolve, ms);
        }),
      );
    } finally {
      clearTimeout(timer);
    }
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#asked.removeEventListener("abort", this.#onAskedAbort);
  }

  #fire(thrown: unknown): void {
    if (this.#reason !== undefined) return;
    this.#reason = { thrown };
    this.dispose();
    this.#attempt?.abort(this.error);
    this.#waiting?.(this.error);
  }
}

function tooLate(limitMs: number): AppError {
  return new AppError("source_timeout", `can't download source image: nothing complete within ${limitMs / 1000} s`, {
    hint: "Raise IMGPROXY_DOWNLOAD_TIMEOUT if the store is slow but alive.",
  });
}
