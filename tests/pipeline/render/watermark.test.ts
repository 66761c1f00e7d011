import { describe, expect, test } from "bun:test";
import { failureOf } from "../../support/failure.ts";
import { decode, draw, isNear, pixel, plain, png } from "../pictures.ts";
import { run, watermarkOf } from "../requests.ts";

const GREEN = await plain(200, 100, [0, 128, 0]);
/** 40 × 20: the left half red, the right half blue, all opaque. */
const MARK = await png(draw({ width: 40, height: 20, channels: 3 }, (x) => (x < 20 ? [255, 0, 0] : [0, 0, 255])));
const mark = await watermarkOf(MARK);

async function marked(text: string, source: Uint8Array = GREEN, watermark = mark) {
  return decode((await run(source, text, { watermark })).bytes);
}

const RED = [255, 0, 0];
const BLUE = [0, 0, 255];
const GROUND = [0, 128, 0];

describe("a watermark", () => {
  test.each([
    ["wm:1", 80, 40],
    ["wm:1:nowe", 0, 0],
    ["wm:1:soea:10:5", 150, 75],
    ["wm:1:no:0.1:0.1", 100, 10],
    ["dpr:2/wm:1:nowe:10:10", 10, 10],
    ["w:100/dpr:2/wm:1:nowe:10:10", 20, 20],
  ])("%s lies at %p,%p in its own size", async (text, left, top) => {
    const image = await marked(`${text}@png`);
    expect(image.channels).toBe(3);
    expect(pixel(image, left, top)).toEqual(RED);
    expect(pixel(image, left + 39, top + 19)).toEqual(BLUE);
    if (left > 0) expect(pixel(image, left - 1, top)).toEqual(GROUND);
    if (top > 0) expect(pixel(image, left, top - 1)).toEqual(GROUND);
  });

  test("may hang over the edge", async () => {
    const image = await marked("wm:1:nowe:-30:-5@png");
    expect(pixel(image, 0, 0)).toEqual(BLUE);
    expect(pixel(image, 9, 14)).toEqual(BLUE);
    expect(pixel(image, 10, 0)).toEqual(GROUND);
  });

  test("may be larger than the picture", async () => {
    const large = await watermarkOf(await plain(500, 300, [255, 0, 0]));
    const image = await marked("wm:1@png", GREEN, large);
    expect(pixel(image, 0, 0)).toEqual(RED);
    expect(pixel(image, 199, 99)).toEqual(RED);
  });

  test("is fitted into a part of the result, border included", async () => {
    const image = await marked("pd:0:100:0:100/bg:008000/wm:1:nowe:::.25@png");
    expect(image.width).toBe(400);
    // A quarter of 400 × 100 holds 40 × 20 as 50 × 25.
    expect(isNear(pixel(image, 3, 3), RED, 2)).toBe(true);
    expect(isNear(pixel(image, 46, 21), BLUE, 2)).toBe(true);
    expect(pixel(image, 50, 3)).toEqual(GROUND);
    expect(pixel(image, 3, 25)).toEqual(GROUND);
  });

  test("is as opaque as option and configuration say together", async () => {
    const variables = { IMGPROXY_WATERMARK_OPACITY: "0.5" };
    expect(isNear(pixel(await marked("wm:.5@png"), 85, 45), [128, 64, 0], 1)).toBe(true);
    const both = await run(GREEN, "wm:.5@png", { watermark: mark, variables });
    expect(isNear(pixel(await decode(both.bytes), 85, 45), [64, 96, 0], 1)).toBe(true);
    expect(pixel(await marked("wm:0@png"), 85, 45)).toEqual(GROUND);
  });

  test("tiles the picture, one tile in the centre", async () => {
    const image = await marked("wm:1:re@png");
    for (const left of [0, 40, 80, 120, 160]) {
      expect(pixel(image, left, 50)).toEqual(RED);
      expect(pixel(image, left + 39, 50)).toEqual(BLUE);
    }
    const spaced = await marked("wm:1:re:10:10@png");
    expect(pixel(spaced, 80, 40)).toEqual(RED);
    expect(pixel(spaced, 79, 40)).toEqual(GROUND);
    expect(pixel(spaced, 120, 40)).toEqual(GROUND);
    expect(pixel(spaced, 130, 40)).toEqual(RED);
  });

  test("leaves transparency where it does not lie", async () => {
    const image = await marked("wm:1:nowe@png", await plain(200, 100, [0, 128, 0, 0]));
    expect(pixel(image, 0, 0)).toEqual([255, 0, 0, 255]);
    expect(pixel(image, 199, 99)[3]).toBe(0);
  });

  test("lies on the flattened picture, so that JPEG has no dark corners", async () => {
    const image = await marked("wm:.5:nowe@jpg", await plain(200, 100, [0, 128, 0, 0]));
    expect(isNear(pixel(image, 150, 80), [255, 255, 255], 3)).toBe(true);
    expect(isNear(pixel(image, 5, 10), [255, 128, 128], 6)).toBe(true);
  });

  test("makes a grey picture RGB unless it is grey itself", async () => {
    const grey = await plain(200, 100, [90]);
    expect((await marked("wm:1:nowe@png", grey)).channels).toBe(3);
    const greyMark = await watermarkOf(await plain(40, 20, [200]));
    const image = await marked("wm:1:nowe@png", grey, greyMark);
    expect(image.channels).toBe(1);
    expect(pixel(image, 0, 0)).toEqual([200]);
    expect(pixel(image, 40, 0)).toEqual([90]);
  });

  test("can be a drawing, rendered at the size it is used in", async () => {
    const drawing = Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"><rect width="4" height="4" fill="#f00"/></svg>',
    );
    const image = await marked("wm:1:nowe:::.5@png", GREEN, await watermarkOf(drawing));
    expect(pixel(image, 49, 49)).toEqual(RED);
    expect(pixel(image, 50, 49)).toEqual(GROUND);
  });

  test("is nothing where none is configured", async () => {
    expect(pixel(await decode((await run(GREEN, "wm:1@png")).bytes), 100, 50)).toEqual(GROUND);
  });

  test("that is no image is refused when it is loaded", async () => {
    expect((await failureOf(watermarkOf(Buffer.from("no image")))).kind).toBe("invalid_image");
  });
});
