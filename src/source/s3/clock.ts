/** Time as the S3 source sees it; tests put their own in its place. */
export type Clock = {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs an action later and returns what calls it off. Must not keep a finished process alive. */
  schedule(delayMs: number, action: () => void): () => void;
};

/** How far the clock of a store is ahead of ours, in milliseconds; learned from its answers. */
export type ClockSkew = { offsetMs: number };

/** The longest delay a timer takes (2³¹ − 1 ms). */
const MAX_DELAY_MS = 2_147_483_647;

export const systemClock: Clock = {
  now: Date.now,
  schedule(delayMs, action) {
    const timer = setTimeout(action, Math.min(Math.max(delayMs, 0), MAX_DELAY_MS));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
