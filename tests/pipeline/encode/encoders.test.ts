import { describe, expect, test } from "bun:test";
import sharp from "sharp";
import type { RawImage } from "../../../src/image/types.ts";
import { quantisedBits } from "../../../src/pipeline/encode/encoders.ts";
import { encodeWithin, nextQuality } from "../../../src/pipeline/encode/max-bytes.ts";
import { resolveQuality } from "../../../src/pipeline/encode/quality.ts";
import { asTiff } from "../../../src/pipeline/encode/tiff-pixels.ts";
import { coordinates, decode, largestDifference, noise, open, plain, png, quarters } from "../pictures.ts";
import { configOf, NO_CODECS, optionsOf, run } from "../requests.ts";

const NOISE = await png(noise({ width: 120, height: 90, channels: 3 }));

describe("quality", () => {
  const quality = (text: string, format: "jpeg" | "webp" | "avif" | "jxl", variables = {}) =>
    resolveQuality(format, optionsOf(text, variables), configOf(variables));

  test("is the reference's by default", () => {
    expect(quality("", "jpeg")).toBe(80);
    expect(quality("", "webp")).toBe(79);
    expect(quality("", "avif")).toBe(63);
    expect(quality("", "jxl")).toBe(77);
  });

  test("goes by option, option by format, configuration by format, configuration", () => {
    const variables = { IMGPROXY_QUALITY: "50", IMGPROXY_FORMAT_QUALITY: "avif=40" };
    expect(quality("q:7/fq:webp:8", "webp", variables)).toBe(7);
    expect(quality("q:0/fq:webp:8", "webp", variables)).toBe(8);
    expect(quality("fq:webp:0", "webp", variables)).toBe(79);
    expect(quality("", "avif", variables)).toBe(40);
    expect(quality("", "webp", variables)).toBe(79);
    expect(quality("", "jpeg", variables)).toBe(50);
  });

  test("changes the size of a result", async () => {
    for (const format of ["jpg", "webp", "avif"]) {
      const low = await run(NOISE, `q:20@${format}`);
      const high = await run(NOISE, `q:95@${format}`);
      expect(high.bytes.length).toBeGreaterThan(low.bytes.length * 1.5);
    }
  });
});

describe("formats", () => {
  test.each(["jpg", "png", "webp", "avif", "gif", "tiff"])("%s is written as such", async (format) => {
    const result = await run(NOISE, `@${format}`);
    const meta = await sharp(result.bytes).metadata();
    const names: Readonly<Record<string, string>> = { jpg: "jpeg", avif: "heif" };
    expect([meta.format as string, meta.width, meta.height]).toEqual([names[format] ?? format, 120, 90]);
  });

  test("JPEG halves its colours below a quality of 90, and is progressive when configured", async () => {
    const chroma = async (text: string, variables = {}) => {
      const { chromaSubsampling, isProgressive } = await sharp(
        (await run(NOISE, text, { variables })).bytes,
      ).metadata();
      return [chromaSubsampling, isProgressive];
    };
    expect(await chroma("@jpg")).toEqual(["4:2:0", false]);
    expect(await chroma("q:90@jpg")).toEqual(["4:4:4", false]);
    expect(await chroma("@jpg", { IMGPROXY_JPEG_PROGRESSIVE: "true" })).toEqual(["4:2:0", true]);
  });

  test("PNG is lossless, and interlaced when configured", async () => {
    expect(largestDifference(await decode((await run(NOISE, "@png")).bytes), await decode(NOISE))).toBe(0);
    const { bytes } = await run(NOISE, "@png", { variables: { IMGPROXY_PNG_INTERLACED: "true" } });
    expect((await sharp(bytes).metadata()).isProgressive).toBe(true);
  });

  test("TIFF is uncompressed at 72 dots an inch", async () => {
    const { bytes } = await run(NOISE, "@tiff");
    expect(bytes.length).toBeGreaterThan(120 * 90 * 3);
    expect((await sharp(bytes).metadata()).density).toBe(72);
  });

  test("BMP and ICO come from encoders of our own", async () => {
    const bmp = await run(NOISE, "@bmp");
    expect([...bmp.bytes.subarray(0, 2)]).toEqual([0x42, 0x4d]);
    const view = new DataView(bmp.bytes.buffer, bmp.bytes.byteOffset);
    expect([view.getInt32(18, true), view.getInt32(22, true), view.getUint16(28, true)]).toEqual([120, -90, 24]);
    const ico = await run(await plain(40, 30, [90]), "@ico");
    expect([...ico.bytes.subarray(0, 8)]).toEqual([0, 0, 1, 0, 1, 0, 40, 30]);
    // Grey is expanded: icons hold colour.
    expect((await sharp(ico.bytes.subarray(22)).metadata()).channels).toBe(3);
  });

  test("AVIF below 16 pixels becomes PNG or JPEG", async () => {
    expect((await run(NOISE, "w:15@avif")).format).toBe("jpeg");
    const result = await run(await plain(40, 30, [1, 2, 3, 4]), "w:15@avif");
    expect([result.format, (await sharp(result.bytes).metadata()).format]).toEqual(["png", "png"]);
  });

  test("a JPEG XL goes through its codec with quality and effort", async () => {
    const calls: unknown[] = [];
    const codecs = {
      ...NO_CODECS,
      encodeJxl: (image: RawImage, { quality, effort }: { quality: number; effort: number }) => {
        calls.push([image.width, image.height, image.channels, quality, effort]);
        return Promise.resolve(new Uint8Array([1, 2, 3]));
      },
    };
    const result = await run(NOISE, "w:60@jxl", { codecs });
    expect([result.format, result.bytes.length]).toEqual(["jxl", 3]);
    expect(calls).toEqual([[60, 45, 3, 77, 4]]);
  });
});

