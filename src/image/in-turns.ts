import { setImmediate } from "node:timers/promises";
import { toAppError } from "../errors.ts";

/**
 * Runs a long computation a piece at a time: after each `yield`, which should come every one or two milliseconds, others
 * get a turn on the event loop. Throws the signal's reason.
 */
export async function inTurns<T>(work: Generator<void, T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    throwIfAborted(signal);
    const step = work.next();
    if (step.done === true) return step.value;
    await setImmediate();
  }
}

/** Throws the signal's reason as an `AppError` once it has fired. */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw toAppError(signal.reason, "cancelled");
}
