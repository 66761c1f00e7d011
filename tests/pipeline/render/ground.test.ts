import { describe, expect, test } from "bun:test";
import sharp from "sharp";
import { corners, decode, draw, isNear, pixel, plain, png } from "../pictures.ts";
import { run } from "../requests.ts";

const BLUE = await plain(100, 50, [0, 0, 200]);
const GREY = await plain(100, 50, [90]);
const HALF_RED = await plain(100, 50, [255, 0, 0, 128]);

async function pixelsOf(bytes: Uint8Array, text: string) {
  return decode((await run(bytes, text)).bytes);
}

describe("borders", () => {
  test("are transparent where the format can be", async () => {
    const image = await pixelsOf(BLUE, "pd:5:10:15:20@png");
    expect([image.width, image.height, image.channels]).toEqual([130, 70, 4]);
    expect(corners(image)).toEqual([
      [0, 0, 0, 0],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
    expect(pixel(image, 20, 5)).toEqual([0, 0, 200, 255]);
    expect(pixel(image, 119, 54)).toEqual([0, 0, 200, 255]);
    expect(pixel(image, 120, 54)).toEqual([0, 0, 0, 0]);
  });

  test("have the background's colour and then no alpha", async () => {
    const image = await pixelsOf(BLUE, "pd:5/bg:204060@png");
    expect(image.channels).toBe(3);
    expect(corners(image)).toEqual(Array.from({ length: 4 }, () => [0x20, 0x40, 0x60]));
  });

  test("are white in JPEG", async () => {
    const image = await pixelsOf(BLUE, "pd:20@jpg");
    expect(corners(image).every((colour) => isNear(colour, [255, 255, 255], 2))).toBe(true);
  });

  test("grow with the dpr that could be given", async () => {
    const image = await pixelsOf(BLUE, "w:40/dpr:1.5/pd:10@png");
    expect([image.width, image.height]).toEqual([90, 60]);
  });

  test.each([
    ["ex:1", 50, 76],
    ["ex:1:no", 50, 0],
    ["ex:1:soea", 100, 150],
    ["ex:1:nowe:7:9", 7, 9],
    ["ex:1:fp:.25:1", 0, 150],
  ])("w:200/h:200/%s puts the picture at %p,%p", async (text, left, top) => {
    const image = await pixelsOf(BLUE, `w:200/h:200/${text}@png`);
    expect([image.width, image.height]).toEqual([200, 200]);
    expect(pixel(image, left, top)).toEqual([0, 0, 200, 255]);
    if (left > 0) expect(pixel(image, left - 1, top)).toEqual([0, 0, 0, 0]);
    if (top > 0) expect(pixel(image, left, top - 1)).toEqual([0, 0, 0, 0]);
  });

  test("complete a ratio", async () => {
    const image = await pixelsOf(BLUE, "w:60/h:60/exar:1:no@png");
    expect([image.width, image.height]).toEqual([60, 60]);
    expect(pixel(image, 0, 0)).toEqual([0, 0, 200, 255]);
    expect(pixel(image, 0, 30)).toEqual([0, 0, 0, 0]);
  });

  test("come after the filters", async () => {
    const image = await pixelsOf(BLUE, "bl:5/pd:10@png");
    expect(pixel(image, 9, 9)).toEqual([0, 0, 0, 0]);
    expect(pixel(image, 10, 10)).toEqual([0, 0, 200, 255]);
  });
});

describe("flattening", () => {
  test("lays transparency on white for JPEG and on the background everywhere", async () => {
    expect(isNear(pixel(await pixelsOf(HALF_RED, "@jpg"), 50, 25), [255, 127, 127], 3)).toBe(true);
    expect(pixel(await pixelsOf(HALF_RED, "bg:0000ff@png"), 50, 25)).toEqual([128, 0, 127]);
    expect((await pixelsOf(HALF_RED, "bg:0000ff@webp")).channels).toBe(3);
  });

  test("scales first, so that transparent colours do not bleed in", async () => {
    const source = await png(
      draw({ width: 100, height: 100, channels: 4 }, (x) => (x < 50 ? [255, 0, 0, 0] : [0, 0, 255, 255])),
    );
    const image = await pixelsOf(source, "w:25/bg:00ff00@png");
    for (let x = 0; x < 25; x++) expect(pixel(image, x, 12)[0]).toBe(0);
  });

  test("joins a border and an alpha picture seamlessly", async () => {
    const image = await pixelsOf(HALF_RED, "w:50/pd:10/bg:0000ff@png");
    expect(pixel(image, 0, 0)).toEqual([0, 0, 255]);
    expect(isNear(pixel(image, 30, 20), [128, 0, 127], 1)).toBe(true);
  });
});

describe("grey pictures", () => {
  test("stay grey on a grey ground of any lightness", async () => {
    for (const value of [0, 1, 37, 127, 128, 200, 254, 255]) {
      const hex = value.toString(16).padStart(2, "0").repeat(3);
      const image = await pixelsOf(GREY, `pd:3/bg:${hex}@png`);
      expect(image.channels).toBe(1);
      expect(pixel(image, 0, 0)).toEqual([value]);
      expect(pixel(image, 3, 3)).toEqual([90]);
    }
  });

  test("become RGB on a coloured ground", async () => {
    const image = await pixelsOf(GREY, "pd:3/bg:ff0000@png");
    expect(pixel(image, 0, 0)).toEqual([255, 0, 0]);
    expect(pixel(image, 3, 3)).toEqual([90, 90, 90]);
  });

  test("keep one band through scaling, and alpha beside it", async () => {
    expect((await pixelsOf(GREY, "w:50@png")).channels).toBe(1);
    expect((await sharp((await run(GREY, "w:50@jpg")).bytes).metadata()).channels).toBe(1);
    const source = await plain(100, 50, [90, 128]);
    const { channels, space } = await sharp((await run(source, "w:51/pd:2@png")).bytes).metadata();
    expect([channels, space]).toEqual([2, "b-w"]);
  });
});
