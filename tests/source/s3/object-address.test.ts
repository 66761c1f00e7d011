import { describe, expect, test } from "bun:test";
import { AppError } from "../../../src/errors.ts";
import { encodeComponent, encodeKey, parseObjectAddress, printAddress } from "../../../src/source/s3/object-address.ts";
import type { SourceUrl } from "../../../src/source/types.ts";

function parse(url: string, separator = "?") {
  return parseObjectAddress(url as SourceUrl, separator);
}

function refusal(url: string): AppError {
  try {
    parse(url);
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  throw new Error(`${url} was not refused`);
}

describe("parseObjectAddress", () => {
  test.each([
    ["s3://b/dir/a.jpg", "b", "dir/a.jpg", ""],
    ["S3://b//a.jpg", "b", "a.jpg", ""],
    ["s3://b/dir//x/", "b", "dir//x/", ""],
    ["s3://user:pw@b/a", "b", "a", ""],
    ["s3://b:80/a", "b:80", "a", ""],
    ["s3://b/a?ver", "b", "a", "ver"],
    ["s3://b/a?", "b", "a", ""],
    ["s3://b/a?versionId=v?w", "b", "a", "versionId=v?w"],
    ["s3://b/a b+c%20#d", "b", "a b+c%20#d", ""],
    ["s3://b/a..b/c", "b", "a..b/c", ""],
    ["s3://b/.../x", "b", ".../x", ""],
    ["s3://b/%2e%2e/other/a", "b", "%2e%2e/other/a", ""],
  ])("reads %s", (url, bucket, key, version) => {
    expect(parse(url)).toEqual({ bucket, key, version });
  });

  test("divides key and version at the separator it is given", () => {
    expect(parse("s3://b/a?b?version=v", "?version=")).toEqual({ bucket: "b", key: "a?b", version: "v" });
    expect(parse("s3://b/a?b", "")).toEqual({ bucket: "b", key: "a?b", version: "" });
  });

  test.each(["s3://b", "s3://b/", "s3:///a", "s3:/b/a", "s3://a b/c", "s3://arn:aws:s3:x:y:z/a"])(
    "answers 404 to %s",
    (url) => {
      expect(refusal(url).status).toBe(404);
    },
  );

  test.each([
    "s3://b/./a",
    "s3://b/x/../a",
    "s3://b/../other/a",
    "s3://b/..",
    "s3://b/a/.",
    "s3://../a",
    "s3://b/\ud800",
  ])("answers 400 to %s", (url) => {
    expect(refusal(url)).toMatchObject({ status: 400, kind: "source_unreachable" });
  });
});

describe("encodeKey", () => {
  test("leaves alone what SigV4 leaves alone and encodes every other byte", () => {
    expect(encodeKey("aZ09-_.~/x")).toBe("aZ09-_.~/x");
    expect(encodeKey("!'()*")).toBe("%21%27%28%29%2A");
    expect(encodeKey("a b+c%d#e?f&g=h\\i")).toBe("a%20b%2Bc%25d%23e%3Ff%26g%3Dh%5Ci");
    expect(encodeKey("é/日😀")).toBe("%C3%A9/%E6%97%A5%F0%9F%98%80");
    expect(encodeComponent("a/b")).toBe("a%2Fb");
  });

  test("encodes every ASCII character so that the URL parser changes nothing", () => {
    for (let code = 32; code < 127; code++) {
      const path = `/b/x${encodeKey(String.fromCharCode(code))}y`;
      expect(new URL(`http://h${path}`).pathname).toBe(path);
    }
  });
});

test("printAddress writes an address back", () => {
  for (const url of ["s3://b/a", "s3://b/a?v"]) expect(printAddress(parse(url))).toBe(url);
});
