import { AppError } from "../errors.ts";

/** What somebody who asked for shared work gets. */
export type Shared<T> = {
  readonly value: T;
  /** Whether somebody else had already asked for it. */
  readonly wasShared: boolean;
};

/**
 * Does equal work once for all who ask for it at the same time. The work belongs to nobody in particular: it goes on as long
 * as one of them waits, and ends when the last has left or its own time is over. It fails for all alike, except that running
 * out of its own time is no failure of those who came later and have time left: they begin anew.
 */
export class SharedWork<T> {
  readonly #limitMs: number;
  /** As many as there is work under way, hence fewer than requests. */
  readonly #flights = new Map<string, Flight<T>>();

  /** `limitMs`: the longest that one piece of work may take. */
  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** Pieces of work under way. */
  get size(): number {
    return this.#flights.size;
  }

  /**
   * The outcome of the work of that name, begun if nobody has. Throws what the work throws, or the reason of `signal`, which
   * must fire some time: it is the asker's deadline.
   */
  async run(name: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<Shared<T>> {
    for (;;) {
      signal.throwIfAborted();
      const known = this.#flights.get(name);
      const flight = known ?? this.#start(name, work);
      try {
        return { value: await flight.wait(signal), wasShared: known !== undefined };
      } catch (error) {
        if (signal.aborted || !flight.hasExpired || known === undefined) throw error;
      }
    }
  }

  #start(name: string, work: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const flight = new Flight(work, this.#limitMs, () => {
      if (this.#flights.get(name) === flight) this.#flights.delete(name);
    });
    this.#flights.set(name, flight);
    return flight;
  }
}

/** One piece of work and those who wait for it. */
class Flight<T> {
  readonly #controller = new AbortController();
  readonly #outcome: Promise<T>;
  readonly #stopped = Promise.withResolvers<never>();
  readonly #onEnd: () => void;
  #waiting = 0;
  #isOver = false;
  hasExpired = false;

  /** `onEnd` is called when nobody may join any more. */
  constructor(work: (signal: AbortSignal) => Promise<T>, limitMs: number, onEnd: () => void) {
    this.#onEnd = onEnd;
    const timer = setTimeout(() => {
      this.hasExpired = true;
      this.#stop(new AppError("timeout", `Work for several requests was timed out after ${limitMs / 1000}s`));
    }, limitMs);
    // Not at once: the flight must be known before its work can end.
    const running = Promise.resolve().then(() => work(this.#controller.signal));
    this.#outcome = Promise.race([running, this.#stopped.promise]).finally(() => {
      clearTimeout(timer);
      this.#isOver = true;
      onEnd();
    });
    // Those who wait hear of a failure; when all have left, nobody needs to.
    this.#outcome.catch(() => undefined);
  }

  async wait(signal: AbortSignal): Promise<T> {
    const { promise: left, reject } = Promise.withResolvers<never>();
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    this.#waiting++;
    try {
      return await Promise.race([this.#outcome, left]);
    } finally {
      signal.removeEventListener("abort", onAbort);
      this.#waiting--;
      if (this.#waiting === 0 && !this.#isOver) this.#stop(signal.reason);
    }
  }

  /** The work hears that it need not go on, and nobody waits for it to hear. */
  #stop(reason: unknown): void {
    this.#onEnd();
    this.#controller.abort(reason);
    this.#stopped.reject(reason);
  }
}
