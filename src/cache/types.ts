import type { ImageFormat } from "../formats.ts";

/** Name of a result: 64 lower-case hex digits that tell nothing of what they were made from. Made by `cacheKey`. */
export type CacheKey = string & { readonly __brand: "CacheKey" };

/** Everything an answer needs to say of a result beside its bytes. Plain data: it travels as JSON. */
export type ResultFacts = {
  readonly format: ImageFormat;
  /** Whether the source went out unprocessed. */
  readonly isSource: boolean;
  /** Pixels of one frame. */
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** Pixels of the source as stored. */
  readonly sourceWidth: number;
  readonly sourceHeight: number;
  readonly sourceBytes: number;
  /** What is kept of the source's answer: validators, lifetime, headers to pass on. Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Unix milliseconds when the source last said that the result is up to date. */
  readonly checkedAt: number;
};

/** A finished image as stores keep it. */
export type StoredResult = {
  readonly bytes: Uint8Array;
  readonly facts: ResultFacts;
};

/** Memory answers at once, everything else later. */
type Soon<T> = T | Promise<T>;

/**
 * Keeps results. A store may forget whatever it likes whenever it likes, but what it gives back is exactly what was put.
 * It may throw; whoever asks treats that as a miss.
 */
export interface ResultStore {
  get(key: CacheKey, signal: AbortSignal): Soon<StoredResult | undefined>;
  /** Replaces what is there as a whole: nobody ever sees a mixture. */
  put(key: CacheKey, result: StoredResult, signal: AbortSignal): Soon<void>;
  remove(key: CacheKey, signal: AbortSignal): Soon<void>;
  close?(): Soon<void>;
}

/** The largest result that is kept outside memory, in bytes; a larger one costs more to move than it saves. */
export const MAX_KEPT_BYTES = 64 * 1024 * 1024;
