import { describe, expect, test } from "bun:test";
import { markCorners, visiblePart, watermarkBox } from "../../../src/pipeline/plan/watermark-placement.ts";

const CANVAS = { width: 200, height: 100 };
const MARK = { width: 40, height: 20 };

function corners(position: Parameters<typeof markCorners>[0]["options"]["position"], x = 0, y = 0, dprScale = 1) {
  return markCorners({ canvas: CANVAS, mark: MARK, options: { position, x, y }, dprScale });
}

describe("the size of a watermark", () => {
  test("is its own without a scale", () => {
    expect(watermarkBox(CANVAS, 0)).toBeNull();
  });

  test("is fitted into a part of the picture, at least a pixel", () => {
    expect(watermarkBox(CANVAS, 0.25)).toEqual({ width: 50, height: 25 });
    expect(watermarkBox({ width: 205, height: 3 }, 0.1)).toEqual({ width: 20, height: 1 });
  });
});

describe("the place of a watermark", () => {
  test.each([
    ["ce", 0, 0, 80, 40],
    ["soea", 10, 5, 150, 75],
    ["nowe", 0.1, 0.1, 20, 10],
    ["nowe", -15, -5, -15, -5],
    ["nowe", -500, -500, -39, -19],
  ] as const)("%s with offsets %p and %p is %p,%p", (position, x, y, left, top) => {
    expect(corners(position, x, y)).toEqual([{ left, top }]);
  });

  test("moves with the dpr, but not by fractions", () => {
    expect(corners("nowe", 10, 0.1, 2)).toEqual([{ left: 20, top: 10 }]);
  });

  test("is cut at the edges of the picture", () => {
    expect(visiblePart(CANVAS, MARK, { left: -15, top: 90 })).toEqual({
      left: 0,
      top: 90,
      width: 25,
      height: 10,
      fromLeft: 15,
      fromTop: 0,
    });
    expect(visiblePart(CANVAS, MARK, { left: 200, top: 0 })).toBeNull();
  });
});

describe("tiles", () => {
  test("are odd in number, one in the centre", () => {
    const tiles = corners("re");
    const lefts = [...new Set(tiles.map(({ left }) => left))];
    const tops = [...new Set(tiles.map(({ top }) => top))];
    expect(lefts).toEqual([0, 40, 80, 120, 160]);
    expect(tops).toEqual([0, 20, 40, 60, 80]);
    expect(
      markCorners({
        canvas: { width: 160, height: 20 },
        mark: MARK,
        options: { position: "re", x: 0, y: 0 },
        dprScale: 1,
      }),
    ).toEqual([-20, 20, 60, 100, 140].map((left) => ({ left, top: 0 })));
  });

  test("stand apart by the offsets", () => {
    const lefts = [...new Set(corners("re", 10, 0).map(({ left }) => left))];
    expect(lefts).toEqual([-20, 30, 80, 130, 180]);
    const spread = [...new Set(corners("re", 0.1, 0).map(({ left }) => left))];
    expect(spread).toEqual([-40, 20, 80, 140, 200]);
  });

  test("cover the whole picture whatever its size", () => {
    for (let width = 1; width < 300; width += 7) {
      const tiles = markCorners({
        canvas: { width, height: 20 },
        mark: MARK,
        options: { position: "re", x: 0, y: 0 },
        dprScale: 1,
      });
      const lefts = tiles.map(({ left }) => left);
      expect(lefts.length % 2).toBe(1);
      expect(Math.min(...lefts)).toBeLessThanOrEqual(0);
      expect(Math.max(...lefts) + MARK.width).toBeGreaterThanOrEqual(width);
    }
  });
});
