import { describe, expect, test } from "bun:test";
import { AppError } from "../../../src/errors.ts";
import type { AwsCredentials } from "../../../src/source/s3/credentials/aws-credentials.ts";
import { CredentialCache } from "../../../src/source/s3/credentials/credential-cache.ts";
import { silentLogger } from "../../../src/telemetry/types.ts";
import { failureOf } from "../../support/failure.ts";
import { FakeClock, settle } from "../../support/fake-clock.ts";

const MINUTE = 60_000;

/** A source of keys under a test's control, and a cache over it. */
function stand(lifetimeMs: number | undefined, more: Partial<AwsCredentials> = {}) {
  const clock = new FakeClock();
  const skew = { offsetMs: 0 };
  const source = { calls: 0, failure: undefined as AppError | undefined, lifetimeMs, delay: Promise.resolve() };
  const results: string[] = [];
  const cache = new CredentialCache({
    clock,
    skewMs: () => skew.offsetMs,
    logger: silentLogger,
    onLoaded: (result) => results.push(result),
    load: async () => {
      const name = `key-${++source.calls}`;
      await source.delay;
      if (source.failure !== undefined) throw source.failure;
      const expiration =
        source.lifetimeMs === undefined ? {} : { expiration: new Date(clock.now() + source.lifetimeMs) };
      return { accessKeyId: name, secretAccessKey: "s", source: "test", ...expiration, ...more };
    },
  });
  /** The key at once; fails when the cache wants us to wait. */
  const atOnce = () => {
    const found = cache.get();
    if (found instanceof Promise) throw new Error("had to wait");
    return found.accessKeyId;
  };
  const key = async () => (await cache.get()).accessKeyId;
  return { clock, skew, source, cache, results, atOnce, key };
}

const down = () => new AppError("source_unreachable", "STS is down");

