import { describe, expect, test } from "bun:test";
import { cropSide, type Geometry, planGeometry } from "../../../src/pipeline/plan/geometry.ts";
import type { Size } from "../../../src/pipeline/plan/gravity.ts";
import { optionsOf, randomNumbers } from "../requests.ts";

function geometry(source: Size, text: string, isVector = false): Geometry {
  const options = optionsOf(text);
  const [pipeline] = options.pipelines;
  return planGeometry({ source, isVector, options: pipeline, maxResultDimension: options.maxResultDimension });
}

const LANDSCAPE = { width: 400, height: 300 };

/** The size of the picture once scaled and cut. */
function sizeOf(source: Size, text: string, isVector = false): string {
  const { scaled, cut } = geometry(source, text, isVector);
  const side = (have: number, want: number) => (want === 0 ? have : Math.min(have, want));
  return `${side(scaled.width, cut.width)}x${side(scaled.height, cut.height)}`;
}

describe("resizing types", () => {
  test.each([
    ["rs:fit:150:150", "150x113"],
    ["rs:fit:100:0", "100x75"],
    ["rs:fit:0:75", "100x75"],
    ["rs:fit:0:0", "400x300"],
    ["rs:fill:150:150", "150x150"],
    ["rs:fill:0:150", "200x150"],
    ["rs:force:123:45", "123x45"],
    ["rs:force:123:0", "123x300"],
    ["rs:force:0:45", "400x45"],
    ["rs:auto:200:100", "200x100"],
    ["rs:auto:100:200", "100x75"],
    ["rs:fill-down:200:100", "200x100"],
    ["rs:fill-down:800:400", "400x200"],
    ["rs:fill-down:400:600", "200x300"],
    ["rs:fill-down:900:300", "400x133"],
  ])("%s makes 400x300 into %s", (text, expected) => {
    expect(sizeOf(LANDSCAPE, text)).toBe(expected);
  });

  test("auto compares the side that it fills in itself, not the one that was left out", () => {
    // 300 against the base height of 300: a square counts as landscape, so it fills.
    expect(sizeOf(LANDSCAPE, "rs:auto:300:0")).toBe("300x225");
    // A square source is landscape too, so a portrait target only fits.
    expect(sizeOf({ width: 300, height: 300 }, "rs:auto:100:200")).toBe("100x100");
    expect(sizeOf({ width: 300, height: 300 }, "rs:auto:200:100")).toBe("200x100");
  });

  test("auto decides by the cropped picture, not by the source", () => {
    expect(sizeOf(LANDSCAPE, "c:100:200/rs:auto:50:100")).toBe("50x100");
    expect(sizeOf(LANDSCAPE, "c:100:200/rs:auto:100:50")).toBe("25x50");
  });
});

describe("enlarging", () => {
  test.each([
    ["rs:fit:800:800", "400x300"],
    ["rs:fit:800:800:1", "800x600"],
    ["rs:fill:800:800", "400x300"],
    ["rs:fill:800:800:1", "800x800"],
    ["rs:force:800:100", "400x50"],
    ["rs:force:800:600:1", "800x600"],
    ["z:2", "400x300"],
    ["z:2/el:1", "800x600"],
    ["z:.5", "200x150"],
    ["z:.5:.25", "200x75"],
  ])("%s makes 400x300 into %s", (text, expected) => {
    expect(sizeOf(LANDSCAPE, text)).toBe(expected);
  });

  test("force keeps its distortion when it may not enlarge", () => {
    const { scaleX, scaleY } = geometry(LANDSCAPE, "rs:force:800:150");
    expect(scaleX).toBe(1);
    expect(scaleY).toBeCloseTo(0.25, 12);
  });

  test("drawings are rendered at any size", () => {
    expect(sizeOf({ width: 120, height: 80 }, "w:300", true)).toBe("300x200");
  });
});

describe("dpr", () => {
  test.each([
    ["w:100/dpr:2", "200x150"],
    ["w:100/dpr:.5", "50x38"],
    ["dpr:.5", "200x150"],
    ["dpr:2", "400x300"],
    ["w:300/dpr:2", "400x300"],
    ["w:101/dpr:1.5", "152x114"],
  ])("%s makes 400x300 into %s", (text, expected) => {
    expect(sizeOf(LANDSCAPE, text)).toBe(expected);
  });

  test("gives back to the dpr what the picture may not grow by", () => {
    const source = { width: 100, height: 100 };
    expect(geometry(source, "w:200/dpr:.5").dprScale).toBe(1);
    expect(sizeOf(source, "w:200/dpr:.5")).toBe("100x100");
  });

  test("keeps the composition of an extended canvas at every dpr", () => {
    const source = { width: 100, height: 100 };
    expect(geometry(source, "w:200/dpr:.5/ex:1").dprScale).toBe(0.5);
    expect(geometry(source, "w:200/h:200/dpr:.5/ex:1").target).toEqual({ width: 100, height: 100 });
    expect(sizeOf(source, "w:200/h:200/dpr:.5/ex:1")).toBe("50x50");
  });

  test("caps at what the source can give, paddings included", () => {
    const { dprScale, padding } = geometry(LANDSCAPE, "w:300/dpr:2/pd:9");
    expect(dprScale).toBeCloseTo(4 / 3, 12);
    expect(padding).toEqual({ top: 12, right: 12, bottom: 12, left: 12 });
  });

  test("rounds paddings to even on halves", () => {
    expect(geometry(LANDSCAPE, "w:10/dpr:.5/pd:1:3:5:7").padding).toEqual({ top: 0, right: 2, bottom: 2, left: 4 });
  });
});

