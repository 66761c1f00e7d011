import { describe, expect, test } from "bun:test";
import { readDecimal, readInteger } from "../../src/options/read-number.ts";

describe("readInteger", () => {
  test.each([
    ["0", 0],
    ["10", 10],
    ["+5", 5],
    ["-5", -5],
    ["007", 7],
    ["-0", 0],
    ["9007199254740991", 9007199254740991],
    ["00000000000000000000000000000001", 1],
  ])("reads %s as %d", (text, value) => expect(readInteger(text)).toBe(value));

  test.each(["9007199254740993", "9223372036854775807", "0009223372036854775807"])(
    "keeps %s as a safe number",
    (text) => expect(readInteger(text)).toBe(Number.MAX_SAFE_INTEGER),
  );

  test("keeps the smallest 64-bit number as a safe one", () =>
    expect(readInteger("-9223372036854775808")).toBe(-Number.MAX_SAFE_INTEGER));

  test.each([
    "",
    "+",
    "-",
    "1.5",
    "1e2",
    "0x10",
    "1_0",
    " 1",
    "1 ",
    "a",
    "9223372036854775808",
    "-9223372036854775809",
    "99999999999999999999",
    "１",
  ])("refuses %j", (text) => expect(readInteger(text)).toBeUndefined());
});

describe("readDecimal", () => {
  test.each([
    ["1", 1],
    ["+2", 2],
    ["-2.5", -2.5],
    [".5", 0.5],
    ["5.", 5],
    ["1e1", 10],
    ["1E-2", 0.01],
    ["1_0", 10],
    ["1_000.2_5", 1000.25],
    ["1e1_0", 1e10],
    ["-0", 0],
    ["0x1p1", 2],
    ["0X.8p0", 0.5],
    ["0x1.8p1", 3],
    ["-0x_1_0p-1", -8],
    ["1e-999", 0],
  ])("reads %s as %d", (text, value) => expect(readDecimal(text)).toBe(value));

  test.each([
    "",
    ".",
    "+",
    "x",
    "1,5",
    "_1",
    "1_",
    "1__0",
    "1._5",
    "1_.5",
    "1e",
    "1e_1",
    "0x10",
    "0xp1",
    "%31",
    " 1",
    "nan",
    "NaN",
    "inf",
    "-Inf",
    "infinity",
    "1e999",
    "0b1",
  ])("refuses %j", (text) => expect(readDecimal(text)).toBeUndefined());

  test("takes time linear in a hostile text", () => {
    const texts = [
      "1".repeat(200_000),
      "1_".repeat(100_000),
      ".".repeat(200_000),
      `0x${"a_".repeat(100_000)}`,
      "=".repeat(9),
    ];
    const start = performance.now();
    for (const text of texts) readDecimal(`${text}!`);
    expect(performance.now() - start).toBeLessThan(500);
  });
});
