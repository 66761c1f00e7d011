import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { ResultStore } from "../../src/cache/types.ts";
import { isSame, keyOf, never, resultOf } from "../cache/results.ts";

/** What a store must offer to be tested. It must have room for a few megabytes. */
export type StoreStand = {
  readonly store: ResultStore;
  readonly release?: () => Promise<void>;
};

/** Runs the expectations that every store of results meets. */
export function describeStoreContract(name: string, start: () => StoreStand | Promise<StoreStand>): void {
  describe(`${name} store`, () => {
    let stand: StoreStand;
    let store: ResultStore;
    beforeAll(async () => {
      stand = await start();
      store = stand.store;
    });
    afterAll(async () => {
      await store.close?.();
      await stand.release?.();
    });

    test("knows nothing of what was never put", async () => {
      expect(await store.get(keyOf("never put"), never)).toBeUndefined();
    });

    test.each([0, 1, 4096, 100_000, 2_500_000])(
      "gives back %p bytes and all facts as they were put",
      async (length) => {
        const key = keyOf(`length ${length}`);
        const result = resultOf(length, length);
        await store.put(key, result, never);
        expect(isSame(await store.get(key, never), result)).toBe(true);
      },
    );

    test("replaces a result by one that is shorter, longer or has other facts", async () => {
      const key = keyOf("replaced");
      for (const [index, length] of [9000, 100, 20_000].entries()) {
        const result = resultOf(length, index, { checkedAt: index, headers: {} });
        await store.put(key, result, never);
        expect(isSame(await store.get(key, never), result)).toBe(true);
      }
    });

    test("keeps results of different keys apart", async () => {
      const results = Array.from({ length: 40 }, (_, index) => resultOf(500 + index, index));
      await Promise.all(results.map(async (result, index) => store.put(keyOf(`apart ${index}`), result, never)));
      for (const [index, result] of results.entries()) {
        expect(isSame(await store.get(keyOf(`apart ${index}`), never), result)).toBe(true);
      }
    });

    test("takes equal keys at once and ends with one of them whole", async () => {
      const key = keyOf("at once");
      const results = Array.from({ length: 10 }, (_, index) => resultOf(30_000 + index, index));
      await Promise.all(results.map(async (result) => store.put(key, result, never)));
      const found = await store.get(key, never);
      expect(results.filter((result) => isSame(found, result))).toHaveLength(1);
    });

    test("forgets what is removed, and does not mind removing what is not there", async () => {
      const key = keyOf("removed");
      await store.put(key, resultOf(10), never);
      await store.remove(key, never);
      expect(await store.get(key, never)).toBeUndefined();
      await store.remove(key, never);
      await store.put(key, resultOf(20), never);
      expect(isSame(await store.get(key, never), resultOf(20))).toBe(true);
    });
  });
}
