import { AppError } from "../errors.ts";

export type WorkQueueLimits = {
  /** Images in work at once, above 0. */
  readonly workers: number;
  /** Requests that may wait for a worker; 0 = no bound but the deadline of each and the server's MAX_CLIENTS. */
  readonly queueSize: number;
};

/** A worker's place. Leaving twice does no harm. */
export interface WorkPlace extends Disposable {
  leave(): void;
}

/** What the server holds at the moment, reloads or not. The one who counts something up counts it down again. */
export type ServerLoad = {
  /** Image requests being answered: waiting, in work, being sent. */
  requests: number;
  /** Raw answers being streamed, which need no worker. */
  streams: number;
};

/** Hands out the workers' places, first come first served. */
export interface WorkQueue {
  /**
   * Waits for a place. Throws `too_many_requests` at once when as many wait as may, and the signal's reason when that
   * fires first.
   */
  enter(signal: AbortSignal): Promise<WorkPlace>;
  readonly workers: number;
  /** Places taken. */
  readonly busy: number;
  readonly waiting: number;
  readonly load: ServerLoad;
}

/** Weight of the newest image in the moving average of how long a place is held. */
const AVERAGE_WEIGHT = 0.2;
const LONGEST_RETRY_AFTER_SECONDS = 60;

/** A queue of its own for one server. `clock` gives milliseconds that never go back. */
export function createWorkQueue(limits: WorkQueueLimits, clock: () => number = () => performance.now()): WorkQueue {
  // A Set keeps the order of arrival and lets go of one in the middle, when its client leaves, at no cost.
  const waiting = new Set<() => void>();
  let busy = 0;
  let averageHeldMs = 0;

  function take(): WorkPlace {
    const since = clock();
    let isHeld = true;
    const leave = () => {
      if (!isHeld) return;
      isHeld = false;
      averageHeldMs += (clock() - since - averageHeldMs) * AVERAGE_WEIGHT;
      // The place goes straight to the next in line, so that nobody can slip in between.
      const [next] = waiting;
      if (next === undefined) busy--;
      else next();
    };
    return { leave, [Symbol.dispose]: leave };
  }

  function wait(signal: AbortSignal): Promise<WorkPlace> {
    return new Promise((resolve, reject) => {
      const next = () => {
        signal.removeEventListener("abort", giveUp);
        waiting.delete(next);
        resolve(take());
      };
      const giveUp = () => {
        waiting.delete(next);
        reject(signal.reason);
      };
      signal.addEventListener("abort", giveUp, { once: true });
      waiting.add(next);
    });
  }

  function refuse(): AppError {
    const seconds = Math.ceil((averageHeldMs * (waiting.size + 1)) / limits.workers / 1000);
    return new AppError("too_many_requests", `Too many requests: ${busy} in work, ${waiting.size} waiting`, {
      hint: "Try again later, or raise IMGPROXY_WORKERS or IMGPROXY_REQUESTS_QUEUE_SIZE.",
      retryAfterSeconds: Math.min(Math.max(seconds, 1), LONGEST_RETRY_AFTER_SECONDS),
    });
  }

  return {
    async enter(signal) {
      signal.throwIfAborted();
      if (busy < limits.workers) {
        busy++;
        return take();
      }
      if (limits.queueSize > 0 && waiting.size >= limits.queueSize) throw refuse();
      return wait(signal);
    },
    workers: limits.workers,
    load: { requests: 0, streams: 0 },
    get busy() {
      return busy;
    },
    get waiting() {
      return waiting.size;
    },
  };
}
