import { describe, expect, test } from "bun:test";
import { type CachingFacts, type CachingSettings, cacheControl } from "../../src/http/cache-control.ts";

const NOW = Date.UTC(2026, 0, 1);
const SECOND = NOW / 1000;

function value(facts: Partial<CachingFacts> = {}, settings: Partial<CachingSettings> = {}): string | undefined {
  const plain = { status: 200, expires: 0, fallbackTtlSeconds: 0, sourceHeaders: undefined, now: NOW };
  return cacheControl({ ...plain, ...facts }, { ttlSeconds: 31_536_000, isPassedThrough: false, ...settings });
}

const source = (headers: Record<string, string>) => new Headers(headers);
const inSeconds = (seconds: number) => new Date(NOW + seconds * 1000).toUTCString();

describe("the lifetime of an answer", () => {
  test.each([
    ["is the TTL", {}, {}, "max-age=31536000, public"],
    ["is a TTL of the configuration", {}, { ttlSeconds: 60 }, "max-age=60, public"],
    ["is none with a TTL of 0", {}, { ttlSeconds: 0 }, "no-cache"],
    ["is the TTL for 304 too", { status: 304 }, {}, "max-age=31536000, public"],
    ["is not given for errors", { status: 404 }, {}, undefined],
  ])("%s", (_, facts, settings, expected) => {
    expect(value(facts, settings)).toBe(expected);
  });
});

describe("the expires option", () => {
  test.each([
    ["counts down", { expires: SECOND + 600 }, {}, "max-age=600, public"],
    ["cuts to whole seconds", { expires: SECOND + 600, now: NOW + 1 }, {}, "max-age=599, public"],
    ["never exceeds the TTL", { expires: SECOND + 600 }, { ttlSeconds: 60 }, "max-age=60, public"],
    ["does not fall back to the TTL in its last second", { expires: SECOND, now: NOW - 1 }, {}, "no-cache"],
    ["means no-cache with a TTL of 0", { expires: SECOND + 600 }, { ttlSeconds: 0 }, "no-cache"],
    [
      "wins over the source's words",
      { expires: SECOND + 600, sourceHeaders: source({ "cache-control": "max-age=123" }) },
      { isPassedThrough: true },
      "max-age=600, public",
    ],
    ["wins even where the status allows no caching", { expires: SECOND + 9, status: 404 }, {}, "max-age=9, public"],
  ])("%s", (_, facts, settings, expected) => {
    expect(value(facts, settings)).toBe(expected);
  });
});

describe("the source's own words", () => {
  test.each([
    ["are ignored unless passed through", { "cache-control": "max-age=123" }, false, "max-age=31536000, public"],
    ["are copied as they are", { "cache-control": "private, no-store" }, true, "private, no-store"],
    ["prefer Cache-Control", { "cache-control": "max-age=0", expires: inSeconds(1000) }, true, "max-age=0"],
    ["turn Expires into a lifetime", { expires: inSeconds(1000) }, true, "max-age=1000, public"],
    ["skip an Expires of the past", { expires: inSeconds(-5) }, true, "max-age=31536000, public"],
    ["skip an Expires that is no date", { expires: "0" }, true, "max-age=31536000, public"],
    ["may be missing", {}, true, "max-age=31536000, public"],
  ])("%s", (_, headers, isPassedThrough, expected) => {
    expect(value({ sourceHeaders: source(headers) }, { isPassedThrough })).toBe(expected);
  });

  test("do not speak for an error", () => {
    const sourceHeaders = source({ "cache-control": "max-age=9" });
    expect(value({ status: 502, sourceHeaders }, { isPassedThrough: true })).toBeUndefined();
  });
});

describe("the fallback's TTL", () => {
  test.each([
    ["replaces the TTL", { fallbackTtlSeconds: 33 }, "max-age=33, public"],
    ["holds for error statuses too", { fallbackTtlSeconds: 33, status: 404 }, "max-age=33, public"],
    ["yields to a shorter expires", { fallbackTtlSeconds: 33, expires: SECOND + 10 }, "max-age=10, public"],
    ["beats a longer expires", { fallbackTtlSeconds: 33, expires: SECOND + 600 }, "max-age=33, public"],
  ])("%s", (_, facts, expected) => {
    expect(value(facts)).toBe(expected);
  });
});
