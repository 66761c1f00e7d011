import { describe, expect, test } from "bun:test";
import { nearestWord } from "../../src/text/nearest.ts";

const WORDS = ["height", "width", "workers", "quality", "watermark", "info", "warn"];

describe("nearestWord", () => {
  test.each([
    ["heigth", "height"],
    ["hight", "height"],
    ["WIDTH", "width"],
    ["widht", "width"],
    ["workerz", "workers"],
    ["qualty", "quality"],
    ["qualiti", "quality"],
    ["warning", "warn"],
    ["water", "watermark"],
    ["inf", "info"],
  ])("takes %p for %p", (word, meant) => {
    expect(nearestWord(word, WORDS)).toBe(meant);
  });

  test.each(["", "x", "zzzzzz", "cache", "in", "widthheight_of_something"])("finds nothing near %p", (word) => {
    expect(nearestWord(word, WORDS.slice(0, 5))).toBeUndefined();
  });

  test("prefers the fewest edits, then the first", () => {
    expect(nearestWord("cat", ["bat", "cats", "hat"])).toBe("bat");
    expect(nearestWord("cut", ["bats", "cat"])).toBe("cat");
  });

  test("has nothing to offer without candidates", () => {
    expect(nearestWord("width", [])).toBeUndefined();
  });
});
