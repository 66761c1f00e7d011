import { describe, expect, test } from "bun:test";
import { formatFromName } from "../../../src/formats.ts";
import type { ImageMetadata } from "../../../src/image/types.ts";
import type { Pass } from "../../../src/pipeline/plan/pass.ts";
import { type Plan, planImage } from "../../../src/pipeline/plan/plan.ts";
import { metaOf, optionsOf } from "../requests.ts";

type Given = { readonly isLinear?: boolean; readonly isShrinkOff?: boolean; readonly hasWatermark?: boolean };

function plan(facts: Partial<ImageMetadata>, text: string, given: Given = {}): Plan {
  const meta = metaOf(facts);
  const options = optionsOf(text);
  return planImage({
    meta,
    source: { kind: "source" },
    size: { width: meta.width, height: meta.height },
    options,
    format: options.format ?? formatFromName("png") ?? "png",
    useLinearColorspace: given.isLinear ?? false,
    disableShrinkOnLoad: given.isShrinkOff ?? false,
    watermark: given.hasWatermark === true ? { isGrey: false } : null,
  });
}

const JPEG = { format: "jpeg" } as const;
const RGBA = { hasAlpha: true, channels: 4 } as const;
const GREY = { space: "b-w", channels: 1 } as const;

const reasons = ({ passes }: Plan) => passes.map(({ reason }) => reason);
const last = ({ passes }: Plan): Pass => {
  const pass = passes.at(-1);
  if (pass === undefined) throw new Error("a plan has a pass");
  return pass;
};

describe("one pass is enough for", () => {
  test.each([
    ["a resize", JPEG, "rs:fit:200:200@jpg"],
    ["a fill with gravity", JPEG, "rs:fill:200:100/g:noea:5:5@webp"],
    ["a crop and a resize", JPEG, "c:200:200:so/w:100@avif"],
    ["a turn and a flip", { ...JPEG, orientation: 7 }, "w:100/rot:90/fl:1@jpg"],
    ["an opaque picture on a ground", JPEG, "rs:fit:200:200/ex:1/pd:10/bg:ff0000@jpg"],
    ["blur and sharpen", JPEG, "w:200/bl:2/sh:1@jpg"],
    ["a transparent border", JPEG, "w:200/pd:5@png"],
    ["a picture with alpha that stays so", RGBA, "w:200@png"],
    ["a flatten without scaling", RGBA, "bg:ffffff@png"],
    ["a foreign profile", { ...JPEG, icc: Buffer.alloc(128) }, "w:200@jpg"],
    ["CMYK", { ...JPEG, space: "cmyk", channels: 4 }, "w:200@jpg"],
    ["a smart crop of what is scaled by one factor", JPEG, "rs:fill:100:100/g:sm@jpg"],
  ] as const)("%s", (_, facts, text) => {
    expect(plan(facts, text).passes).toHaveLength(1);
  });

  test("scaling in linear light", () => {
    expect(plan({}, "w:200@png", { isLinear: true }).passes).toHaveLength(1);
  });
});

describe("a pass of its own goes to", () => {
  test.each([
    ["a border behind a filter", JPEG, "w:200/bl:2/pd:5@png", "sharp would add the border before the filters"],
    ["a filter on scaled alpha", RGBA, "w:200/bl:2@png", "filters need the scaled picture in whole numbers"],
    ["a flatten of scaled alpha", RGBA, "w:200@jpg", "sharp would flatten before scaling"],
    ["a smart crop of scaled alpha", RGBA, "rs:fill:100:100/g:sm@png", "the smart crop looks at finished pixels"],
    ["a smart crop of both sides", JPEG, "rs:fill:90:80/mh:120/g:sm@jpg", "the smart crop looks at finished pixels"],
    ["filters on grey", GREY, "w:200/sh:1@png", "filters work on RGB"],
    ["a coloured ground of a grey picture", GREY, "w:200/pd:5/bg:ff0000@png", "a coloured ground needs RGB"],
    ["a size that the format cannot hold", {}, "rs:force:300:40/el:1@ico", "ico cannot hold this size"],
    ["a fractional scale", JPEG, "w:101/dpr:1.5@png", "scale by an exact fraction"],
  ] as const)("%s", (_, facts, text, reason) => {
    const planned = plan(facts, text);
    expect(planned.passes).toHaveLength(2);
    expect(reasons(planned)).toEqual(["", reason]);
  });

  test("a watermark on scaled pixels, but not on untouched ones", () => {
    expect(reasons(plan(JPEG, "w:150/wm:1@jpg", { hasWatermark: true }))).toHaveLength(2);
    expect(reasons(plan(JPEG, "wm:1@jpg", { hasWatermark: true }))).toHaveLength(1);
    expect(last(plan(JPEG, "wm:1@jpg", { hasWatermark: true }))).toMatchObject({
      hasWatermark: true,
      removesAlpha: true,
    });
  });

  test("whatever follows scaling in linear light", () => {
    expect(reasons(plan({}, "w:200/bl:1@png", { isLinear: true }))).toEqual(["", "linear light ends with the scaling"]);
  });
});

