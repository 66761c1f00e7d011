import type { CacheMetrics } from "./cache-metrics.ts";
import type { GuardedStore } from "./guarded-store.ts";
import type { MemoryStore } from "./memory-store.ts";
import { type CacheKey, MAX_KEPT_BYTES, type StoredResult } from "./types.ts";
import { WriteQueue } from "./write-queue.ts";

/** A result and where it was. */
export type Found = {
  readonly result: StoredResult;
  /** `memory`, `fs` or `s3`. */
  readonly layer: string;
};

/** A layer that takes time: asked after memory, written in the background. */
export type SlowLayer = {
  readonly name: string;
  readonly store: GuardedStore;
  readonly writersAtOnce: number;
};

export type ResultCacheParts = {
  readonly memory: MemoryStore | undefined;
  /** Fastest first. */
  readonly slow: readonly SlowLayer[];
  readonly metrics: CacheMetrics;
};

/** Bytes that may wait to be written to one layer. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;
/** What is left to be written when the server stops gets so long. */
const DRAIN_MS = 5000;

type LayerLabels = { readonly layer: string };

/** One record for all, since counting by the very same one costs least. */
const MEMORY_LABELS: LayerLabels = { layer: "memory" };

type QueuedLayer = SlowLayer & { readonly queue: WriteQueue };

/** The layers as one: the fastest that has a result gives it, and the faster ones get it for the next time. */
export class ResultCache {
  readonly #memory: MemoryStore | undefined;
  readonly #slow: readonly QueuedLayer[];
  readonly #metrics: CacheMetrics;
  /** Ends what goes on in the background. */
  readonly #closing = new AbortController();

  constructor({ memory, slow, metrics }: ResultCacheParts) {
    this.#memory = memory;
    this.#metrics = metrics;
    this.#slow = slow.map((layer) => ({ ...layer, queue: this.#queueFor(layer) }));
  }

  /** Looks where that takes no time. Counts a hit, but no miss: `find` goes on. */
  recall(key: CacheKey): Found | undefined {
    const result = this.#memory?.get(key);
    return result && this.#hit({ result, layer: "memory" }, MEMORY_LABELS);
  }

  /** Looks in the layers that take time, in their order. Never throws. */
  async find(key: CacheKey, signal: AbortSignal): Promise<Found | undefined> {
    for (const [index, { name, store, queue }] of this.#slow.entries()) {
      const result = queue.find(key) ?? (await store.get(key, signal));
      if (result === undefined) continue;
      this.#memory?.put(key, result);
      for (const faster of this.#slow.slice(0, index)) faster.queue.add(key, result);
      return this.#hit({ result, layer: name }, { layer: name });
    }
    this.#metrics.misses.add(1);
    return undefined;
  }

  /** Keeps a result: in memory at once, elsewhere in the background. */
  keep(key: CacheKey, result: StoredResult): void {
    this.#memory?.put(key, result);
    if (result.bytes.length > MAX_KEPT_BYTES) return;
    for (const { queue } of this.#slow) queue.add(key, result);
  }

  /** Forgets a result whose source is gone; where it takes time, in the background. */
  forget(key: CacheKey): void {
    this.#memory?.remove(key);
    for (const { queue, store } of this.#slow) {
      void queue.forget(key).then(() => store.remove(key, this.#closing.signal));
    }
  }

  /** Writes what is waiting, within a few seconds, and lets go of everything. */
  async close(): Promise<void> {
    await Promise.all(this.#slow.map(({ queue }) => queue.drained(DRAIN_MS)));
    this.#closing.abort(new Error("the server has stopped"));
    await Promise.all(this.#slow.map(({ store }) => store.close()));
  }

  #hit(found: Found, labels: LayerLabels): Found {
    this.#metrics.hits.add(1, labels);
    this.#metrics.readBytes.add(found.result.bytes.length, labels);
    return found;
  }

  #queueFor({ name, store, writersAtOnce }: SlowLayer): WriteQueue {
    return new WriteQueue({
      maxBytes: MAX_WAITING_BYTES,
      writersAtOnce,
      write: (key, result) => store.put(key, result, this.#closing.signal),
      onDropped: () => this.#metrics.droppedWrites.add(1, { layer: name }),
    });
  }
}
