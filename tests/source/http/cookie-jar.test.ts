import { describe, expect, test } from "bun:test";
import { createCookieJar } from "../../../src/source/http/cookie-jar.ts";
import { parseHttpUrl } from "../../../src/source/http/http-target.ts";

function sent(setAt: string, lines: readonly string[], askedAt: string): string {
  const jar = createCookieJar();
  jar.store(parseHttpUrl(setAt), lines);
  return jar.header(parseHttpUrl(askedAt));
}

describe("a cookie set at one URL and asked for at another", () => {
  test.each([
    ["the same host", "http://a.example/x", "n=v", "http://a.example/y", "n=v"],
    ["another port", "http://a.example/x", "n=v", "http://a.example:81/y", "n=v"],
    ["another case of the host", "http://A.example/x", "n=v", "http://a.Example/y", "n=v"],
    ["a subdomain", "http://a.example/x", "n=v", "http://b.a.example/y", ""],
    ["another host", "http://a.example/x", "n=v", "http://b.example/y", ""],
    ["a subdomain, with Domain", "http://a.example/x", "n=v; Domain=a.example", "http://b.a.example/y", ""],
    [
      "a sibling, with the parent's Domain",
      "http://a.z.example/x",
      "n=v; Domain=.z.example",
      "http://b.z.example/y",
      "n=v",
    ],
    ["a Domain that is not its own", "http://a.example/x", "n=v; Domain=b.example", "http://b.example/y", ""],
    ["a Domain that only ends alike", "http://xa.example/x", "n=v; Domain=a.example", "http://xa.example/y", ""],
    ["a whole top level as Domain", "http://a.example/x", "n=v; Domain=example", "http://b.example/y", ""],
    ["the folder it was set in", "http://a.example/p/x", "n=v", "http://a.example/p/y", "n=v"],
    ["below that folder", "http://a.example/p/x", "n=v", "http://a.example/p/q/y", "n=v"],
    ["above that folder", "http://a.example/p/x", "n=v", "http://a.example/y", ""],
    ["a folder that only begins alike", "http://a.example/p/x", "n=v", "http://a.example/pq/y", ""],
    ["its own Path", "http://a.example/p/x", "n=v; Path=/", "http://a.example/y", "n=v"],
    ["https for a secure one", "https://a.example/x", "n=v; Secure", "https://a.example/y", "n=v"],
    ["http for a secure one", "https://a.example/x", "n=v; Secure", "http://a.example/y", ""],
    ["deleted by Max-Age", "http://a.example/x", "n=v; Max-Age=0", "http://a.example/y", ""],
    [
      "deleted by Expires",
      "http://a.example/x",
      "n=v; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
      "http://a.example/y",
      "",
    ],
    [
      "kept by Max-Age over Expires",
      "http://a.example/x",
      "n=v; Max-Age=9; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
      "http://a.example/y",
      "n=v",
    ],
    ["with an equals sign in its value", "http://a.example/x", "n=a=b", "http://a.example/y", "n=a=b"],
    ["without a name", "http://a.example/x", "=v", "http://a.example/y", ""],
    ["without an equals sign", "http://a.example/x", "n", "http://a.example/y", ""],
  ])("%s", (_, setAt, line, askedAt, expected) => {
    expect(sent(setAt, [line], askedAt)).toBe(expected);
  });

  test("a later cookie of the same name takes the place of the earlier", () => {
    expect(sent("http://a.example/", ["n=1", "m=2", "n=3"], "http://a.example/")).toBe("m=2; n=3");
  });

  test("deletes an earlier cookie", () => {
    expect(sent("http://a.example/", ["n=1", "n=; Max-Age=0"], "http://a.example/")).toBe("");
  });

  test("a jar does not grow without end", () => {
    const lines = Array.from({ length: 500 }, (_, index) => `n${index}=v`);
    expect(sent("http://a.example/", lines, "http://a.example/").split("; ")).toHaveLength(50);
  });
});
