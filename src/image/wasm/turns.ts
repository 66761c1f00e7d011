import { AppError, toAppError } from "../../errors.ts";
import { throwIfAborted } from "../in-turns.ts";

type Waiter = { readonly grant: () => void; readonly refuse: (error: AppError) => void };

/** Lets so many callers work at a time and a bounded number wait, first come, first served. */
export class Turns {
  readonly #limits: { readonly atATime: number; readonly waiting: number };
  readonly #waiting = new Set<Waiter>();
  #taken = 0;
  #closed: AppError | null = null;

  constructor(limits: { readonly atATime: number; readonly waiting: number }) {
    this.#limits = limits;
  }

  /**
   * Waits for a turn, which must be ended. Throws `too_many_requests` when too many wait already, the signal's reason,
   * or what the turns were closed with. The signal may fire before the caller goes on.
   */
  async take(signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    if (this.#closed !== null) throw this.#closed;
    if (this.#taken < this.#limits.atATime) {
      this.#taken += 1;
      return;
    }
    if (this.#waiting.size >= this.#limits.waiting)
      throw new AppError("too_many_requests", `${this.#waiting.size} pictures already wait for a codec`);
    await this.#wait(signal);
  }

  /** Hands the turn to whoever waits longest. */
  end(): void {
    for (const waiter of this.#waiting) {
      waiter.grant();
      return;
    }
    this.#taken -= 1;
  }

  /** Nobody gets a turn any more. */
  close(error: AppError): void {
    this.#closed = error;
    for (const waiter of this.#waiting) waiter.refuse(error);
  }

  async #wait(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(waiter);
        signal.removeEventListener("abort", giveUp);
      };
      const giveUp = () => waiter.refuse(toAppError(signal.reason, "cancelled"));
      const waiter: Waiter = {
        grant: () => {
          leave();
          resolve();
        },
        refuse: (error) => {
          leave();
          reject(error);
        },
      };
      signal.addEventListener("abort", giveUp);
      this.#waiting.add(waiter);
    });
  }
}
