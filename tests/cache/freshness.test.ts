import { describe, expect, test } from "bun:test";
import { ageSeconds, type FreshnessPolicy, isFresh, lifetimeSeconds } from "../../src/cache/freshness.ts";

const CHECKED_AT = Date.UTC(2026, 0, 1);
const date = (seconds: number) => new Date(CHECKED_AT + seconds * 1000).toUTCString();
const etag = '"a"';
const own: FreshnessPolicy = { ttlSeconds: 1000, cacheTtlSeconds: null, obeysSource: false };
const passing: FreshnessPolicy = { ...own, obeysSource: true };

type Case = readonly [
  what: string,
  policy: FreshnessPolicy,
  headers: Readonly<Record<string, string>>,
  seconds: number | null,
];
const cases: readonly Case[] = [
  ["as long as clients by default", own, {}, 1000],
  ["by its own rule, which may be longer", { ...own, cacheTtlSeconds: 5000 }, {}, 5000],
  ["by its own rule, which may be shorter", { ...own, cacheTtlSeconds: 10 }, {}, 10],
  ["by its own rule where clients may keep nothing", { ...own, ttlSeconds: 0, cacheTtlSeconds: 60 }, {}, 60],
  ["not at all without a lifetime and a validator", { ...own, ttlSeconds: 0 }, {}, null],
  ["to be compared each time with a validator", { ...own, ttlSeconds: 0 }, { etag }, 0],
  ["to be compared each time with a date", { ...own, cacheTtlSeconds: 0 }, { "last-modified": date(-1) }, 0],
  ["not at all when the source says no-store", own, { etag, "cache-control": "public, No-Store" }, null],
  ["whatever the source says that clients do not hear", own, { "cache-control": "private, max-age=5, no-cache" }, 1000],
  ["not at all when it is private and says so to clients", passing, { etag, "cache-control": "private" }, null],
  ["to be compared each time when the source wants it", passing, { etag, "cache-control": "no-cache" }, 0],
  ["as long as the source says", passing, { "cache-control": "public, max-age=60" }, 60],
  ["as long as the source says to shared caches", passing, { "cache-control": "max-age=60, s-maxage=30" }, 30],
  ["as long as the source says in quotes", passing, { "cache-control": 'max-age="60"' }, 60],
  ["less the age it came with", passing, { "cache-control": "max-age=60", age: "45" }, 15],
  ["not longer than its own rule", { ...passing, cacheTtlSeconds: 20 }, { "cache-control": "max-age=60" }, 20],
  ["as stale when the number is none", passing, { etag, "cache-control": "max-age=soon" }, 0],
  ["until the source's Expires", passing, { expires: date(90) }, 90],
  ["until Expires by the source's clock", passing, { expires: date(90), date: date(30) }, 60],
  ["as long as clients when Expires is over", passing, { expires: date(-90) }, 1000],
  ["as long as clients when Expires is none", passing, { expires: "0" }, 1000],
  ["by Cache-Control before Expires", passing, { "cache-control": "max-age=5", expires: date(90) }, 5],
  ["as long as clients when the source says nothing of time", passing, { "cache-control": "public" }, 1000],
];

describe("a result is kept", () => {
  test.each(cases)("%s", (_, policy, headers, seconds) => {
    expect(lifetimeSeconds({ headers, checkedAt: CHECKED_AT }, policy)).toBe(seconds);
  });
});

describe("a kept result", () => {
  const facts = { headers: { "cache-control": "max-age=60", age: "10" }, checkedAt: CHECKED_AT };

  test.each([
    [0, true],
    [49_999, true],
    [50_000, false],
    // Another machine's clock is ahead.
    [-3_600_000, true],
  ])("%p ms after it was checked is fresh: %p", (ms, expected) => {
    expect(isFresh(facts, passing, CHECKED_AT + ms)).toBe(expected);
  });

  test("that must be compared each time is never fresh", () => {
    expect(isFresh({ headers: { etag }, checkedAt: CHECKED_AT }, { ...own, ttlSeconds: 0 }, CHECKED_AT - 5)).toBe(
      false,
    );
  });

  test("stays stale once Expires is over", () => {
    const expiring = { headers: { expires: date(90) }, checkedAt: CHECKED_AT };
    expect(isFresh(expiring, passing, CHECKED_AT + 89_000)).toBe(true);
    expect(isFresh(expiring, passing, CHECKED_AT + 3600_000)).toBe(false);
  });

  test("grows older from the age it came with", () => {
    expect(ageSeconds(facts, CHECKED_AT + 5_900)).toBe(15);
    expect(ageSeconds(facts, CHECKED_AT - 5_000)).toBe(10);
    expect(ageSeconds({ ...facts, headers: { age: "old" } }, CHECKED_AT)).toBe(0);
  });
});
