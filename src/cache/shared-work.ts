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

  /** `limitMs`: the longest that one piece of work may take, once several wait for it. */
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
    const flight: Flight<T> = new Flight(work, this.#limitMs, () => {
      if (this.#flights.get(name) === flight) this.#flights.delete(name);
    });
    this.#flights.set(name, flight);
    return flight;
  }
}

/** Somebody who waits, and how the work can end for him. */
type Waiting<T> = { readonly resolve: (value: T) => void; readonly reject: (reason: unknown) => void };

/** One piece of work and those who wait for it. */
class Flight<T> {
  readonly #controller = new AbortController();
  readonly #waiting = new Set<Waiting<T>>();
  readonly #startedAt = performance.now();
  readonly #limitMs: number;
  readonly #onEnd: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;
  hasExpired = false;

  /** `onEnd` is called when nobody may join any more. */
  constructor(work: (signal: AbortSignal) => Promise<T>, limitMs: number, onEnd: () => void) {
    this.#limitMs = limitMs;
    this.#onEnd = onEnd;
    // Not at once: the flight must be known before its work can end.
    const running = Promise.resolve().then(() => work(this.#controller.signal));
    running.then(
      (value) => this.#end(({ resolve }) => resolve(value)),
      (error: unknown) => this.#end(({ reject }) => reject(error)),
    );
  }

  wait(signal: AbortSignal): Promise<T> {
    // One alone has a deadline of his own; only what several wait for can outlive it.
    if (this.#waiting.size === 1) this.#limitTime();
    return new Promise((resolve, reject) => {
      const waiting: Waiting<T> = {
        resolve: (value) => {
          signal.removeEventListener("abort", leave);
          resolve(value);
        },
        reject: (reason) => {
          signal.removeEventListener("abort", leave);
          reject(reason);
        },
      };
      const leave = () => {
        this.#waiting.delete(waiting);
        reject(signal.reason);
        if (this.#waiting.size === 0) this.#stop(signal.reason);
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#waiting.add(waiting);
    });
  }

  #limitTime(): void {
    this.#timer ??= setTimeout(
      () => {
        this.hasExpired = true;
        const limit = `${this.#limitMs / 1000}s`;
        this.#stop(new AppError("timeout", `Work for several requests was timed out after ${limit}`));
      },
      Math.max(0, this.#startedAt + this.#limitMs - performance.now()),
    );
  }

  /** The work hears that it need not go on, and nobody waits for it to hear. */
  #stop(reason: unknown): void {
    this.#end(({ reject }) => reject(reason));
    this.#controller.abort(reason);
  }

  #end(tell: (waiting: Waiting<T>) => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#onEnd();
    for (const waiting of this.#waiting) tell(waiting);
    this.#waiting.clear();
  }
}
