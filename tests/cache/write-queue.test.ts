import { describe, expect, test } from "bun:test";
import type { CacheKey, StoredResult } from "../../src/cache/types.ts";
import { WriteQueue } from "../../src/cache/write-queue.ts";
import { keyOf, resultOf } from "./results.ts";

const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A queue whose writes end when the test says so. */
function stand(options: { readonly maxBytes?: number; readonly writersAtOnce?: number } = {}) {
  const writes: { readonly key: CacheKey; readonly result: StoredResult; readonly end: () => void }[] = [];
  let dropped = 0;
  const queue = new WriteQueue({
    maxBytes: options.maxBytes ?? 1000,
    writersAtOnce: options.writersAtOnce ?? 2,
    write: (key, result) => new Promise<void>((end) => writes.push({ key, result, end })),
    onDropped: () => dropped++,
  });
  return { queue, writes, dropped: () => dropped };
}

describe("the queue of results to be written", () => {
  test("writes nothing before the turn that added it is over", async () => {
    const { queue, writes } = stand();
    queue.add(keyOf("a"), resultOf(10));
    await Promise.resolve();
    expect(writes).toHaveLength(0);
    await settle();
    expect(writes).toHaveLength(1);
  });

  test("writes a few at a time, in order, and finds what waits", async () => {
    const { queue, writes } = stand();
    for (const name of ["a", "b", "c", "d"]) queue.add(keyOf(name), resultOf(10));
    await settle();
    expect(writes.map(({ key }) => key)).toEqual([keyOf("a"), keyOf("b")]);
    for (const name of ["a", "b", "c", "d"]) expect(queue.find(keyOf(name))).toEqual(resultOf(10));
    writes[0]?.end();
    await settle();
    expect(queue.find(keyOf("a"))).toBeUndefined();
    expect(writes.map(({ key }) => key)).toEqual([keyOf("a"), keyOf("b"), keyOf("c")]);
  });

  test("drops what is beyond its bound, and takes more when there is room again", async () => {
    const { queue, writes, dropped } = stand({ maxBytes: 100 });
    queue.add(keyOf("a"), resultOf(60));
    queue.add(keyOf("b"), resultOf(60));
    expect([dropped(), queue.find(keyOf("b"))]).toEqual([1, undefined]);
    await settle();
    // What is being written counts, too.
    queue.add(keyOf("b"), resultOf(60));
    expect(dropped()).toBe(2);
    writes[0]?.end();
    await settle();
    queue.add(keyOf("b"), resultOf(60));
    expect(dropped()).toBe(2);
  });

  test("writes the newest of a key, never two of one key at once", async () => {
    const { queue, writes } = stand();
    queue.add(keyOf("a"), resultOf(1));
    queue.add(keyOf("a"), resultOf(2));
    await settle();
    expect(writes.map(({ result }) => result.bytes.length)).toEqual([2]);
    queue.add(keyOf("a"), resultOf(3));
    await settle();
    expect(writes).toHaveLength(1);
    expect(queue.find(keyOf("a"))?.bytes).toHaveLength(3);
    writes[0]?.end();
    await settle();
    expect(writes.map(({ result }) => result.bytes.length)).toEqual([2, 3]);
  });

  test("does not write what was forgotten while it waited", async () => {
    const { queue, writes } = stand();
    queue.add(keyOf("a"), resultOf(1));
    await queue.forget(keyOf("a"));
    await settle();
    expect(writes).toHaveLength(0);
  });

  test("has forgotten a result only when the writing of it is over", async () => {
    const { queue, writes } = stand();
    queue.add(keyOf("a"), resultOf(1));
    await settle();
    let isForgotten = false;
    const forgotten = queue.forget(keyOf("a")).then(() => (isForgotten = true));
    await settle();
    expect(isForgotten).toBe(false);
    writes[0]?.end();
    await forgotten;
    expect(queue.find(keyOf("a"))).toBeUndefined();
  });

  test("is waited for at the end, but not for ever", async () => {
    const { queue, writes } = stand({ writersAtOnce: 1 });
    await queue.drained(1);
    queue.add(keyOf("a"), resultOf(1));
    queue.add(keyOf("b"), resultOf(1));
    let isDrained = false;
    const drained = queue.drained(10_000).then(() => (isDrained = true));
    await settle();
    writes[0]?.end();
    await settle();
    expect(isDrained).toBe(false);
    writes[1]?.end();
    await drained;
    queue.add(keyOf("c"), resultOf(1));
    const startedAt = performance.now();
    await queue.drained(30);
    expect(performance.now() - startedAt).toBeGreaterThan(20);
  });
});
