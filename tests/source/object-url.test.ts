import { describe, expect, test } from "bun:test";
import { AppError } from "../../src/errors.ts";
import { parseObjectUrl, schemeOf } from "../../src/source/object-url.ts";
import type { SourceUrl } from "../../src/source/types.ts";

const url = (text: string) => text as SourceUrl;

describe("an object URL is split into bucket, key and query", () => {
  test.each([
    ["s3://bkt/a/b.png", "bkt", "a/b.png", undefined],
    ["S3://BKT/A.png", "BKT", "A.png", undefined],
    ["s3://bkt//a//b.png", "bkt", "a//b.png", undefined],
    ["s3://bkt/a/", "bkt", "a/", undefined],
    ["s3://bkt/../x.png", "bkt", "../x.png", undefined],
    ["s3://bkt/a b%20c.png", "bkt", "a b%20c.png", undefined],
    ["s3://bkt/a#b@c", "bkt", "a#b@c", undefined],
    ["s3://bkt/a?ver1", "bkt", "a", "ver1"],
    ["s3://bkt/a?versionId=ver1", "bkt", "a", "versionId=ver1"],
    ["s3://bkt/a?b?c", "bkt", "a", "b?c"],
    ["s3://bkt/a?", "bkt", "a", ""],
    ["s3://u:p@bkt/k", "bkt", "k", undefined],
    ["s3://bkt:80/k", "bkt:80", "k", undefined],
    ["s3://b_k.t/k", "b_k.t", "k", undefined],
    ["s3://bkt/é.png", "bkt", "é.png", undefined],
    ["local:///jpg/jpg.jpg", "", "jpg/jpg.jpg", undefined],
    ["local:/jpg/jpg.jpg", "", "jpg/jpg.jpg", undefined],
    ["local://jpg/jpg.jpg", "jpg", "jpg.jpg", undefined],
    ["local:///a?v=1", "", "a", "v=1"],
  ])("%s", (text, bucket, key, query) => {
    expect(parseObjectUrl(url(text), "?")).toEqual({ bucket, key, query });
  });

  test("an empty separator never cuts the key", () => {
    expect(parseObjectUrl(url("local:///a?v=1"), "")).toEqual({ bucket: "", key: "a?v=1", query: undefined });
  });

  test("a separator of several characters cuts at its first whole occurrence", () => {
    expect(parseObjectUrl(url("s3://b/a?x?version=v1"), "?version=")).toEqual({ bucket: "b", key: "a?x", query: "v1" });
  });
});

describe("an object URL is refused as unreachable", () => {
  test.each([
    ["empty bucket", "s3:///k"],
    ["no key", "s3://bkt/"],
    ["nothing after the bucket", "s3://bkt"],
    ["key of slashes only", "s3://bkt///"],
    ["key that is all query", "s3://bkt/?v1"],
    ["query in the bucket", "s3://bkt?q/k"],
    ["percent in the bucket", "s3://b%20t/k"],
    ["fragment in the bucket", "s3://b#t/k"],
    ["space in the bucket", "s3://b t/k"],
    ["port that is no number", "s3://bkt:abc/k"],
    ["one slash without a bucket", "s3:/bkt/k"],
    ["no slash at all", "local:file.png"],
    ["empty local path", "local:///"],
    ["NUL in the key", "local:///a\u0000b"],
    ["line break in the key", "s3://bkt/a\nb"],
    ["no scheme", "//bkt/k"],
  ])("%s", (_, text) => {
    let thrown: unknown;
    try {
      parseObjectUrl(url(text), "?");
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(AppError);
    expect((thrown as AppError).kind).toBe("source_unreachable");
    expect((thrown as AppError).status).toBe(404);
  });
});

test.each([
  ["HTTP://h/", "http"],
  ["s3://b/k", "s3"],
  ["data:,x", "data"],
  ["/relative", ""],
  ["1a://x", ""],
  [" http://h/", ""],
])("the scheme of %j is %j", (text, scheme) => {
  expect(schemeOf(text)).toBe(scheme);
});