describe("steps", () => {
  test("a grey picture stays grey on a grey ground", () => {
    const { passes, result } = plan(GREY, "w:200/pd:5/bg:808080@png");
    expect(passes).toHaveLength(1);
    expect(last({ passes } as Plan)).toMatchObject({ output: "b-w", border: { fill: { r: 128, g: 128, b: 128 } } });
    expect(result).toMatchObject({ isGrey: true, hasAlpha: false });
  });

  test("a crop is carried to the stored axes and to the size the decoder delivers", () => {
    const planned = plan(
      { ...JPEG, width: 800, height: 600, orientation: 6 },
      "c:300:400:nowe:20:40/rs:fit:75:100@png",
    );
    // Turned it is 600 × 800; 300 × 400 of it to 75 × 100 is four times, so the decoder delivers 200 × 150.
    expect(planned.load).toEqual({ kind: "jpeg", factor: 4, size: { width: 200, height: 150 } });
    expect(planned.passes[0]).toMatchObject({
      crop: { width: 100, height: 75, left: 10, top: 70 },
      resize: null,
      turn: { angle: 90, isMirrored: false },
    });
    expect(planned.result).toMatchObject({ width: 75, height: 100 });
  });

  test("two cuts behind each other are one", () => {
    const planned = plan({}, "rs:fill:101:50/dpr:1.5@png");
    expect(planned.passes).toHaveLength(2);
    expect(last(planned).cut).toMatchObject({ width: 152, height: 75 });
  });

  test("a step that does nothing is left out", () => {
    const pass = last(plan({}, "bl:.2/pix:1/wm:1/pd:0/ex:1@png"));
    expect(pass).toMatchObject({ blur: 0, border: null, hasWatermark: false, afterwards: [], resize: null });
  });

  test("limits of libvips are kept to rather than run into", () => {
    expect(last(plan({}, "sh:50@png")).sharpen).toBe(10);
    expect(last(plan({}, "bl:5000@png")).blur).toBe(1000);
  });

  test("pixelate takes no block larger than the picture", () => {
    expect(plan({ width: 30, height: 20 }, "pix:500@png").passes[0]?.afterwards).toEqual([
      { kind: "pixelate", block: 30, isPremultiplied: false },
    ]);
  });

  test("borders and grounds of 16 bits are made on raw pixels", () => {
    const deep = { space: "rgb16", depth: "ushort" } as const;
    const planned = plan(deep, "ph:1/w:200/pd:5/bg:ffffff@png");
    expect(planned.passes[0]?.afterwards.map(({ kind }) => kind)).toEqual(["border"]);
    expect(planned.result).toMatchObject({ bits: 16, hasAlpha: false, width: 210, height: 160 });
    expect(plan({ ...deep, hasAlpha: true }, "ph:1/pd:5/bg:ffffff@png").passes[0]?.afterwards).toHaveLength(2);
  });

  test("shrinking while loading can be switched off", () => {
    expect(plan(JPEG, "w:50@jpg").load.kind).toBe("jpeg");
    expect(plan(JPEG, "w:50@jpg", { isShrinkOff: true }).load.kind).toBe("none");
    expect(plan({ format: "webp" }, "w:50@jpg", { isShrinkOff: true }).load.kind).toBe("none");
    expect(plan({ format: "svg" }, "w:50@png", { isShrinkOff: true }).load.kind).toBe("svg");
  });

  test("an animated WebP is not scaled while it is read", () => {
    expect(plan({ format: "webp" }, "w:50@png").load.kind).toBe("webp");
    expect(plan({ format: "webp", pages: 5, isAnimation: true }, "w:50@png").load.kind).toBe("none");
  });
});

describe("the format that is written", () => {
  test("AVIF below 16 pixels gives way, by the alpha of the result", () => {
    expect(plan({}, "w:15@avif").format).toBe("jpeg");
    expect(plan(RGBA, "w:15@avif").format).toBe("png");
    expect(plan(RGBA, "w:15/bg:fff@avif").format).toBe("jpeg");
    expect(plan({}, "rs:force:16:16@avif").format).toBe("avif");
  });

  test.each([
    ["rs:force:300:40/el:1@ico", 256, 34],
    ["rs:force:17000:40/el:1@webp", 16_383, 39],
    ["rs:force:17000:40/el:1@avif", 16_384, 39],
    ["rs:force:17000:40/el:1@ico", 256, 1],
    ["rs:force:17000:40/el:1@png", 17_000, 40],
  ])("%s is %px%p", (text, width, height) => {
    expect(plan({}, text).result).toMatchObject({ width, height });
  });
});
