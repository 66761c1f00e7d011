import { describe, expect, test } from "bun:test";
import { parseOptions } from "../../src/options/parse-options.ts";
import { changesOf, NOW, refusalOf, refusalOfOptions, rulesWith } from "./reference-settings.ts";

const presets = [
  "thumb=rs:fill:20:20",
  "fmt=f:webp",
  "nested=pr:thumb:fmt",
  "loop=pr:loop/w:30",
  "loopa=pr:loopb/w:31",
  "loopb=pr:loopa/h:32",
  " spaced = w:33 ",
];

describe("presets", () => {
  const rules = rulesWith({ presets: [...presets, "default=w:40/h:40"] });
  const sizeOf = (...segments: string[]) => {
    const [{ width, height, resizingType }] = parseOptions(segments, rules, NOW).pipelines;
    return [resizingType, width, height] as const;
  };

  test("default applies to every URL", () => expect(sizeOf()).toEqual(["fit", 40, 40]));
  test("are overwritten field by field by what follows", () =>
    expect(sizeOf("pr:thumb", "w:50")).toEqual(["fill", 50, 20]));
  test("overwrite what stands before", () => expect(sizeOf("w:50", "pr:thumb")).toEqual(["fill", 20, 20]));
  test("may name others", () => expect(changesOf("pr:nested", rules)).toMatchObject({ format: "webp", width: 20 }));
  test("apply in the order in which they are named", () => expect(sizeOf("pr:spaced:thumb")).toEqual(["fill", 20, 20]));
  test("default can be applied again", () => expect(sizeOf("w:1", "pr:default")).toEqual(["fit", 40, 40]));

  test.each([
    ["pr:loop", 30, 40],
    ["pr:loopa", 31, 32],
    ["pr:loopb", 31, 32],
  ])("%s leaves out the use of itself and goes on", (segment, width, height) =>
    expect(sizeOf(segment)).toEqual(["fit", width, height]),
  );

  test("that name themselves are worth a warning at start", () => {
    expect(rules.warnings).toContain('preset "loop" names itself (loop → loop); that use is left out');
    expect(rules.warnings).toContain('preset "loopa" names itself (loopa → loopb → loopa); that use is left out');
  });

  test.each(["pr:nope", "pr:", "pr:thumb:", "pr:THUMB"])("%s is refused", (options) =>
    expect(refusalOfOptions(options, rules).kind).toBe("invalid_url"),
  );

  test("of the same name: the last counts", () =>
    expect(changesOf("pr:a", rulesWith({ presets: ["a=w:1", "a=w:2"] }))).toEqual({ width: 2 }));

  test("skip blanks and comments", () =>
    expect(changesOf("pr:a", rulesWith({ presets: ["", "# note", "  #x=y", "a=w:1"] }))).toEqual({ width: 1 }));

  test("use the arguments separator", () =>
    expect(changesOf("pr,a,b", rulesWith({ argumentsSeparator: ",", presets: ["a=rs,fill,2,2", "b=w,9"] }))).toEqual({
      resizingType: "fill",
      width: 9,
      height: 2,
    }));

  test("may hold security options where these are allowed", () =>
    expect(changesOf("pr:s", rulesWith({ presets: ["s=maf:2"], allowSecurityOptions: true }))).toEqual({
      maxAnimationFrames: 2,
    }));

  test("that have expired since the start are refused", () => {
    const aging = rulesWith({ presets: ["old=exp:2000000100"] });
    expect(parseOptions(["pr:old"], aging, NOW + 100).expires).toBe(NOW + 100);
    expect(refusalOf(() => parseOptions(["pr:old"], aging, NOW + 101)).message).toContain("expired");
    const always = rulesWith({ presets: ["default=exp:2000000100"] });
    expect(refusalOf(() => parseOptions([], always, NOW + 101)).message).toContain("expired");
  });
});

describe("presets-only mode", () => {
  const rules = rulesWith({ presets: [...presets, "default=h:40"], onlyPresets: true });

  test("reads the segment as a list of names", () =>
    expect(changesOf("thumb:fmt", rules)).toMatchObject({ width: 20, height: 20, format: "webp" }));
  test("applies default first", () => expect(parseOptions(["fmt"], rules, NOW).pipelines[0].height).toBe(40));
  test.each(["nope", "pr:thumb", "w:10", "thumb:", ""])("refuses %j", (options) =>
    expect(refusalOfOptions(options, rules).kind).toBe("invalid_url"),
  );
});

describe("a broken preset stops the start", () => {
  test.each([
    ["abc", 'has 0 "="'],
    ["a=b=c", 'has 2 "="'],
    ["=w:1", "has no name"],
    ["a=", "has no options"],
    ["a=w:1/", "an option needs a"],
    ["a=/w:1", "an option needs a"],
    ["a=w", "an option needs a"],
    ["a=nosuch:1", "unknown option"],
    ["a=w:x", 'option 1 of preset "a", "w:x": argument 1 (width) must be a whole number'],
    ["a=pr:nope", 'unknown preset "nope"'],
    ["a=exp:1", "expired"],
    ["a=maf:2", "security options are not allowed"],
    ["a=brightness:1", "imgproxy Pro"],
  ])("%s", (definition, why) => {
    const refusal = refusalOf(() => rulesWith({ presets: [definition] }));
    expect(refusal.kind).toBe("config");
    expect(refusal.message).toContain(why);
  });

  test("and all of them are told at once", () => {
    const refusal = refusalOf(() => rulesWith({ presets: ["a=w:x/h:y", "b", "c=w:1", "d=resze:1"] }));
    expect(refusal.message.split("\n").map((line) => line.split(":")[0])).toEqual(Array(4).fill("presets"));
    expect(refusal.message).toContain('Did you mean "resize"?');
  });

  test("but a definition that a later one replaces is not looked into", () =>
    expect(changesOf("pr:a", rulesWith({ presets: ["a=nosuch:1", "a=w:1"] }))).toEqual({ width: 1 }));

  test("presets that double at every level are refused in time", () => {
    const doubling = Array.from({ length: 40 }, (_, level) => `p${level}=pr:p${level + 1}:p${level + 1}`);
    const start = performance.now();
    expect(refusalOf(() => rulesWith({ presets: [...doubling, "p40=w:1"] })).message).toContain(
      "more than 10000 options",
    );
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
