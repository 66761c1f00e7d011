import { describe, expect, test } from "bun:test";
import { AppError } from "../../../src/errors.ts";
import { parseHttpUrl, targetUrl } from "../../../src/source/http/http-target.ts";
import { redirectLocation, resolveRedirect } from "../../../src/source/http/redirect.ts";

function asked(url: string): string {
  const { path, query } = parseHttpUrl(url);
  return path + query;
}

describe("an origin is asked for the path as it is written", () => {
  test.each([
    ["http://h", "/"],
    ["http://h/", "/"],
    ["http://h/a.png", "/a.png"],
    ["http://h/a b.png", "/a%20b.png"],
    ["http://h/a%20b.png", "/a%20b.png"],
    ["http://h/a%2Fb.png", "/a%2Fb.png"],
    ["http://h/a%2fb.png", "/a%2fb.png"],
    ["http://h/é.png", "/%C3%A9.png"],
    ["http://h/%C3%A9.png", "/%C3%A9.png"],
    ["http://h/%FF.png", "/%FF.png"],
    ["http://h/a//b.png", "/a//b.png"],
    ["http://h//a.png", "//a.png"],
    ["http://h/a/../b.png", "/a/../b.png"],
    ["http://h/./a/%2e%2e/b", "/./a/%2e%2e/b"],
    ["http://h/a+b.png", "/a+b.png"],
    ["http://h/a\\b.png", "/a%5Cb.png"],
    ["http://h/a|b[1].png", "/a%7Cb%5B1%5D.png"],
    ["http://h/b[1].png", "/b[1].png"],
    ['http://h/"q"<x>.png', "/%22q%22%3Cx%3E.png"],
    ["http://h/it's(1)*!.png", "/it's(1)*!.png"],
    ["http://h/a:b/c@2x;v=1,2.png", "/a:b/c@2x;v=1,2.png"],
    ["http://h/a://b.png", "/a://b.png"],
    // One character that cannot be sent makes the whole path be written anew: escapes of other characters are lost.
    ["http://h/a%2Fb c.png", "/a/b%20c.png"],
    ["http://h/it's a.png", "/it%27s%20a.png"],
    ["http://h/a?b", "/a?b"],
    ["http://h/a?", "/a?"],
    ["http://h?x=1", "/?x=1"],
    ["http://h/a?x=1&y=2", "/a?x=1&y=2"],
    ["http://h/a?q=1@2x", "/a?q=1@2x"],
    ["http://h/a?u=http://e.com/y?z", "/a?u=http://e.com/y?z"],
    ["http://h/a?q=a b", "/a?q=a%20b"],
    ["http://h/a?q=é", "/a?q=%C3%A9"],
    ["http://h/a?q=100%", "/a?q=100%"],
    ["http://h/a#frag", "/a"],
    ["http://h/a#frag?x", "/a"],
    ["http://h/a?x#frag", "/a?x"],
  ])("%s", (url, expected) => {
    expect(asked(url)).toBe(expected);
  });
});

describe("host, port and Host header", () => {
  test.each([
    ["http://h/", "h", 80, "h"],
    ["https://h/", "h", 443, "h"],
    ["HTTPS://H.Example/", "H.Example", 443, "H.Example"],
    ["http://h:8080/", "h", 8080, "h:8080"],
    ["http://h:80/", "h", 80, "h:80"],
    ["http://h:/", "h", 80, "h"],
    ["http://[::1]:81/", "::1", 81, "[::1]:81"],
    ["http://[fe80::1%25eth0]/", "fe80::1%eth0", 80, "[fe80::1]"],
    ["http://bücher.example/", "xn--bcher-kva.example", 80, "xn--bcher-kva.example"],
    ["http://a_b.example/", "a_b.example", 80, "a_b.example"],
    ["http://1.2.3.4/", "1.2.3.4", 80, "1.2.3.4"],
    ["http://user:pw@h:81/", "h", 81, "h:81"],
    ["http://a@b@h/", "h", 80, "h"],
  ])("%s", (url, hostname, port, host) => {
    const target = parseHttpUrl(url);
    expect({ hostname: target.hostname, port: target.port, host: target.host }).toEqual({ hostname, port, host });
  });

  test("user info becomes Basic authorization, decoded, and never part of the URL", () => {
    const target = parseHttpUrl("https://us%20er:p%40ss:word@h/a?b");
    expect(target.authorization).toBe(`Basic ${Buffer.from("us er:p@ss:word").toString("base64")}`);
    expect(targetUrl(target)).toBe("https://h/a?b");
    expect(parseHttpUrl("http://user@h/").authorization).toBe(`Basic ${Buffer.from("user:").toString("base64")}`);
    expect(parseHttpUrl("http://h/").authorization).toBeUndefined();
  });
});

