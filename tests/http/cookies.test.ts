import { describe, expect, test } from "bun:test";
import { type CookieSettings, sourceCookies } from "../../src/http/cookies.ts";
import type { SourceUrl } from "../../src/source/types.ts";

const ON: CookieSettings = { isPassedThrough: true, isUnscoped: false, baseUrl: "" };

function passes(source: string, request: Record<string, string>, settings: Partial<CookieSettings> = {}): boolean {
  const headers = new Headers({ cookie: "sid=42; b=2", ...request });
  const cookies = sourceCookies(headers, source as SourceUrl, { ...ON, ...settings });
  if (cookies !== undefined) expect(cookies).toBe("sid=42; b=2");
  return cookies !== undefined;
}

describe("the client's cookies", () => {
  test.each([
    ["the host that was asked", "http://h.example/a.png", { host: "h.example" }, true],
    ["its other ports", "http://h.example:81/a.png", { host: "h.example:82" }, true],
    ["its https twin", "https://h.example/a.png", { host: "h.example" }, true],
    ["the same host in capitals", "http://H.example/a.png", { host: "h.EXAMPLE" }, true],
    ["another host", "http://h.example/a.png", { host: "other.example" }, false],
    ["a subdomain", "http://sub.h.example/a.png", { host: "h.example" }, false],
    ["what the proxy says was asked", "http://h.example/a.png", { host: "x", "x-forwarded-host": "h.example" }, true],
    ["the asked host behind a proxy", "http://h.example/a.png", { host: "h.example", "x-forwarded-host": "x" }, false],
    ["a bucket", "s3://h.example/a.png", { host: "h.example" }, false],
    ["what is no URL", "a.png", { host: "h.example" }, false],
  ])("to %s", (_, source, request, expected) => {
    expect(passes(source, request)).toBe(expected);
  });

  test.each([
    ["its host", "http://h.example/a.png", "http://h.example/", true],
    ["its directory", "http://h.example/img/a.png", "http://h.example/img/", true],
    ["what is outside its directory", "http://h.example/other/a.png", "http://h.example/img/", false],
    ["what only begins like its directory", "http://h.example/imgx/a.png", "http://h.example/img/", false],
    ["another host", "http://x.example/a.png", "http://h.example/", false],
  ])("with a base URL belong to %s", (_, source, baseUrl, expected) => {
    expect(passes(source, { host: "x.example" }, { baseUrl })).toBe(expected);
  });

  test("stay here unless passed through", () => {
    expect(passes("http://h/a", { host: "h" }, { isPassedThrough: false })).toBe(false);
    expect(passes("http://h/a", { host: "h" }, { isPassedThrough: false, isUnscoped: true })).toBe(false);
  });

  test("go everywhere when told so", () => {
    expect(passes("http://h/a", { host: "x" }, { isUnscoped: true })).toBe(true);
  });
});
