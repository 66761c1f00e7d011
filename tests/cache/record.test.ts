import { describe, expect, test } from "bun:test";
import { CorruptRecord, decodeRecord, encodeRecord } from "../../src/cache/record.ts";
import type { StoredResult } from "../../src/cache/types.ts";
import { isSame, keyOf, resultOf } from "./results.ts";

const key = keyOf("a record");
const encode = async (result: StoredResult) => Buffer.concat(await encodeRecord(key, result));

/** What reading gives: the result, or that it is refused; anything else fails the test. */
async function outcomeOf(record: Uint8Array, wanted = key): Promise<StoredResult | "refused"> {
  try {
    return await decodeRecord(wanted, record);
  } catch (error) {
    if (error instanceof CorruptRecord) return "refused";
    throw error;
  }
}

describe("a record", () => {
  test.each([0, 1, 1000, 1_048_576, 3_000_001])("of %p bytes comes back as it was", async (length) => {
    const result = resultOf(length);
    const outcome = await outcomeOf(await encode(result));
    expect(outcome !== "refused" && isSame(outcome, result)).toBe(true);
  });

  test("is refused with any single bit changed", async () => {
    const record = await encode(resultOf(600));
    for (let index = 0; index < record.length; index++) {
      const bit = 1 << (index % 8);
      record[index] = (record[index] ?? 0) ^ bit;
      expect(await outcomeOf(record)).toBe("refused");
      record[index] = (record[index] ?? 0) ^ bit;
    }
    expect(await outcomeOf(record)).not.toBe("refused");
  });

  test("is refused at any shorter or longer length", async () => {
    const record = await encode(resultOf(300));
    for (let length = 0; length < record.length; length++) {
      expect(await outcomeOf(record.subarray(0, length))).toBe("refused");
    }
    expect(await outcomeOf(Buffer.concat([record, Buffer.from([0])]))).toBe("refused");
  });

  test("is refused with the end of it zeroed, as after a power cut", async () => {
    const record = await encode(resultOf(20_000));
    expect(await outcomeOf(record.fill(0, 8192))).toBe("refused");
    expect(await outcomeOf(Buffer.alloc(20_000))).toBe("refused");
  });

  test("is refused under another key", async () => {
    expect(await outcomeOf(await encode(resultOf(300)), keyOf("another"))).toBe("refused");
  });

  test("of a version that knew other facts or formats is refused", async () => {
    const { facts } = resultOf(1);
    const { checkedAt: _, ...older } = facts;
    const newer = { ...facts, format: "jxs" };
    for (const strange of [older, newer, { ...facts, headers: { etag: 7 } }, { ...facts, headers: null }]) {
      // The types forbid what another version may have written.
      expect(await outcomeOf(await encode({ bytes: new Uint8Array(5), facts: strange as never }))).toBe("refused");
    }
  });

  test("holds no name of a secret beyond what is in the facts", async () => {
    const [start] = await encodeRecord(key, resultOf(5));
    const members = Object.keys(JSON.parse(start.subarray(48).toString()));
    expect(members.toSorted()).toEqual(["key", ...Object.keys(resultOf(1).facts)].toSorted());
  });
});
