/** Results for tests of the stores: bytes that look random, with facts that belong to them. */

import { cacheKey } from "../../src/cache/cache-key.ts";
import type { CacheKey, ResultFacts, StoredResult } from "../../src/cache/types.ts";
import { patternBytes } from "../support/pattern-bytes.ts";

export const never = new AbortController().signal;

export function keyOf(name: string | number): CacheKey {
  return cacheKey(String(name));
}

function factsOf(change: Partial<ResultFacts> = {}): ResultFacts {
  return {
    format: "webp",
    isSource: false,
    width: 40,
    height: 30,
    frames: 1,
    sourceWidth: 400,
    sourceHeight: 300,
    sourceBytes: 12_345,
    headers: { etag: '"abc"', "cache-control": "max-age=60", "x-name": "naïve – ✓" },
    checkedAt: 1_790_000_000_000,
    ...change,
  };
}

export function resultOf(length: number, seed = 1, change: Partial<ResultFacts> = {}): StoredResult {
  return { bytes: patternBytes(length, seed), facts: factsOf(change) };
}

/** Whether a store gave back exactly what was put. */
export function isSame(found: StoredResult | undefined, put: StoredResult): boolean {
  return (
    found !== undefined &&
    Buffer.compare(found.bytes, put.bytes) === 0 &&
    JSON.stringify(found.facts) === JSON.stringify(put.facts)
  );
}
