import { AppError, toAppError } from "../../errors.ts";

/** One download's end: whichever comes first of its own time limit and the caller's signal. */
export type Deadline = {
  /** Why it ended; undefined while it runs. */
  readonly error: AppError | undefined;
  /** Calls back once, at the end or at once if it is over. One callback at a time: a later one takes the place of the earlier. */
  onEnd(callback: (error: AppError) => void): void;
  /** Lets go of the timer and the signal. */
  release(): void;
};

/** Starts the clock: `source_timeout` after `seconds`, the signal's own error when that comes first. */
export function startDeadline(seconds: number, signal: AbortSignal): Deadline {
  let error: AppError | undefined;
  let callback: ((error: AppError) => void) | undefined;
  const end = (reason: AppError) => {
    if (error !== undefined) return;
    error = reason;
    release();
    callback?.(reason);
  };
  const onAbort = () => end(toAppError(signal.reason, "cancelled"));
  const timer = setTimeout(() => {
    end(
      new AppError(
        "source_timeout",
        `source request timed out: no complete answer within ${seconds} s (IMGPROXY_DOWNLOAD_TIMEOUT)`,
      ),
    );
  }, seconds * 1000);
  const release = () => {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  };
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  return {
    get error() {
      return error;
    },
    onEnd(next) {
      callback = next;
      if (error !== undefined) next(error);
    },
    release,
  };
}