describe("a URL that cannot be meant is unreachable", () => {
  test.each([
    ["stray percent", "http://h/a%.png"],
    ["bad escape", "http://h/a%zz.png"],
    ["bad escape beside a space", "http://h/a %zz.png"],
    ["line break", "http://h/a.png\n"],
    ["tab", "http://h/a\tb.png"],
    ["NUL", "http://h/\u0000"],
    ["leading space", " http://h/a.png"],
    ["no host", "http:///a.png"],
    ["only user info", "http://user@/a.png"],
    ["only a port", "http://:80/a.png"],
    ["one slash", "http:/h/a.png"],
    ["another scheme", "ftp://h/a.png"],
    ["no scheme", "h/a.png"],
    ["port that is no number", "http://h:8x/"],
    ["port beyond 65535", "http://h:99999/"],
    ["port 0", "http://h:0/"],
    ["open bracket", "http://[::1/"],
    ["no IPv6 in brackets", "http://[h]/"],
    ["text behind the bracket", "http://[::1]h/"],
    ["space in the host", "http://h h/"],
    ["escape in the host", "http://h%41/"],
    ["backslash in the host", "http://h\\x/"],
    ["two ports", "http://h:1:2/"],
    ["space in the user info", "http://u u@h/"],
    ["bad escape in the user info", "http://u%@h/"],
    ["host that no name can be", "http://\u00ad/"],
  ])("%s: %j", (_, url) => {
    let thrown: unknown;
    try {
      parseHttpUrl(url);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(AppError);
    expect((thrown as AppError).kind).toBe("source_unreachable");
  });
});

describe("a redirect is resolved against the URL that answered", () => {
  test.each([
    ["http://h/a/b.png", "http://x/y?z", "http://x/y?z"],
    ["http://h/a/b.png", "HTTPS://x/y", "https://x/y"],
    ["https://h/a/b.png", "//x/y", "https://x/y"],
    ["http://h:81/a/b.png?q", "/c", "http://h:81/c"],
    ["http://h/a/b.png", "c.png", "http://h/a/c.png"],
    ["http://h/a/b.png", "../c.png", "http://h/c.png"],
    ["http://h/a/b.png", "../../../c.png", "http://h/c.png"],
    ["http://h/a/b.png", "./", "http://h/a/"],
    ["http://h/a/b/", "..", "http://h/a/"],
    ["http://h/a/b.png", "http://h/x/../y/./z", "http://h/y/z"],
    ["http://h/a/b.png?q", "?r", "http://h/a/b.png?r"],
    ["http://h/a/b.png?q", "#f", "http://h/a/b.png?q"],
    ["http://h/a", "/f%20x%2Fy.png", "http://h/f%20x%2Fy.png"],
    ["http://h/a", "/b c.png", "http://h/b%20c.png"],
    ["http://h/a", "x:y", ""],
    ["http://h/a", "./x:y", "http://h/x:y"],
  ])("%s + %s", (base, location, expected) => {
    if (expected === "")
      return expect(() => resolveRedirect(parseHttpUrl(base), location)).toThrow(/only http and https/);
    expect(targetUrl(resolveRedirect(parseHttpUrl(base), location).target)).toBe(expected);
  });

  test("user info goes along within the host and not to another", () => {
    const base = parseHttpUrl("http://user:pw@h/a");
    expect(resolveRedirect(base, "/b").target.authorization).toBe(base.authorization);
    expect(resolveRedirect(base, "http://h/b").target.authorization).toBeUndefined();
    expect(resolveRedirect(base, "//x/b").target.authorization).toBeUndefined();
  });

  test.each([
    [301, "/x", "/x"],
    [302, "/x", "/x"],
    [303, "/x", "/x"],
    [307, "/x", "/x"],
    [308, "/x", "/x"],
    [300, "/x", undefined],
    [304, "/x", undefined],
    [200, "/x", undefined],
    [302, "", undefined],
    [302, undefined, undefined],
    [302, Buffer.from("/é").toString("latin1"), "/é"],
    [302, "/\u00e9", "/%E9"],
  ])("status %d with Location %j leads to %j", (status, location, expected) => {
    expect(redirectLocation(status, location)).toBe(expected);
  });
});
