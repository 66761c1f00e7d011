import { AppError } from "../errors.ts";
import type { Exchange } from "./edge.ts";

/** The one signal that ends a request's work, wherever it stands. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * Starts a request's time: the signal fires with `timeout` after `timeoutSeconds` and with `cancelled` when the client
 * goes away. Dispose it when the answer is ready, or its timer outlives the request.
 */
export function startDeadline(timeoutSeconds: number, onGone: Exchange["onGone"]): Deadline {
  const controller = new AbortController();
  const startedAt = performance.now();
  const elapsed = () => `${((performance.now() - startedAt) / 1000).toFixed(3)}s`;
  const expire = () => {
    const hint = "The image took too long to wait for, fetch and make; IMGPROXY_TIMEOUT sets the limit.";
    controller.abort(new AppError("timeout", `Request was timed out after ${elapsed()}`, { hint }));
  };
  let isOver = false;
  const cancel = () => {
    if (!isOver) controller.abort(new AppError("cancelled", `Request was cancelled after ${elapsed()}`));
  };
  const timer = setTimeout(expire, timeoutSeconds * 1000);
  onGone(cancel);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      isOver = true;
    },
  };
}