describe("CredentialCache", () => {
  test("asks once for any number of first callers", async () => {
    const { source, key } = stand(15 * MINUTE);
    const keys = await Promise.all(Array.from({ length: 50 }, key));
    expect(new Set(keys)).toEqual(new Set(["key-1"]));
    expect(source.calls).toBe(1);
  });

  test("returns good keys without a promise", async () => {
    const { clock, key, atOnce, source } = stand(15 * MINUTE);
    await key();
    await clock.advance(9 * MINUTE);
    expect(atOnce()).toBe("key-1");
    expect(source.calls).toBe(1);
  });

  test("renews ageing keys in the background, without a request too", async () => {
    const { clock, key, atOnce, source } = stand(15 * MINUTE);
    await key();
    await clock.advance(10 * MINUTE);
    expect(source.calls).toBe(2);
    expect(atOnce()).toBe("key-2");
  });

  test("serves the old keys at once while the new ones are on their way", async () => {
    const { clock, key, atOnce, source } = stand(15 * MINUTE);
    await key();
    const { promise, resolve } = Promise.withResolvers<void>();
    source.delay = promise;
    await clock.advance(10 * MINUTE);
    expect(atOnce()).toBe("key-1");
    expect(atOnce()).toBe("key-1");
    resolve();
    await settle();
    expect(atOnce()).toBe("key-2");
    expect(source.calls).toBe(2);
  });

  test("keeps the old keys while their source is down and backs off 1, 2, 4 … 30 seconds", async () => {
    const { clock, key, atOnce, source } = stand(30 * MINUTE);
    await key();
    await clock.advance(25 * MINUTE - 1);
    source.failure = down();
    const tries: number[] = [];
    for (let second = 0; second < 100; second++) {
      const before = source.calls;
      await clock.advance(second === 0 ? 1 : 1000);
      if (source.calls > before) tries.push(second);
      expect(atOnce()).toBe("key-1");
    }
    expect(tries).toEqual([0, 1, 3, 7, 15, 31, 61, 91]);
  });

  test("uses old keys to their very end when the new ones do not come", async () => {
    const { clock, key, source } = stand(15 * MINUTE);
    await key();
    source.failure = down();
    await clock.advance(15 * MINUTE - 500);
    expect(await key()).toBe("key-1");
    await clock.advance(1000);
    expect((await failureOf(key())).message).toBe("STS is down");
  });

  test("remembers a failure instead of asking for every request", async () => {
    const { clock, key, source } = stand(15 * MINUTE);
    source.failure = down();
    const failures = await Promise.all(Array.from({ length: 50 }, () => failureOf(key())));
    expect(new Set(failures.map(({ message }) => message))).toEqual(new Set(["STS is down"]));
    await failureOf(key());
    expect(source.calls).toBe(1);
    await clock.advance(1000);
    await failureOf(key());
    await failureOf(key());
    expect(source.calls).toBe(2);
    source.failure = undefined;
    await clock.advance(2000);
    expect(await key()).toBe("key-3");
  });

  test("keys without an end are never asked for again", async () => {
    const { clock, key, atOnce, source } = stand(undefined);
    await key();
    await clock.advance(1000 * 60 * MINUTE);
    expect(atOnce()).toBe("key-1");
    expect([source.calls, clock.timers]).toEqual([1, 0]);
  });

  test("keys out of a file are read again in the background every minute", async () => {
    const { clock, key, atOnce, source } = stand(undefined, { rereadAfterMs: MINUTE });
    await key();
    await clock.advance(MINUTE);
    expect([source.calls, atOnce()]).toEqual([2, "key-2"]);
    source.failure = down();
    await clock.advance(5 * MINUTE);
    expect(atOnce()).toBe("key-2");
  });

  test("keys that arrive expired serve for a moment, since our clock may be the wrong one", async () => {
    const { clock, key, atOnce, source } = stand(-60 * MINUTE);
    expect(await key()).toBe("key-1");
    expect(atOnce()).toBe("key-1");
    await clock.advance(500);
    expect([source.calls, atOnce()]).toEqual([1, "key-1"]);
  });

  test("measures the life of keys by the store's clock once its distance is known", async () => {
    const { clock, skew, key, atOnce, source } = stand(15 * MINUTE);
    // Our clock is an hour ahead: by it, keys that the store gives for 15 minutes have expired long ago.
    source.lifetimeMs = 15 * MINUTE - 60 * MINUTE;
    skew.offsetMs = -60 * MINUTE;
    await key();
    await clock.advance(9 * MINUTE);
    expect([source.calls, atOnce()]).toEqual([1, "key-1"]);
  });

  test("refused keys are replaced once for all requests that were refused", async () => {
    const { key, cache, source } = stand(15 * MINUTE);
    await key();
    const refused = await cache.get();
    const renewed = await Promise.all(Array.from({ length: 50 }, () => cache.renewAfterRefusal(refused)));
    expect(renewed.every(Boolean)).toBe(true);
    expect(await cache.renewAfterRefusal(refused)).toBe(true);
    expect(source.calls).toBe(2);
  });

  test("refused keys of a source that has no others end the matter, at most one look in 5 seconds", async () => {
    const { clock, key, cache, source } = stand(undefined, { accessKeyId: "static" });
    await key();
    const refused = await cache.get();
    expect(await cache.renewAfterRefusal(refused)).toBe(false);
    expect(await cache.renewAfterRefusal(refused)).toBe(false);
    expect(source.calls).toBe(2);
    await clock.advance(5000);
    expect(await cache.renewAfterRefusal(refused)).toBe(false);
    expect(source.calls).toBe(3);
  });

  test("an hour of keys that end every 20 seconds never makes anybody wait", async () => {
    const { clock, key, atOnce, source, results } = stand(20_000);
    await key();
    for (let elapsed = 0; elapsed < 60 * MINUTE; elapsed += 250) {
      await clock.advance(250);
      atOnce();
    }
    expect(source.calls).toBeGreaterThan(180);
    expect(source.calls).toBeLessThan(300);
    expect(results).not.toContain("error");
  });

  test("an hour of keys that end every 20 seconds survives a source that fails every second time", async () => {
    const { clock, key, source } = stand(20_000);
    await key();
    for (let elapsed = 0; elapsed < 60 * MINUTE; elapsed += 250) {
      source.failure = source.calls % 2 === 0 ? down() : undefined;
      await clock.advance(250);
      await key();
    }
    expect(source.calls).toBeGreaterThan(300);
  });

  test("a closed cache renews nothing in the background", async () => {
    const { clock, key, cache, source } = stand(15 * MINUTE);
    await key();
    cache.close();
    await clock.advance(12 * MINUTE);
    await cache.get();
    await settle();
    expect([source.calls, clock.timers]).toEqual([1, 0]);
  });
});
