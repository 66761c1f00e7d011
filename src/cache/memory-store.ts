import type { CacheKey, ResultStore, StoredResult } from "./types.ts";

/** Counted for every result beside its bytes: key, facts, places in map and list. */
const OVERHEAD_BYTES = 1024;
/** A result larger than this share of the whole would push out too many others. */
const LARGEST_SHARE = 1 / 8;

/** A result in the queue; newer and older neighbours. */
type Place = {
  readonly key: CacheKey;
  readonly result: StoredResult;
  readonly size: number;
  wasAsked: boolean;
  newer: Place | undefined;
  older: Place | undefined;
};

/**
 * Keeps results in memory, never more bytes than allowed. What goes is chosen by SIEVE: a hand walks from the oldest result to
 * the newest, spares those that were asked for since it last passed and takes the first that was not. A hit costs one flag, and
 * images that are asked for once, the bulk of what a crawler leaves, go before those that live (NSDI '24: better than LRU).
 */
export class MemoryStore implements ResultStore {
  readonly #maxBytes: number;
  readonly #onEviction: () => void;
  readonly #places = new Map<CacheKey, Place>();
  #newest: Place | undefined;
  #oldest: Place | undefined;
  #hand: Place | undefined;
  #bytes = 0;

  constructor(maxBytes: number, onEviction: () => void = () => undefined) {
    this.#maxBytes = maxBytes;
    this.#onEviction = onEviction;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#places.size;
  }

  get(key: CacheKey): StoredResult | undefined {
    const place = this.#places.get(key);
    if (place === undefined) return undefined;
    place.wasAsked = true;
    return place.result;
  }

  /** Keeps a result in place of the one of the same key, unless it is too large. */
  put(key: CacheKey, result: StoredResult): void {
    const before = this.#places.get(key);
    if (before !== undefined) this.#take(before);
    const bytes = compact(result.bytes);
    const size = bytes.buffer.byteLength + OVERHEAD_BYTES;
    if (size > this.#maxBytes * LARGEST_SHARE) return;
    while (this.#bytes + size > this.#maxBytes) this.#evict();
    const place: Place = {
      key,
      result: bytes === result.bytes ? result : { ...result, bytes },
      size,
      wasAsked: before?.wasAsked ?? false,
      newer: undefined,
      older: this.#newest,
    };
    if (this.#newest !== undefined) this.#newest.newer = place;
    this.#newest = place;
    this.#oldest ??= place;
    this.#places.set(key, place);
    this.#bytes += size;
  }

  remove(key: CacheKey): void {
    const place = this.#places.get(key);
    if (place !== undefined) this.#take(place);
  }

  /** Takes one result out. Ends, since a place that is passed loses its flag. */
  #evict(): void {
    let place = this.#hand ?? this.#oldest;
    while (place?.wasAsked) {
      place.wasAsked = false;
      place = place.newer ?? this.#oldest;
    }
    if (place === undefined) return;
    this.#hand = place.newer;
    this.#take(place);
    this.#onEviction();
  }

  #take(place: Place): void {
    const { newer, older } = place;
    if (this.#hand === place) this.#hand = newer;
    if (newer === undefined) this.#newest = older;
    else newer.older = older;
    if (older === undefined) this.#oldest = newer;
    else older.newer = newer;
    this.#places.delete(place.key);
    this.#bytes -= place.size;
  }
}

/** The same bytes, without the rest of the memory that a small view would keep alive. */
function compact(bytes: Uint8Array): Uint8Array {
  return bytes.length * 2 < bytes.buffer.byteLength ? bytes.slice() : bytes;
}
