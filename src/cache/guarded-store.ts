import { messageOf } from "../errors.ts";
import type { Logger, LogLevel } from "../telemetry/types.ts";
import type { CacheMetrics } from "./cache-metrics.ts";
import { CorruptRecord } from "./record.ts";
import type { CacheKey, ResultStore, StoredResult } from "./types.ts";

export type GuardParts = {
  /** Value of the label `layer`, and the name in log lines. */
  readonly layer: string;
  readonly logger: Logger;
  /** Of faults. */
  readonly logLevel: LogLevel;
  readonly metrics: CacheMetrics;
  /** Longest wait for a result, in milliseconds; slower than that it is faster made anew. */
  readonly readTimeoutMs: number;
  readonly writeTimeoutMs: number;
  /** Monotonic milliseconds. */
  readonly clock?: () => number;
};

const LOG_EVERY_MS = 60_000;
const FAULTS_BEFORE_REST = 5;
const REST_MS = 10_000;

/**
 * Stands before a store that may be slow, broken or away, so that none of that reaches a request: a fault is a miss, or a
 * result that is not kept. Each is counted, one a minute is logged, and after five in a row the store is left alone for ten
 * seconds. Reading and writing are judged apart: a full disk is still good to read from.
 */
export class GuardedStore implements ResultStore {
  readonly #store: ResultStore;
  readonly #parts: GuardParts;
  readonly #clock: () => number;
  readonly #reading = { faults: 0, restsUntil: Number.NEGATIVE_INFINITY };
  readonly #writing = { faults: 0, restsUntil: Number.NEGATIVE_INFINITY };
  #loggedAt = Number.NEGATIVE_INFINITY;

  constructor(store: ResultStore, parts: GuardParts) {
    this.#store = store;
    this.#parts = parts;
    this.#clock = parts.clock ?? (() => performance.now());
  }

  /** Never throws. */
  async get(key: CacheKey, signal: AbortSignal): Promise<StoredResult | undefined> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(this.#parts.readTimeoutMs)]);
    return await this.#guard("read", signal, () => untilAborted(limit, this.#store.get(key, limit)));
  }

  /** Never throws. */
  async put(key: CacheKey, result: StoredResult, signal: AbortSignal): Promise<void> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(this.#parts.writeTimeoutMs)]);
    await this.#guard("write", signal, async () => {
      await untilAborted(limit, this.#store.put(key, result, limit));
      this.#parts.metrics.writtenBytes.add(result.bytes.length, { layer: this.#parts.layer });
    });
  }

  /** Never throws. */
  async remove(key: CacheKey, signal: AbortSignal): Promise<void> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(this.#parts.writeTimeoutMs)]);
    await this.#guard("write", signal, () => untilAborted(limit, this.#store.remove(key, limit)));
  }

  async close(): Promise<void> {
    await this.#store.close?.();
  }

  async #guard<T>(kind: "read" | "write", asked: AbortSignal, work: () => Promise<T>): Promise<T | undefined> {
    const state = kind === "read" ? this.#reading : this.#writing;
    if (this.#clock() < state.restsUntil) return undefined;
    try {
      const value = await work();
      state.faults = 0;
      return value;
    } catch (error) {
      // Whoever asked has left: that says nothing about the store.
      if (asked.aborted) return undefined;
      this.#note(error instanceof CorruptRecord ? "corrupt" : kind, error);
      if (!(error instanceof CorruptRecord) && ++state.faults >= FAULTS_BEFORE_REST) {
        state.restsUntil = this.#clock() + REST_MS;
      }
      return undefined;
    }
  }

  #note(kind: "read" | "write" | "corrupt", error: unknown): void {
    const { layer, logger, logLevel, metrics } = this.#parts;
    metrics.errors.add(1, { layer, kind });
    const now = this.#clock();
    if (now - this.#loggedAt < LOG_EVERY_MS) return;
    this.#loggedAt = now;
    const message = kind === "corrupt" ? "A kept result is damaged and was removed" : `Kept results: cannot ${kind}`;
    logger.log(logLevel, message, { layer, error: messageOf(error) });
  }
}

/** Waits no longer than the signal lets, whatever the promise does. */
async function untilAborted<T>(signal: AbortSignal, promise: T | Promise<T>): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
