import type { CacheKey, StoredResult } from "./types.ts";

export type WriteQueueOptions = {
  /** Most bytes of results that wait or are being written. */
  readonly maxBytes: number;
  readonly writersAtOnce: number;
  /** Must not throw. */
  readonly write: (key: CacheKey, result: StoredResult) => Promise<void>;
  readonly onDropped: () => void;
};

/**
 * Writes results after those who asked for them have their answers. What does not fit is dropped: a request never waits for a
 * store. What waits can already be found.
 */
export class WriteQueue {
  readonly #options: WriteQueueOptions;
  readonly #waiting = new Map<CacheKey, StoredResult>();
  readonly #running = new Map<CacheKey, { readonly result: StoredResult; readonly written: Promise<void> }>();
  #bytes = 0;
  #whenEmpty: PromiseWithResolvers<void> | undefined;

  constructor(options: WriteQueueOptions) {
    this.#options = options;
  }

  /** A result that waits or is being written. */
  find(key: CacheKey): StoredResult | undefined {
    return this.#waiting.get(key) ?? this.#running.get(key)?.result;
  }

  /** Takes a result in, in place of a waiting one of the same key. */
  add(key: CacheKey, result: StoredResult): void {
    this.#drop(key);
    const size = result.bytes.length;
    if (this.#bytes + size > this.#options.maxBytes) {
      this.#options.onDropped();
      return;
    }
    this.#bytes += size;
    this.#waiting.set(key, result);
    // Not before the turn that sends the answer is over.
    setImmediate(() => this.#next());
  }

  /** Drops what waits under a key; settles when nothing of it is being written any more. */
  async forget(key: CacheKey): Promise<void> {
    this.#drop(key);
    await this.#running.get(key)?.written;
  }

  /** Settles when nothing is left to be written, at the latest after so many milliseconds. */
  async drained(withinMs: number): Promise<void> {
    if (this.#waiting.size + this.#running.size === 0) return;
    this.#whenEmpty ??= Promise.withResolvers<void>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tooLong = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, withinMs);
    });
    await Promise.race([this.#whenEmpty.promise, tooLong]);
    clearTimeout(timer);
  }

  #drop(key: CacheKey): void {
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) return;
    this.#waiting.delete(key);
    this.#bytes -= waiting.bytes.length;
  }

  #next(): void {
    if (this.#running.size >= this.#options.writersAtOnce) return;
    for (const [key, result] of this.#waiting) {
      // Two writes of one key at once could end in the older one.
      if (this.#running.has(key)) continue;
      this.#waiting.delete(key);
      const written = this.#options.write(key, result).finally(() => this.#finish(key, result));
      this.#running.set(key, { result, written });
      return;
    }
  }

  #finish(key: CacheKey, result: StoredResult): void {
    this.#running.delete(key);
    this.#bytes -= result.bytes.length;
    this.#next();
    if (this.#waiting.size + this.#running.size === 0) {
      this.#whenEmpty?.resolve();
      this.#whenEmpty = undefined;
    }
  }
}
