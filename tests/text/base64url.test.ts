import { describe, expect, test } from "bun:test";
import { decodeBase64Url, encodeBase64Url, encodeSlowly, withoutPadding } from "../../src/text/base64url.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

describe("URL-safe base64", () => {
  test.each([
    ["", ""],
    ["YQ", "a"],
    ["YR", "a"], // spare bits
    ["YWI", "ab"],
    ["YWJj", "abc"],
    ["8J-QtiB4", "🐶 x"],
  ])("%j decodes to %j", (text, decoded) => expect(decodeBase64Url(text)).toEqual(bytesOf(decoded)));

  test.each(["a", "YWJjZ", "YQ=", "YQ==", "ab+d", "ab/d", "ab d", "a\nbc", "é", "!!!!"])("%j is refused", (text) =>
    expect(decodeBase64Url(text)).toBeUndefined(),
  );

  test("encodes without padding", () => expect(encodeBase64Url(Uint8Array.of(251, 255, 254, 1))).toBe("-__-AQ"));

  test("encodes the same in runtimes without toBase64", () => {
    for (let length = 0; length < 40; length++) {
      const bytes = Uint8Array.from({ length }, (_, index) => (index * 83 + length * 59) % 256);
      expect(encodeSlowly(bytes)).toBe(encodeBase64Url(bytes));
    }
  });

  test.each([
    ["YQ==", "YQ"],
    ["====", ""],
    ["Y=Q", "Y=Q"],
    ["", ""],
  ])("%j without padding is %j", (text, rest) => expect(withoutPadding(text)).toBe(rest));
});
