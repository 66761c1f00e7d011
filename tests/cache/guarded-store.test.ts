import { describe, expect, test } from "bun:test";
import { registerCacheMetrics } from "../../src/cache/cache-metrics.ts";
import { GuardedStore } from "../../src/cache/guarded-store.ts";
import { MemoryStore } from "../../src/cache/memory-store.ts";
import { CorruptRecord } from "../../src/cache/record.ts";
import type { ResultStore } from "../../src/cache/types.ts";
import { Recorder } from "../support/s3-recorder.ts";
import { isSame, keyOf, never, resultOf } from "./results.ts";

/** A store whose behaviour the test chooses, guarded, with a clock that the test moves. */
function stand(behaviour: { get?: ResultStore["get"]; put?: ResultStore["put"] } = {}) {
  const recorder = new Recorder();
  const clock = { time: 0 };
  const memory = new MemoryStore(1 << 20);
  const calls = { get: 0, put: 0 };
  const store: ResultStore = {
    get: (key, signal) => {
      calls.get++;
      return behaviour.get === undefined ? memory.get(key) : behaviour.get(key, signal);
    },
    put: (key, result, signal) => {
      calls.put++;
      return behaviour.put === undefined ? memory.put(key, result) : behaviour.put(key, result, signal);
    },
    remove: (key) => memory.remove(key),
  };
  const guarded = new GuardedStore(store, {
    layer: "fs",
    logger: recorder.logger,
    logLevel: "warn",
    metrics: registerCacheMetrics(recorder.metrics),
    readTimeoutMs: 50,
    writeTimeoutMs: 50,
    clock: () => clock.time,
  });
  return { guarded, recorder, clock, calls };
}

const broken = async () => {
  throw new Error("the disk is on fire");
};
const silent = () => new Promise<undefined>(() => undefined);

describe("a guarded store", () => {
  test("that works is as if it had no guard", async () => {
    const { guarded, recorder } = stand();
    await guarded.put(keyOf("a"), resultOf(100), never);
    expect(isSame(await guarded.get(keyOf("a"), never), resultOf(100))).toBe(true);
    expect(recorder.count("cache_written_bytes_total fs")).toBe(100);
    expect(recorder.lines).toEqual([]);
  });

  test("that fails is a miss, counted, and told of once a minute", async () => {
    const { guarded, recorder, clock } = stand({ get: broken, put: broken });
    for (let turn = 0; turn < 3; turn++) {
      expect(await guarded.get(keyOf("a"), never)).toBeUndefined();
      await guarded.put(keyOf("a"), resultOf(1), never);
    }
    expect(recorder.count("cache_errors_total fs read")).toBe(3);
    expect(recorder.count("cache_errors_total fs write")).toBe(3);
    expect(recorder.count("cache_written_bytes_total")).toBe(0);
    expect(recorder.lines).toEqual([
      {
        level: "warn",
        message: "Kept results: cannot read",
        fields: { layer: "fs", error: "the disk is on fire" },
      },
    ]);
    clock.time += 61_000;
    await guarded.put(keyOf("a"), resultOf(1), never);
    expect(recorder.messages("warn")).toEqual(["Kept results: cannot read", "Kept results: cannot write"]);
  });

  test("that does not answer is a miss when its time is over", async () => {
    const { guarded, recorder } = stand({ get: silent });
    const startedAt = performance.now();
    expect(await guarded.get(keyOf("a"), never)).toBeUndefined();
    expect(performance.now() - startedAt).toBeLessThan(2000);
    expect(recorder.count("cache_errors_total fs read")).toBe(1);
  });

  test("that fails again and again is left alone for a while, then tried again", async () => {
    const { guarded, calls, clock } = stand({ get: broken });
    for (let turn = 0; turn < 20; turn++) await guarded.get(keyOf("a"), never);
    expect(calls.get).toBe(5);
    clock.time += 10_001;
    for (let turn = 0; turn < 20; turn++) await guarded.get(keyOf("a"), never);
    expect(calls.get).toBe(6);
  });

  test("is read from while it cannot be written to", async () => {
    const { guarded, calls } = stand({ put: broken });
    for (let turn = 0; turn < 20; turn++) await guarded.put(keyOf("a"), resultOf(1), never);
    await guarded.get(keyOf("a"), never);
    expect(calls).toEqual({ get: 1, put: 5 });
  });

  test("is not blamed for one who leaves", async () => {
    const { guarded, recorder, calls } = stand({ get: silent });
    for (let turn = 0; turn < 20; turn++) {
      const client = new AbortController();
      const outcome = guarded.get(keyOf("a"), client.signal);
      client.abort(new Error("left"));
      expect(await outcome).toBeUndefined();
    }
    expect(recorder.count("cache_errors_total")).toBe(0);
    expect(calls.get).toBe(20);
  });

  test("is not blamed for damaged results, however many", async () => {
    const corrupt = async () => {
      throw new CorruptRecord("wrong checksum");
    };
    const { guarded, recorder, calls } = stand({ get: corrupt });
    for (let turn = 0; turn < 20; turn++) await guarded.get(keyOf("a"), never);
    expect(calls.get).toBe(20);
    expect(recorder.count("cache_errors_total fs corrupt")).toBe(20);
    expect(recorder.messages("warn")).toEqual(["A kept result is damaged and was removed"]);
  });
});
