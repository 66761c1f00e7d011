import { describe, expect, test } from "bun:test";
import type { ImageMetadata } from "../../../src/image/types.ts";
import { explainProcessing } from "../../../src/pipeline/explain-processing.ts";
import { configOf, metaOf, NOBODY, optionsOf } from "../requests.ts";

function explain(facts: Partial<ImageMetadata>, text: string): string {
  return explainProcessing({
    source: { meta: metaOf(facts) },
    options: optionsOf(text),
    accepted: NOBODY,
    settings: configOf(),
    hasWatermark: true,
  });
}

describe("the explanation of a plan", () => {
  test("names sizes, factors, the decoder's share and the result", () => {
    const text = explain({ format: "jpeg", width: 2000, height: 1000, orientation: 6 }, "rs:fill:100:100/g:no@webp");
    expect(text).toBe(
      [
        "source    2000×1000",
        "load      decoded at 1/8: 250×125",
        "turn      turn 90°",
        "scale     0.1 × 0.1 of 1000×2000: 100×200",
        "target    100×100",
        "colour    RGB, 8 bits, profile: none",
        "pass 1    resize 200×100, turn 90°, cut 100×100 at 0,0",
        "result    webp 100×100, RGB, 8 bits",
        "",
      ].join("\n"),
    );
  });

  test("says why a pass is one of its own", () => {
    const text = explain(
      { hasAlpha: true, channels: 4 },
      "c:200:100/w:50/bl:2/pix:4/bg:ff0000/pd:3/wm:1/exar:1/h:90@jpg",
    );
    expect(text).toContain("crop      200×100\n");
    expect(text).toContain("cut 200×100 at 100,100");
    expect(text).toContain("(filters need the scaled picture in whole numbers)");
    expect(text).toContain("blur 2, pixelate 4");
    expect(text).toContain("flatten on 255,0,0");
    expect(text).toContain("watermark");
  });

  test("tells what it cannot know", () => {
    expect(explain({}, "t:10/w:50@png")).toContain("trim comes first");
    expect(explain({ format: "gif", pages: 9, isAnimation: true }, "maf:4/w:50")).toContain("each of 4 frames");
  });

  test("is short for a source that is handed on", () => {
    expect(explain({ format: "svg" }, "")).toBe("the svg source is handed on as it is\n");
  });

  test("covers every kind of load, profile and border", () => {
    expect(explain({ format: "webp" }, "w:100@png")).toContain("decoded at 0.25: 100×75");
    expect(explain({ format: "svg" }, "w:800@png")).toContain("decoded at 2: 800×600");
    expect(explain({ icc: Buffer.alloc(128) }, "@png")).toContain("converted to sRGB at the end");
    expect(explain({ icc: Buffer.alloc(128) }, "scp:0@png")).toContain("profile: kept");
    expect(explain({}, "pd:1@png")).toContain("border 1 1 1 1 (transparent)");
    expect(explain({}, "w:101/dpr:1.5@png")).toContain("(repeated edges)");
    expect(explain({}, "g:sm/rs:fill:50:50@png")).toContain("smart crop 50×50");
    expect(explain({}, "fl:1:0/sh:1/ph:1@png")).toContain("mirror, sharpen 1");
    expect(explain({ space: "rgb16", hasAlpha: true }, "ph:1/bg:fff/pd:1@png")).toContain(
      "border 1 1 1 1 (transparent), flatten",
    );
  });
});
