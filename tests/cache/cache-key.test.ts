import { describe, expect, test } from "bun:test";
import { cacheKey, canonicalText, type KeyPart } from "../../src/cache/cache-key.ts";

describe("a key", () => {
  test("is 64 hexadecimal digits that hold nothing of its parts", () => {
    expect(cacheKey({ source: "s3://bucket/secret-name.jpg", cookie: "session=1" })).toMatch(/^[0-9a-f]{64}$/);
  });

  test("is the same however a record was filled", () => {
    expect(cacheKey({ a: 1, b: { d: [1, 2], c: "x" } })).toBe(cacheKey({ b: { c: "x", d: [1, 2] }, a: 1 }));
    expect(cacheKey({ a: 1, b: undefined })).toBe(cacheKey({ a: 1 }));
  });

  test("is the same in every process and version, as stores that outlive them need", () => {
    expect(cacheKey({ source: "local:///a.jpg", width: 100 })).toBe(
      "472c4c3442474f3a7d4c31f24102dabf660dc7412bf3e4dd97832175f00d4f0d" as never,
    );
  });

  const different: readonly (readonly [KeyPart, KeyPart])[] = [
    [{ a: "1" }, { a: 1 }],
    [{ a: null }, { a: "null" }],
    [{ a: null }, {}],
    [["a", "b"], ["a,b"]],
    [["a"], { 0: "a" }],
    [{ a: "b", c: "d" }, { a: 'b","c":"d' }],
    [
      [[1], 2],
      [1, [2]],
    ],
    [{ a: 0.1 }, { a: 0.10000000000000002 }],
    [true, "true"],
  ];
  test.each(different)("tells %j from %j", (one, other) => {
    expect(canonicalText(one)).not.toBe(canonicalText(other));
    expect(cacheKey(one)).not.toBe(cacheKey(other));
  });
});
