import { CorruptRecord, decodeRecord, encodeRecord, MAX_RECORD_BYTES } from "./record.ts";
import type { CacheKey, ResultStore, StoredResult } from "./types.ts";

/** A bucket of an object store, as far as results need one. Names are keys of objects. */
export interface ObjectBucket {
  /** Undefined when there is no such object. Throws for an object larger than `maxBytes`. */
  get(name: string, maxBytes: number, signal: AbortSignal): Promise<Uint8Array | undefined>;
  put(name: string, bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  /** It is no error when there is no such object. */
  remove(name: string, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/**
 * Keeps results as objects of a bucket that any number of servers share: one object a result, written in one request, so that
 * it is there whole or not at all. The bucket's own lifecycle rules say how long.
 */
export class BucketStore implements ResultStore {
  readonly #bucket: ObjectBucket;
  readonly #prefix: string;

  /** `prefix` is put before the names as it is; empty or ending with a slash. */
  constructor(bucket: ObjectBucket, prefix: string) {
    this.#bucket = bucket;
    this.#prefix = prefix;
  }

  /** Throws `CorruptRecord` for an object that is not what was written; it is gone then. */
  async get(key: CacheKey, signal: AbortSignal): Promise<StoredResult | undefined> {
    const record = await this.#bucket.get(this.#nameOf(key), MAX_RECORD_BYTES, signal);
    if (record === undefined) return undefined;
    try {
      return await decodeRecord(key, record);
    } catch (error) {
      if (error instanceof CorruptRecord) await this.remove(key, signal);
      throw error;
    }
  }

  async put(key: CacheKey, result: StoredResult, signal: AbortSignal): Promise<void> {
    await this.#bucket.put(this.#nameOf(key), Buffer.concat(await encodeRecord(key, result)), signal);
  }

  async remove(key: CacheKey, signal: AbortSignal): Promise<void> {
    await this.#bucket.remove(this.#nameOf(key), signal);
  }

  async close(): Promise<void> {
    await this.#bucket.close();
  }

  /** Spread over prefixes, by which stores divide their load. */
  #nameOf(key: CacheKey): string {
    return `${this.#prefix}${key.slice(0, 2)}/${key}`;
  }
}
