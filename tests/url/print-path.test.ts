import { describe, expect, test } from "bun:test";
import { decodeSource } from "../../src/url/decode-source.ts";
import { parsePath } from "../../src/url/parse-path.ts";
import { printPath, printTarget } from "../../src/url/print-path.ts";
import { repairPath } from "../../src/url/repair-path.ts";
import { splitTarget } from "../../src/url/target.ts";
import { refusalOf } from "../options/reference-settings.ts";
import { seededRandom } from "./seeded-random.ts";

const rules = { separator: ":", isOnlyPresets: false };

describe("printing a path", () => {
  test.each([
    [{ source: "s3://bucket/key.jpg" }, "/w:1/plain/s3://bucket/key.jpg@webp"],
    [{ source: "s3://b/a@b?v#f%20 é" }, "/w:1/plain/s3://b/a%40b%3Fv%23f%2520%20%C3%A9@webp"],
    [{ source: "http://h/a:/b", extension: "" }, "/w:1/plain/http://h/a%3A/b"],
    [{ source: "local:///png/png.png", encoding: "base64" }, "/w:1/bG9jYWw6Ly8vcG5nL3BuZy5wbmc.webp"],
    [{ source: "x", extension: "", options: [] }, "/plain/x"],
  ] as const)("%j", (parts, path) =>
    expect(printPath({ options: ["w:1"], extension: "webp", encoding: "plain", ...parts })).toBe(path),
  );

  test("needs a source", () =>
    expect(refusalOf(() => printPath({ options: [], source: "", extension: "", encoding: "plain" })).kind).toBe(
      "usage",
    ));

  test("reads back as what was printed, whatever the source holds", () => {
    const random = seededRandom(7);
    const pieces = [
      "s3://",
      "local:///",
      "http:/",
      ":",
      "/",
      "@",
      ".",
      "?",
      "#",
      "%",
      "%3A",
      "%zz",
      "é",
      "🐶",
      " ",
      "plain/",
      "a",
      "..",
      "\\",
      "+",
      "=",
      '"',
      "\n",
      "\ud800",
    ];
    for (let round = 0; round < 5000; round += 1) {
      const source = `x${Array.from({ length: random.below(9) }, () => random.pick(pieces)).join("")}`;
      const encoding = random.pick(["plain", "base64"] as const);
      const extension = random.pick(["", "webp"]);
      const options = random.pick([[], ["w:10"], ["rs:fill:1:2", "cb:x"]]);
      const path = printPath({ options, source, extension, encoding });
      const target = printTarget(path, "unsafe", "/prefix");
      const split = splitTarget(target, "/prefix");
      expect(split).toEqual({ signature: "unsafe", path });
      expect(repairPath(path)).toBe(path);
      const parsed = parsePath(path, rules);
      expect(parsed.options).toEqual(options);
      expect(decodeSource(parsed.source, false)).toEqual({ url: source.toWellFormed(), extension });
    }
  });
});
