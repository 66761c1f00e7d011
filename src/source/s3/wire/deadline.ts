import { AppError, toAppError } from "../../../errors.ts";

/**
 * The one time limit of a download, over credentials, detours, retries and body, joined with the signal of whoever asked.
 * `dispose` once nothing waits for it any more; a disposed deadline never fires.
 */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #asked: AbortSignal;
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #endsAt: number;
  readonly #onAskedAbort = () => this.#controller.abort(this.#asked.reason);

  constructor(asked: AbortSignal, limitMs: number) {
    this.#asked = asked;
    this.#endsAt = performance.now() + limitMs;
    this.#timer = setTimeout(() => this.#controller.abort(tooLate(limitMs)), limitMs);
    if (asked.aborted) this.#onAskedAbort();
    else asked.addEventListener("abort", this.#onAskedAbort);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get remainingMs(): number {
    return Math.max(0, this.#endsAt - performance.now());
  }

  /** Why it fired, as an error to throw: the asker's own reason, or `source_timeout`. */
  get error(): AppError {
    const { reason } = this.signal;
    if (reason instanceof AppError) return reason;
    return toAppError(reason, reason instanceof Error && reason.name === "TimeoutError" ? "timeout" : "cancelled");
  }

  /** Waits for a promise that does not know about the deadline; throws `error` when it fires first. */
  async race<T>(promise: Promise<T>): Promise<T> {
    if (this.signal.aborted) throw this.error;
    const { promise: fired, reject } = Promise.withResolvers<never>();
    const onAbort = () => reject(this.error);
    this.signal.addEventListener("abort", onAbort);
    try {
      return await Promise.race([promise, fired]);
    } finally {
      this.signal.removeEventListener("abort", onAbort);
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
}

function tooLate(limitMs: number): AppError {
  return new AppError("source_timeout", `can't download source image: nothing complete within ${limitMs / 1000} s`, {
    hint: "Raise IMGPROXY_DOWNLOAD_TIMEOUT if the store is slow but alive.",
  });
}