describe("minimal sizes", () => {
  test.each([
    ["mw:500", "500x375"],
    ["mh:600", "800x600"],
    ["mw:500/mh:600", "800x600"],
    ["rs:fit:100:100/mh:200", "100x100"],
    ["w:100/mw:200", "100x150"],
  ])("%s makes 400x300 into %s", (text, expected) => {
    expect(sizeOf(LANDSCAPE, text)).toBe(expected);
  });
});

describe("crop sizes", () => {
  test.each([
    [400, 0, 0],
    [400, 0.5, 200],
    [400, 0.001, 1],
    [401, 0.5, 201],
    [400, 1, 1],
    [400, 99.9, 99],
    [400, 1000, 1000],
  ])("of a side of %p, %p means %p pixels", (side, wanted, expected) => {
    expect(cropSide(side, wanted)).toBe(expected);
  });

  test("a crop larger than the source leaves the base as it is", () => {
    const { base, crop } = geometry(LANDSCAPE, "c:1000:100/w:50");
    expect(crop).toEqual({ width: 1000, height: 100 });
    expect(base).toEqual({ width: 400, height: 100 });
  });
});

describe("canvases", () => {
  test("extend_aspect_ratio continues the picture to the ratio of the target", () => {
    expect(geometry(LANDSCAPE, "rs:fit:200:200/exar:1").aspectCanvas).toEqual({ width: 200, height: 200 });
    expect(geometry(LANDSCAPE, "rs:fit:100:400/exar:1").aspectCanvas).toEqual({ width: 100, height: 400 });
    expect(geometry(LANDSCAPE, "rs:fit:800:800/exar:1").aspectCanvas).toEqual({ width: 400, height: 400 });
  });

  test("extend_aspect_ratio does nothing without both sides, or when the ratio fits already", () => {
    expect(geometry(LANDSCAPE, "w:200/exar:1").aspectCanvas).toEqual({ width: 0, height: 0 });
    expect(geometry(LANDSCAPE, "rs:fit:200:150/exar:1").aspectCanvas).toEqual({ width: 0, height: 0 });
  });

  test("zoom multiplies the target, not the padding", () => {
    const { target, padding } = geometry(LANDSCAPE, "rs:fit:50:50/z:2:3/pd:5");
    expect(target).toEqual({ width: 100, height: 150 });
    expect(padding.top).toBe(5);
  });
});

describe("max_result_dimension", () => {
  test.each([
    ["mrd:100", "100x75"],
    ["rs:fill:300:300/mrd:100", "100x100"],
    ["w:50/mrd:100", "50x38"],
  ])("%s makes 400x300 into %s", (text, expected) => {
    expect(sizeOf(LANDSCAPE, text)).toBe(expected);
  });

  test("counts canvas and padding, and scales them along", () => {
    const { dprScale, padding, target } = geometry(LANDSCAPE, "rs:fit:300:380/ex:1/pd:10/mrd:200");
    expect(dprScale).toBeCloseTo(0.5, 12);
    expect(target).toEqual({ width: 150, height: 190 });
    expect(padding.top).toBe(5);
  });
});

test("no combination leads to a side below one pixel or to a cut outside the scaled picture", () => {
  const random = randomNumbers(20_240_607);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  for (let round = 0; round < 3000; round++) {
    const source = { width: 1 + Math.floor(random() * 900), height: 1 + Math.floor(random() * 900) };
    const text = [
      `rs:${pick(["fit", "fill", "fill-down", "force", "auto"])}:${Math.floor(random() * 500)}:${Math.floor(random() * 500)}`,
      `dpr:${pick([0.01, 0.5, 1, 1.5, 3])}`,
      `z:${pick([0.1, 1, 1.7])}:${pick([0.3, 1, 2])}`,
      `el:${pick([0, 1])}`,
      `mw:${pick([0, 0, 30, 700])}`,
      `c:${pick([0, 0.001, 0.4, 5, 300])}:${pick([0, 0.3, 1, 80])}`,
      `exar:${pick([0, 1])}`,
      `mrd:${pick([0, 0, 1, 40])}`,
    ].join("/");
    const { base, scaled, scaleX, scaleY, aspectCanvas } = geometry(source, text);
    expect([base.width <= source.width, base.height <= source.height, text]).toEqual([true, true, text]);
    expect(Math.min(base.width, base.height, scaled.width, scaled.height)).toBeGreaterThanOrEqual(1);
    expect(Number.isFinite(scaleX) && Number.isFinite(scaleY)).toBe(true);
    expect([aspectCanvas.width, aspectCanvas.height].every(Number.isInteger)).toBe(true);
  }
});
