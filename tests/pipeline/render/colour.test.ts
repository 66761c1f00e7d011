import { describe, expect, test } from "bun:test";
import sharp from "sharp";
import type { RawImage } from "../../../src/image/types.ts";
import { decode, draw, isNear, largestDifference, noise, open, pixel, plain, png } from "../pictures.ts";
import { run } from "../requests.ts";

async function pixelsOf(bytes: Uint8Array, text: string, variables = {}) {
  return decode((await run(bytes, text, { variables })).bytes);
}

/** A picture of one 16-bit colour. */
async function deep(colour: readonly number[], width = 60, height = 40): Promise<Buffer> {
  const channels = colour.length as RawImage["channels"]; // one to four numbers come in
  const samples = new Uint16Array(width * height * channels).map((_, index) => colour[index % channels] ?? 0);
  const space = channels < 3 ? "grey16" : "rgb16";
  return sharp(samples, { raw: { width, height, channels } }).toColourspace(space).png().toBuffer();
}

describe("embedded profiles", () => {
  // The numbers of sRGB's green in Display P3 are others; the colour is the same.
  const green = draw({ width: 60, height: 40, channels: 3 }, () => [0, 200, 0]);

  test("are applied and dropped", async () => {
    const source = await open(green).withIccProfile("p3").png().toBuffer();
    expect(isNear(pixel(await decode(source), 0, 0), [0, 200, 0], 20)).toBe(false);
    for (const text of [
      "@png",
      "w:31@png",
      "w:31/dpr:1.5@png",
      "t:1@png",
      "rs:fill:20:20/g:sm@png",
      "bl:1/pix:5@png",
    ]) {
      const { bytes } = await run(source, text);
      expect((await sharp(bytes).metadata()).icc).toBeUndefined();
      expect(isNear(pixel(await decode(bytes), 5, 5), [0, 200, 0], 3)).toBe(true);
    }
  });

  test("are kept with their numbers on request, through one pass and through several", async () => {
    const source = await open(green).withIccProfile("p3").png().toBuffer();
    const numbers = pixel(await decode(source), 0, 0);
    for (const text of [
      "scp:0@png",
      "scp:0/w:31/bl:1/pd:3/bg:ff0000@png",
      "scp:0/w:31/mb:9000@webp",
      "scp:0/w:31@avif",
    ]) {
      const { bytes } = await run(source, text);
      expect((await sharp(bytes).metadata()).icc?.length).toBeGreaterThan(100);
      const { data, info } = await sharp(bytes, { ignoreIcc: true })
        .removeAlpha()
        .raw()
        .toBuffer({ resolveWithObject: true });
      const at = (20 * info.width + 15) * info.channels;
      expect(isNear([...data.subarray(at, at + 3)], numbers, 5)).toBe(true);
    }
  });

  test("bend the background along, as the reference has it", async () => {
    const source = await open(green).withIccProfile("p3").png().toBuffer();
    const image = await pixelsOf(source, "pd:5/bg:208060@png");
    expect(isNear(pixel(image, 0, 0), [0, 130, 94], 2)).toBe(true);
    const kept = await pixelsOf(source, "pd:5/bg:208060/scp:0@png");
    expect(pixel(kept, 0, 0)).toEqual([0x20, 0x80, 0x60]);
  });

  test("are applied to formats that cannot carry them, whatever was asked for", async () => {
    const source = await open(green).withIccProfile("p3").png().toBuffer();
    expect(isNear(pixel(await pixelsOf(source, "scp:0@gif"), 5, 5).slice(0, 3), [0, 200, 0], 3)).toBe(true);
  });

  test("of sRGB cost nothing and change nothing", async () => {
    const noisy = noise({ width: 40, height: 30, channels: 3 });
    const image = await pixelsOf(await png(noisy), "@png");
    expect(largestDifference(image, noisy)).toBe(0);
  });
});

describe("grey", () => {
  test("stays one band, whatever the depth of the source", async () => {
    for (const source of [await plain(60, 40, [77]), await deep([77 * 257])]) {
      for (const text of ["@png", "w:30@png", "w:31/dpr:1.5@png", "c:20:20/rot:90@png", "t:1@png"]) {
        const image = await pixelsOf(source, text);
        expect(image.channels).toBe(1);
        expect(isNear(pixel(image, 2, 2), [77], 1)).toBe(true);
      }
    }
  });
});