describe("palettes", () => {
  test.each([
    [2, 1],
    [3, 2],
    [4, 2],
    [5, 4],
    [16, 4],
    [17, 8],
    [256, 8],
  ])("%p colours take %p bits", (colours, bits) => {
    expect(quantisedBits(colours)).toBe(bits as 1);
  });

  test("survive whatever is done to the pixels", async () => {
    const source = await open(quarters(80, 60)).png({ palette: true, colours: 4 }).toBuffer();
    for (const text of ["@png", "w:30@png", "bl:2/pd:5@png", "rot:90/pix:4@png"]) {
      const { isPalette, bitsPerSample } = await sharp((await run(source, text)).bytes).metadata();
      expect([isPalette, bitsPerSample]).toEqual([true, 2]);
    }
  });

  test("come from GIF, and from the configuration", async () => {
    const gif = await open(quarters(80, 60)).gif().toBuffer();
    expect((await sharp((await run(gif, "@png")).bytes).metadata()).isPalette).toBe(true);
    const variables = { IMGPROXY_PNG_QUANTIZE: "true", IMGPROXY_PNG_QUANTIZATION_COLORS: "16" };
    const { isPalette, bitsPerSample } = await sharp((await run(NOISE, "@png", { variables })).bytes).metadata();
    expect([isPalette, bitsPerSample]).toEqual([true, 4]);
    expect((await sharp((await run(NOISE, "@png")).bytes).metadata()).isPalette).toBe(false);
  });

  test("never enter an icon", async () => {
    const source = await open(quarters(80, 60)).png({ palette: true, colours: 4 }).toBuffer();
    expect((await sharp((await run(source, "@ico")).bytes.subarray(22)).metadata()).isPalette).toBe(false);
  });
});

describe("max_bytes", () => {
  test.each([
    [80, 3.5, 20],
    [80, 2, 40],
    [80, 1.2, 60],
    [20, 5, 5],
    [11, 1.1, 8],
    [2, 1.01, 1],
    [1, 9, 1],
  ])("goes from quality %p, %p times too large, to %p", (quality, excess, next) => {
    expect(nextQuality(quality, excess)).toBe(next);
  });

  test("tries until it fits or the quality is 10", async () => {
    const tried: number[] = [];
    const sized = (bytesPerQuality: number) => (quality: number) => {
      tried.push(quality);
      return Promise.resolve(new Uint8Array(quality * bytesPerQuality));
    };
    expect((await encodeWithin(400, 80, sized(10))).length).toBe(400);
    expect(tried.splice(0)).toEqual([80, 40]);
    expect((await encodeWithin(1, 80, sized(10))).length).toBe(50);
    expect(tried.splice(0)).toEqual([80, 20, 5]);
    expect((await encodeWithin(10_000, 80, sized(10))).length).toBe(800);
    expect(tried).toEqual([80]);
  });

  test("makes results fit that can", async () => {
    for (const format of ["jpg", "webp", "avif"]) {
      const free = await run(NOISE, `@${format}`);
      const limit = Math.floor(free.bytes.length * 0.6);
      const result = await run(NOISE, `mb:${limit}@${format}`);
      expect(result.bytes.length).toBeLessThanOrEqual(limit);
      expect([result.width, result.height]).toEqual([120, 90]);
    }
  });

  test("is a wish that PNG does not hear", async () => {
    expect((await run(NOISE, "mb:100@png")).bytes.length).toBeGreaterThan(10_000);
    expect((await run(NOISE, "mb:1@jpg")).bytes.length).toBeGreaterThan(1);
  });
});

test.each([true, false])("pixels go into another pass unchanged as a file, with a profile: %p", async (hasProfile) => {
  const { icc: p3 } = await sharp(await open(quarters(8, 6)).withIccProfile("p3").png().toBuffer()).metadata();
  const icc = hasProfile ? (p3 ?? null) : null;
  for (const channels of [1, 2, 3, 4] as const) {
    const image = noise({ width: 7, height: 5, channels });
    const file = asTiff(image, icc);
    const meta = await sharp(file).metadata();
    expect([meta.width, meta.height, meta.channels, meta.icc?.length]).toEqual([
      7,
      5,
      channels,
      hasProfile ? p3?.length : undefined,
    ]);
    const space = channels < 3 ? "b-w" : "srgb";
    const { data, info } = await sharp(file, { ignoreIcc: true })
      .toColourspace(space)
      .raw()
      .toBuffer({ resolveWithObject: true });
    // Raw output of grey has one band; the alpha beside it was not its own.
    const expected = channels === 2 ? Buffer.from(image.data.filter((_, index) => index % 2 === 0)) : image.data;
    expect(Buffer.compare(data, expected)).toBe(0);
    expect(info.channels).toBe(channels === 2 ? 1 : channels);
  }
  const deep: RawImage = { ...coordinates(5, 4), bits: 16, data: Buffer.alloc(5 * 4 * 3 * 2, 0x5a) };
  const { depth } = await sharp(asTiff(deep, icc)).metadata();
  expect(depth).toBe("ushort");
});
