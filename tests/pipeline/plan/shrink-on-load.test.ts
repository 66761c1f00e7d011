import { describe, expect, test } from "bun:test";
import { type LoadShrinkInput, planLoadShrink, sharpJpegFactor } from "../../../src/pipeline/plan/shrink-on-load.ts";

function shrink(decoder: LoadShrinkInput["decoder"], width: number, isAllowed = true) {
  const source = { width: 1203, height: 802 };
  const scale = width / source.width;
  return planLoadShrink({ decoder, source, scaleX: scale, scaleY: scale, isAllowed });
}

describe("JPEG", () => {
  test.each([
    [1000, "none", 1203, 802],
    [602, "none", 1203, 802],
    [601, "jpeg", 601, 401],
    [400, "jpeg", 601, 401],
    [300, "jpeg", 300, 200],
    [150, "jpeg", 150, 100],
    [10, "jpeg", 150, 100],
  ] as const)("to a width of %p: %s, loaded at %px%p", (width, kind, loadedWidth, loadedHeight) => {
    const load = shrink("jpeg", width);
    expect([load.kind, load.size.width, load.size.height]).toEqual([kind, loadedWidth, loadedHeight]);
  });

  test("counts from the size as rounded", () => {
    // 150.5 pixels would be 7.99 times smaller, 151 as they are rounded to is less.
    expect(shrink("jpeg", 150.4)).toMatchObject({ kind: "jpeg", factor: 8 });
    expect(shrink("jpeg", 150.5)).toMatchObject({ kind: "jpeg", factor: 4 });
  });

  test("takes the axis that shrinks less", () => {
    const source = { width: 800, height: 800 };
    const load = planLoadShrink({ decoder: "jpeg", source, scaleX: 0.1, scaleY: 0.4, isAllowed: true });
    expect(load).toEqual({ kind: "jpeg", factor: 2, size: { width: 400, height: 400 } });
  });
});

describe("other decoders", () => {
  test("WebP loads at the factor of the axis that shrinks less, with halves to even, and never larger", () => {
    // 22 to 11 is twice, and 33 then 16.5.
    const source = { width: 33, height: 22 };
    const load = planLoadShrink({ decoder: "webp", source, scaleX: 0.48, scaleY: 0.48, isAllowed: true });
    expect(load).toEqual({ kind: "webp", scale: 0.5, size: { width: 16, height: 11 } });
    expect(shrink("webp", 600)).toMatchObject({ kind: "webp", size: { width: 600, height: 400 } });
    expect(shrink("webp", 2000)).toEqual({ kind: "none", size: { width: 1203, height: 802 } });
  });

  test("drawings are rendered at any size", () => {
    expect(shrink("svg", 2406)).toMatchObject({ kind: "svg", scale: 2, size: { width: 2406, height: 1604 } });
    expect(shrink("svg", 1203).kind).toBe("none");
  });

  test("nothing else shrinks, and nothing that may not", () => {
    expect(shrink("other", 10).kind).toBe("none");
    expect(shrink("jpeg", 10, false).kind).toBe("none");
  });
});

describe("what sharp does by itself with a JPEG in memory", () => {
  test.each([
    [1500, 1],
    [1000, 1],
    [999, 1],
    [700, 1],
    [600, 2],
    [500, 2],
    [499, 2],
    [300, 4],
    [250, 4],
    [220, 8],
    [100, 8],
  ] as const)("2000 pixels to %p: 1/%p", (width, factor) => {
    const source = { width: 2000, height: 1000 };
    expect(sharpJpegFactor(source, { width, height: null })).toBe(factor);
    expect(sharpJpegFactor(source, { width, height: Math.round(width / 2) })).toBe(factor);
  });
});
