import { describe, expect, test } from "bun:test";
import { createOptionsReader } from "../../src/options/options-reader.ts";
import { applyExtension, parseOptions } from "../../src/options/parse-options.ts";
import { NOW, refusalOf, rulesWith } from "./reference-settings.ts";

const rules = rulesWith({ presets: ["small=w:20", "soon=exp:4102444800"] });

describe("a reader of options", () => {
  test.each([[["w:20", "q:80"]], [["pr:small", "g:sm"]], [["rs:fill:300:200", "g:sm"]], [[]]] as const)(
    "reads %j as the parser does, and gives the very same options for the same text",
    (segments) => {
      const reader = createOptionsReader(rules);
      const { options, cachebuster } = reader.read(segments, NOW);
      expect(options).toEqual(parseOptions(segments, rules, NOW));
      expect(cachebuster).toBe("");
      expect(reader.read([...segments], NOW + 1).options).toBe(options);
    },
  );

  test.each([
    [["w:20", "q:80", "cb:7"], "7"],
    [["cachebuster:a", "w:20", "cb:b", "q:80"], "b"],
    [["w:20", "cb:", "q:80"], ""],
    [[`cb:${"x".repeat(900)}`, "w:20", "q:80"], "x".repeat(900)],
  ])("gives the very same options whatever the cachebuster of %j", (segments, cachebuster) => {
    const reader = createOptionsReader(rules);
    const { options } = reader.read(["w:20", "q:80"], NOW);
    const read = reader.read(segments, NOW);
    expect(read).toEqual({ options, cachebuster });
    expect(read.options).toBe(options);
  });

  test("reads a cachebuster as the parser does", () => {
    const reader = createOptionsReader(rules);
    const { options, cachebuster } = reader.read(["w:20", "cb:x"], NOW);
    expect<unknown>({ ...options, cachebuster }).toEqual(parseOptions(["w:20", "cb:x"], rules, NOW));
  });

  test.each([[["pr:busted", "cb:y"]], [["cb:y", "pr:busted"]], [["pr:busted", "cb:"]], [["w:20", "cb:y"]]])(
    "leaves the cachebuster of %j among the options where a preset sets one, too",
    (segments) => {
      const busted = rulesWith({ presets: ["busted=w:30/cb:preset"] });
      const reader = createOptionsReader(busted);
      const { options } = reader.read(["pr:busted"], NOW);
      expect(options.cachebuster).toBe("preset");
      expect(reader.read(["pr:busted"], NOW).options).toBe(options);
      expect(reader.read(segments, NOW)).toEqual({ options: parseOptions(segments, busted, NOW), cachebuster: "" });
    },
  );

  test("refuses a cachebuster where the parser does", () => {
    expect(refusalOf(() => createOptionsReader(rules).read(["cb:1:2"], NOW)).message).toContain("at most 1 argument");
    const few = rulesWith({ allowedProcessingOptions: ["w", "cb"] });
    expect(createOptionsReader(few).read(["cb:1"], NOW).cachebuster).toBe("1");
    expect(refusalOf(() => createOptionsReader(few).read(["cachebuster:1"], NOW)).kind).toBe("invalid_url");
    const onlyPresets = rulesWith({ presets: ["small=w:20"], onlyPresets: true });
    expect(refusalOf(() => createOptionsReader(onlyPresets).read(["cb:1"], NOW)).kind).toBe("invalid_url");
  });

  test("tells the place of a wrong option among all of them", () => {
    const refusal = refusalOf(() => createOptionsReader(rules).read(["cb:1", "w:x"], NOW));
    expect(refusal.message).toBe(refusalOf(() => parseOptions(["cb:1", "w:x"], rules, NOW)).message);
  });

  test("keeps what differs apart", () => {
    const reader = createOptionsReader(rules);
    const widths = [["w:20"], ["w:21"], ["w:2", "h:0"], ["w:20"]].map((segments) => reader.read(segments, NOW));
    expect(widths.map(({ options }) => options.pipelines[0].width)).toEqual([20, 21, 2, 20]);
  });

  test("gives the very same options for the same extension", () => {
    const reader = createOptionsReader(rules);
    const { options } = reader.read(["w:20"], NOW);
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
      expect(refusalOf(() => reader.withExtension(reader.read(["w:1"], NOW).options, "nonsense")).kind).toBe(
        "invalid_url",
      );
    }
  });

  test.each([[["exp:4102444800"]], [["w:20", "pr:soon"]]])(
    "notices that %j has expired in the meantime",
    (segments) => {
      const reader = createOptionsReader(rules);
      expect(reader.read(segments, NOW).options.expires).toBe(4_102_444_800);
      expect(refusalOf(() => reader.read(segments, 4_102_444_801)).kind).toBe("invalid_url");
    },
  );

  test("notices that the preset of every URL has expired, also for those that override its end", () => {
    const always = rulesWith({ presets: ["default=exp:4102444800"] });
    const reader = createOptionsReader(always);
    expect(reader.read(["exp:0"], NOW).options.expires).toBe(0);
    expect(refusalOf(() => reader.read(["exp:0"], 4_102_444_801)).kind).toBe("invalid_url");
  });

  test("forgets what was not asked for longest beyond a thousand, and never learns long texts", () => {
    const reader = createOptionsReader(rules);
    const { options: first } = reader.read(["w:1"], NOW);
    const { options: second } = reader.read(["w:2"], NOW);
    for (let width = 3; width <= 1000; width++) reader.read([`w:${width}`], NOW);
    expect(reader.read(["w:1"], NOW).options).toBe(first);
    reader.read(["w:1001"], NOW);
    expect(reader.read(["w:1"], NOW).options).toBe(first);
    expect(reader.read(["w:2"], NOW).options).not.toBe(second);
    const long = [`fn:${"x".repeat(500)}`];
    expect(reader.read(long, NOW).options).not.toBe(reader.read(long, NOW).options);
  });
});
