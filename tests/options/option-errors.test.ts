import { describe, expect, test } from "bun:test";
import { applyExtension, parseOptions } from "../../src/options/parse-options.ts";
import { NOW, refusalOf, refusalOfOptions, rulesWith } from "./reference-settings.ts";

const rules = rulesWith({ presets: ["thumb=rs:fill:20:20"] });

describe("an error for developers", () => {
  test.each([
    ["resze:fill:1:1", 'option 1, "resze:fill:1:1": unknown option "resze"', 'Did you mean "resize"?'],
    ["w:1/min_width:5", 'option 2, "min_width:5": unknown option "min_width"', 'Did you mean "min-width"?'],
    ["Width:5", 'option 1, "Width:5": unknown option "Width"', 'Did you mean "width"?'],
    ["%77:10", 'option 1, "%77:10": unknown option "%77"', "Option names are not percent-decoded; write them plainly."],
    ["w:1.5", 'option 1, "w:1.5": argument 1 (width) must be a whole number not below 0, not "1.5"', undefined],
    ["c:100:", 'option 1, "c:100:": argument 2 (height) must be a number not below 0, but is empty', undefined],
    ["q:101", 'option 1, "q:101": argument 1 (quality) must be a whole number from 0 to 100, not "101"', undefined],
    ["z:0", 'option 1, "z:0": argument 1 (x) must be a number above 0, not "0"', undefined],
    [
      "rs:fil-down:9:9",
      'must be one of fit, fill, fill-down, force, auto, not "fil-down"',
      'Did you mean "fill-down"?',
    ],
    ["bg:#fff", 'must be a colour of 3 or 6 hexadecimal digits without #, not "#fff"', undefined],
    ["f:tif", "must be an image format", 'Did you mean "tiff"?'],
    ["g:fp:0.5", "argument 3 is missing: fp takes x and y, both from 0 to 1", undefined],
    ["g:sm:1", "argument 2 is one too many: sm takes no offsets", undefined],
    ["g:obj:face", "object gravity belongs to imgproxy Pro", undefined],
    ["w:1:2", "width takes at most 1 argument, not 2", "Usage: w:width. See docs/options.md#width"],
    ["brightness:5", "brightness is an option of imgproxy Pro that this version does not have yet", "Leave it out"],
    ["pr:thum", 'unknown preset "thum"', 'Did you mean "thumb"?'],
    ["exp:1", "the URL expired at 1970-01-01T00:00:01.000Z", "Usage: exp:timestamp"],
    ["fq:jpg:50:webp", "argument 4 is missing: every format needs a quality", undefined],
  ])("%s", (options, message, hint) => {
    const refusal = refusalOfOptions(options, rules);
    expect(refusal.message).toContain(message);
    if (hint === undefined) expect(refusal.hint).toBeUndefined();
    else expect(refusal.hint).toContain(hint);
  });

  test("says what an extension may have been meant to be", () => {
    const refusal = refusalOf(() => applyExtension(parseOptions([], rules, NOW), "jpge"));
    expect(refusal.message).toContain('extension "jpge" is not an image format');
    expect(refusal.hint).toBe('Did you mean "jpeg"?');
  });

  test("stays short and quick however long the URL is", () => {
    const start = performance.now();
    const refusal = refusalOfOptions(`${"resize".repeat(100_000)}:1`, rules);
    expect(refusal.message.length).toBeLessThan(400);
    expect(performance.now() - start).toBeLessThan(100);
  });

  test("is never what the public reads", () => expect(refusalOfOptions("resze:1").publicMessage).toBe("Invalid URL"));
});