describe("16 bits", () => {
  const colour = [0x1234, 0x8000, 0xfedc];

  test("become 8 by their high bytes", async () => {
    const image = await pixelsOf(await deep(colour), "@png");
    expect(image.bits).toBe(8);
    expect(pixel(image, 0, 0)).toEqual([0x12, 0x80, 0xfe]);
  });

  test("survive where asked for, in formats that can hold them", async () => {
    const image = await pixelsOf(await deep(colour), "ph:1/w:30@png");
    expect([image.bits, ...pixel(image, 3, 3)]).toEqual([16, ...colour]);
    expect((await pixelsOf(await deep(colour), "ph:1/w:30@tiff")).bits).toBe(16);
    expect((await pixelsOf(await deep(colour), "ph:1/w:30@webp")).bits).toBe(8);
    expect((await sharp((await run(await deep(colour), "ph:1/w:30@avif")).bytes).metadata()).bitsPerSample).toBe(12);
  });

  test("have borders and grounds of the full range", async () => {
    const image = await pixelsOf(await deep(colour), "ph:1/pd:4/bg:ff2000@png");
    expect(pixel(image, 0, 0)).toEqual([65_535, 0x2020, 0]);
    expect(pixel(image, 4, 4)).toEqual(colour);
    const open16 = await pixelsOf(await deep(colour), "ph:1/pd:4@png");
    expect(pixel(open16, 0, 0)).toEqual([0, 0, 0, 0]);
    expect(pixel(open16, 4, 4)).toEqual([...colour, 65_535]);
    const flat = await pixelsOf(await deep([65_535, 0, 0, 0x8000]), "ph:1/bg:0000ff@png");
    expect(isNear(pixel(flat, 0, 0), [0x8000, 0, 0x7fff], 1)).toBe(true);
  });

  test("of grey become RGB on a coloured ground only", async () => {
    expect(pixel(await pixelsOf(await deep([0x4321]), "ph:1/pd:2/bg:808080@png"), 0, 0)).toEqual([0x8080]);
    const image = await pixelsOf(await deep([0x4321]), "ph:1/pd:2/bg:ff0000@png");
    expect(pixel(image, 0, 0)).toEqual([65_535, 0, 0]);
    expect(isNear(pixel(image, 2, 2), [0x4321, 0x4321, 0x4321], 2)).toBe(true);
  });
});

describe("CMYK", () => {
  const orange = draw({ width: 80, height: 60, channels: 3 }, () => [230, 120, 40]);

  test("becomes sRGB, at full size and shrunk by the decoder", async () => {
    const source = await open(orange).withIccProfile("cmyk").jpeg({ quality: 95 }).toBuffer();
    expect((await sharp(source).metadata()).space).toBe("cmyk");
    for (const text of ["@png", "w:20@png", "w:60/dpr:1.1@png"]) {
      const image = await pixelsOf(source, text);
      expect(image.channels).toBe(3);
      expect(isNear(pixel(image, 5, 5), [230, 120, 40], 12)).toBe(true);
    }
  });

  test("goes back into its inks when the profile is kept and the format has them", async () => {
    const source = await open(orange).withIccProfile("cmyk").jpeg({ quality: 95 }).toBuffer();
    const { bytes } = await run(source, "scp:0/w:40@jpg");
    const { space, icc } = await sharp(bytes).metadata();
    expect(space).toBe("cmyk");
    expect(icc?.length).toBeGreaterThan(1000);
    const inPng = await sharp((await run(source, "scp:0/w:40@png")).bytes).metadata();
    expect([inPng.space, inPng.icc]).toEqual(["srgb", undefined]);
  });
});

describe("linear light", () => {
  // Fine stripes of black and white are half the light, which is 188 in sRGB and not 128.
  const stripes = draw({ width: 80, height: 40, channels: 3 }, (x) => (x % 2 === 0 ? [0, 0, 0] : [255, 255, 255]));
  const variables = { IMGPROXY_USE_LINEAR_COLORSPACE: "true" };

  test("averages light instead of numbers", async () => {
    const source = await png(stripes);
    expect(isNear(pixel(await pixelsOf(source, "w:20@png"), 10, 5), [128, 128, 128], 2)).toBe(true);
    expect(isNear(pixel(await pixelsOf(source, "w:20@png", variables), 10, 5), [188, 188, 188], 2)).toBe(true);
  });

  test("leaves unscaled pictures and the steps behind the scaling alone", async () => {
    const source = await png(stripes);
    expect(largestDifference(await pixelsOf(source, "@png", variables), stripes)).toBe(0);
    const image = await pixelsOf(source, "w:20/pd:3/bg:204060/bl:1@png", variables);
    expect(pixel(image, 0, 0)).toEqual([0x20, 0x40, 0x60]);
    expect(isNear(pixel(image, 13, 8), [188, 188, 188], 3)).toBe(true);
  });

  test("applies a foreign profile first", async () => {
    const source = await open(draw({ width: 60, height: 40, channels: 3 }, () => [0, 200, 0]))
      .withIccProfile("p3")
      .png()
      .toBuffer();
    expect(isNear(pixel(await pixelsOf(source, "w:20@png", variables), 5, 5), [0, 200, 0], 3)).toBe(true);
  });
});
