import { describe, expect, test } from "bun:test";
import { createOptionsReader } from "../../src/options/options-reader.ts";
import { applyExtension, parseOptions } from "../../src/options/parse-options.ts";
import { NOW, refusalOf, rulesWith } from "./reference-settings.ts";

const rules = rulesWith({ presets: ["small=w:20", "soon=exp:4102444800"] });

describe("a reader of options", () => {
  test.each([[["w:20", "q:80"]], [["pr:small", "cb:x"]], [["rs:fill:300:200", "g:sm"]], [[]]] as const)(
    "reads %j as the parser does, and gives the very same options for the same text",
    (segments) => {
      const reader = createOptionsReader(rules);
      const first = reader.read(segments, NOW);
      expect(first).toEqual(parseOptions(segments, rules, NOW));
      expect(reader.read([...segments], NOW + 1)).toBe(first);
    },
  );

  test("keeps what differs apart", () => {
    const reader = createOptionsReader(rules);
    const widths = [["w:20"], ["w:21"], ["w:2", "h:0"], ["w:20"]].map((segments) => reader.read(segments, NOW));
    expect(widths.map(({ pipelines: [{ width }] }) => width)).toEqual([20, 21, 2, 20]);
  });

  test("gives the very same options for the same extension", () => {
    const reader = createOptionsReader(rules);
    const options = reader.read(["w:20"], NOW);
    const webp = reader.withExtension(options, "webp");
    expect(webp).toEqual(applyExtension(options, "webp"));
    expect(reader.withExtension(options, "webp")).toBe(webp);
    expect(reader.withExtension(options, "png").format).toBe("png");
    expect(reader.withExtension(options, "")).toBe(options);
  });

  test("refuses the same again and again", () => {
    const reader = createOptionsReader(rules);
    for (let turn = 0; turn < 2; turn++) {
      expect(refusalOf(() => reader.read(["w:x"], NOW)).kind).toBe("invalid_url");
      expect(refusalOf(() => reader.withExtension(reader.read(["w:1"], NOW), "nonsense")).kind).toBe("invalid_url");
    }
  });

  test.each([[["exp:4102444800"]], [["w:20", "pr:soon"]]])(
    "notices that %j has expired in the meantime",
    (segments) => {
      const reader = createOptionsReader(rules);
      expect(reader.read(segments, NOW).expires).toBe(4_102_444_800);
      expect(refusalOf(() => reader.read(segments, 4_102_444_801)).kind).toBe("invalid_url");
    },
  );

  test("notices that the preset of every URL has expired, also for those that override its end", () => {
    const always = rulesWith({ presets: ["default=exp:4102444800"] });
    const reader = createOptionsReader(always);
    expect(reader.read(["exp:0"], NOW).expires).toBe(0);
    expect(refusalOf(() => reader.read(["exp:0"], 4_102_444_801)).kind).toBe("invalid_url");
  });

  test("forgets the oldest beyond a thousand, and never learns long texts", () => {
    const reader = createOptionsReader(rules);
    const first = reader.read(["w:1"], NOW);
    for (let width = 2; width <= 1000; width++) reader.read([`w:${width}`], NOW);
    expect(reader.read(["w:1"], NOW)).toBe(first);
    reader.read(["w:1001"], NOW);
    expect(reader.read(["w:1"], NOW)).not.toBe(first);
    const long = [`cb:${"x".repeat(500)}`];
    expect(reader.read(long, NOW)).not.toBe(reader.read(long, NOW));
  });
});
