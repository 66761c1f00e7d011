import { describe, expect, test } from "bun:test";
import { MemoryStore } from "../../src/cache/memory-store.ts";
import { describeStoreContract } from "../contract/store-contract.ts";
import { keyOf, resultOf } from "./results.ts";

const KB = 1024;

describeStoreContract("memory", () => ({ store: new MemoryStore(64 * KB * KB) }));

describe("the bound of memory", () => {
  test("holds at every moment, whatever comes", () => {
    let evictions = 0;
    const store = new MemoryStore(100 * KB, () => evictions++);
    for (let index = 0; index < 500; index++) {
      store.put(keyOf(index % 170), resultOf((index * 7919) % (9 * KB), index));
      if (index % 3 === 0) store.get(keyOf((index * 31) % 170));
      if (index % 11 === 0) store.remove(keyOf((index * 17) % 170));
      expect(store.bytes).toBeLessThanOrEqual(100 * KB);
      expect(store.bytes).toBeGreaterThanOrEqual(store.count * KB);
    }
    expect(evictions).toBeGreaterThan(100);
  });

  test("counts nothing once everything is removed", () => {
    const store = new MemoryStore(100 * KB);
    for (let index = 0; index < 50; index++) store.put(keyOf(index), resultOf(KB));
    for (let index = 0; index < 50; index++) store.remove(keyOf(index));
    expect([store.bytes, store.count]).toEqual([0, 0]);
  });

  test("leaves out a result that would push out too many others, and what it would have replaced", () => {
    const store = new MemoryStore(100 * KB);
    store.put(keyOf("a"), resultOf(KB));
    store.put(keyOf("b"), resultOf(KB));
    store.put(keyOf("a"), resultOf(13 * KB));
    expect(store.get(keyOf("a"))).toBeUndefined();
    expect(store.get(keyOf("b"))).toBeDefined();
  });

  test("counts the memory that a view keeps alive, by not keeping it alive", () => {
    const store = new MemoryStore(100 * KB);
    const whole = resultOf(90 * KB).bytes;
    store.put(keyOf("view"), { ...resultOf(1), bytes: whole.subarray(10, 20) });
    expect(store.get(keyOf("view"))?.bytes).toEqual(whole.slice(10, 20));
    expect(store.bytes).toBeLessThan(2 * KB);
  });
});

describe("what goes from memory first", () => {
  /** Room for ten results with their overhead of a kilobyte. */
  const ofTen = () => new MemoryStore(20 * KB);
  const fill = (store: MemoryStore, from: number, to: number) => {
    for (let index = from; index < to; index++) store.put(keyOf(index), resultOf(KB));
  };
  const kept = (store: MemoryStore, from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => from + index).filter(
      (index) => store.get(keyOf(index)) !== undefined,
    );

  test("is what came first, when nothing was asked for", () => {
    const store = ofTen();
    fill(store, 0, 13);
    expect(kept(store, 0, 13)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  test("is not what is asked for, however many results come that nobody asks for again", () => {
    const store = ofTen();
    fill(store, 0, 10);
    for (let round = 0; round < 50; round++) {
      store.get(keyOf(0));
      store.get(keyOf(1));
      fill(store, 100 + round * 5, 105 + round * 5);
    }
    expect(kept(store, 0, 10)).toEqual([0, 1]);
  });

  test("is found also when everything was asked for", () => {
    const store = ofTen();
    fill(store, 0, 10);
    kept(store, 0, 10);
    fill(store, 10, 11);
    expect(kept(store, 0, 11)).toHaveLength(10);
  });
});
