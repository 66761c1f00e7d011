import { describe, expect, test } from "bun:test";
import { parsePath } from "../../src/url/parse-path.ts";
import { refusalOf } from "../options/reference-settings.ts";

const rules = { separator: ":", isOnlyPresets: false };

describe("the options of a path", () => {
  test.each<[string, string[], string]>([
    ["/w:10/h:5/plain/x", ["w:10", "h:5"], "plain/x"],
    ["/plain/w:10/plain/x", [], "plain/w:10/plain/x"],
    ["/plain//x", [], "plain//x"],
    ["/w:10/YWJj/w:10", ["w:10"], "YWJj/w:10"],
    ["/w:10//plain/x", ["w:10"], "/plain/x"],
    ["//w:10/x", [], "/w:10/x"],
    ["/w:10", ["w:10"], ""],
    ["/w:10/", ["w:10"], ""],
    ["/w:10/../plain/x", ["w:10"], "../plain/x"],
    ["/::/x", ["::"], "x"],
    ["/", [], ""],
  ])("%s", (path, options, source) => expect(parsePath(path, rules)).toEqual({ options, source }));

  test.each<[string, string[], string]>([
    ["/thumb:fmt/plain/x", ["thumb:fmt"], "plain/x"],
    ["/plain/x", ["plain"], "x"],
    ["/thumb", ["thumb"], ""],
    ["/fit/x", ["fit"], "x"],
  ])("%s in presets-only mode", (path, options, source) =>
    expect(parsePath(path, { ...rules, isOnlyPresets: true })).toEqual({ options, source }),
  );

  test("are found by the separator", () =>
    expect(parsePath("/w--1/h:2/x", { ...rules, separator: "--" })).toEqual({ options: ["w--1"], source: "h:2/x" }));

  test.each(["fit", "fill", "fill-down", "force", "auto"])("cannot be those of the old format: /%s/…", (type) => {
    const refusal = refusalOf(() => parsePath(`/${type}/300/400/ce/0/plain/x`, rules));
    expect(refusal.kind).toBe("invalid_url");
    expect(refusal.hint).toContain(`rs:${type}:300:200`);
  });

  test("may hold the words of the old format anywhere but first", () =>
    expect(parsePath("/w:1/fill/x", rules)).toEqual({ options: ["w:1"], source: "fill/x" }));
});
