/** How a process came to its end. */
export type ProcessLife = {
  /** Whether it ever served. */
  readonly hasServed: boolean;
  readonly livedMs: number;
};

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 10_000;
/** A process that lived for so long was well: its end is not one of a row. */
const STEADY_MS = 30_000;
/** With the delays between them they take half a minute. */
const MOST_FAILED_STARTS = 8;

/** Paces the restarts of one process: at once after a single accident, ever slower where it dies again and again. */
export class RestartPace {
  #delayMs = FIRST_DELAY_MS;
  #failedStarts = 0;

  /** Milliseconds until the next start; undefined when it has failed to start so often that it never will. */
  delayAfter({ hasServed, livedMs }: ProcessLife): number | undefined {
    this.#failedStarts = hasServed ? 0 : this.#failedStarts + 1;
    if (this.#failedStarts >= MOST_FAILED_STARTS) return undefined;
    if (hasServed && livedMs >= STEADY_MS) this.#delayMs = FIRST_DELAY_MS;
    const delayMs = this.#delayMs;
    this.#delayMs = Math.min(2 * delayMs, LONGEST_DELAY_MS);
    return delayMs;
  }
}
