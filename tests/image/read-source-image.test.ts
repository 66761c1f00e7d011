import { afterAll, describe, expect, test } from "bun:test";
import sharp from "sharp";
import { openSource } from "../../src/image/open-source.ts";
import { CodecPool } from "../../src/image/wasm/codec-pool.ts";
import { bmpFile } from "./bmp/bmp-writer.ts";
import { fixture, isNear, NEVER, pixelAt, read } from "./samples.ts";

const codecs = new CodecPool();
afterAll(() => codecs.close());

const plain = (channels: 3 | 4 = 3) => sharp({ create: { width: 30, height: 20, channels, background: "#28c" } });

describe("readSourceImage", () => {
  test.each([
    ["jpeg", () => plain().jpeg().toBuffer(), { channels: 3, hasAlpha: false, space: "srgb", depth: "uchar" }],
    ["png", () => plain(4).png().toBuffer(), { channels: 4, hasAlpha: true, paletteBits: 0 }],
    ["png", () => plain().png({ palette: true, colours: 4 }).toBuffer(), { paletteBits: 2 }],
    ["png", () => plain().toColourspace("rgb16").png().toBuffer(), { space: "rgb16", depth: "ushort" }],
    ["png", () => plain().toColourspace("b-w").png().toBuffer(), { space: "b-w", channels: 1 }],
    ["webp", () => plain(4).webp().toBuffer(), { isAnimation: false, pages: 1 }],
    ["tiff", () => plain().tiff().toBuffer(), { isAnimation: false }],
    ["avif", () => plain().avif().toBuffer(), { compression: "av1" }],
    [
      "bmp",
      () => bmpFile({ width: 30, height: -20, bits: 8, palette: [[0, 0, 0]], rows: [] }),
      { paletteBits: 8, channels: 3 },
    ],
    [
      "bmp",
      () => bmpFile({ width: 30, height: 20, bits: 32, rows: [] }),
      { paletteBits: 0, channels: 4, hasAlpha: true },
    ],
  ] as const)("reads the header of a %s file", async (format, make, facts) => {
    const { meta } = await read(await make());
    expect(meta).toMatchObject({ format, width: 30, height: 20, orientation: 1, svgDensity: null, ...facts });
  });

  test.each([
    ["rgb-48x32.heic", { format: "heic", width: 48, height: 32, compression: "hevc", hasAlpha: false, depth: "uchar" }],
    ["alpha-48x32.heic", { hasAlpha: true, channels: 4 }],
    ["turned-32x48.heic", { width: 32, height: 48, orientation: 1 }],
    ["deep-24x16.heic", { depth: "ushort", space: "rgb16" }],
    ["container-48x32.jxl", { format: "jxl", width: 48, height: 32, space: "srgb", channels: 3, icc: null }],
    ["grey-48x32.jxl", { space: "b-w", channels: 1, hasAlpha: false }],
    ["frames-48x32.jxl", { pages: 1, isAnimation: false, hasAlpha: true, channels: 4 }],
    ["turned-32x48.jxl", { width: 32, height: 48, orientation: 1 }],
  ])("reads the header of %s", async (name, facts) => {
    expect((await read(await fixture(name))).meta).toMatchObject(facts);
  });

  test("reads metadata, compressed ones too", async () => {
    const jpeg = await plain()
      .withExif({ IFD0: { Copyright: "me" } })
      .withXmp("<x:xmpmeta/>")
      .withIccProfile("p3")
      .jpeg()
      .toBuffer();
    const { exif, xmp, icc } = (await read(jpeg)).meta;
    expect([exif?.length ?? 0, xmp?.length ?? 0, icc?.length ?? 0].every((length) => length > 10)).toBeTrue();
    const jxl = (await read(await fixture("exif-48x32.jxl"))).meta.exif;
    expect(Buffer.from(jxl ?? []).toString("latin1")).toContain("Somebody");
  });

  test("knows an animation by its frames, delays and loop", async () => {
    const strip = await sharp({ create: { width: 8, height: 24, channels: 3, background: "red" } })
      .raw()
      .toBuffer();
    const frames = () =>
      sharp(Buffer.from(strip.map((v, i) => (i < 192 ? v : i % 251))), {
        raw: { width: 8, height: 24, channels: 3, pageHeight: 8 },
      });
    const gif = await frames()
      .gif({ delay: [50, 60, 70], loop: 2 })
      .toBuffer();
    expect((await read(gif)).meta).toMatchObject({
      isAnimation: true,
      pages: 3,
      delays: [50, 60, 70],
      loop: 2,
      height: 8,
    });
    const webp = await frames()
      .webp({ delay: [50, 60, 70], loop: 0, lossless: true })
      .toBuffer();
    expect((await read(webp)).meta).toMatchObject({ isAnimation: true, pages: 3, loop: 0 });
    expect((await read(await frames().tiff().toBuffer())).meta).toMatchObject({ isAnimation: false, delays: [] });
  });

  test.each([
    ["nothing", Buffer.alloc(0), "the source is empty"],
    ["text", Buffer.from("hello world"), "no known format; it begins with 68 65 6c 6c 6f"],
    ["a signature alone", Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), "png header cannot be read"],
    ["markup that is not well-formed", Buffer.from("<svg><g></svg>"), "svg header cannot be read"],
    ["a JPEG XL signature alone", Buffer.from([0xff, 0x0a]), "JPEG XL: the header is cut off"],
    [
      "an empty JPEG XL container",
      Buffer.from("\0\0\0\x0cJXL \r\n\x87\n", "latin1"),
      "the container holds no codestream",
    ],
  ])("refuses %s with a reason", async (_, bytes, message) => {
    const error = await read(bytes).catch((thrown) => thrown);
    expect(error).toMatchObject({ kind: expect.stringMatching(/^(invalid|broken)_image$/), status: 422 });
    expect(error.message).toContain(message);
  });

  test("refuses what is too large before a pixel is decoded", async () => {
    const bomb = bmpFile({ width: 100_000, height: 100_000, bits: 24, rows: [] });
    await expect(read(bomb)).rejects.toThrow("the source is 10000 Mpx (100000×100000 bmp), limit 50 Mpx");
    await expect(read(await fixture("rgb-48x32.heic"), { maxSrcResolution: 1000 })).rejects.toMatchObject({
      kind: "invalid_image",
    });
    await expect(read(await fixture("grey-48x32.jxl"), { maxSrcResolution: 1000 })).rejects.toMatchObject({
      kind: "invalid_image",
    });
    await expect(read(await plain().png().toBuffer(), { maxSrcFileSize: 10 })).rejects.toThrow("limit 10 bytes");
  });
});

describe("openSource", () => {
  test("leaves to sharp what sharp can decode", async () => {
    const bytes = await plain().png().toBuffer();
    expect(await openSource(await read(bytes), { codecs, signal: NEVER })).toEqual({ kind: "encoded", bytes });
  });

  test.each([["p3-lossless-48x32.jxl"], ["p3-lossy-48x32.jxl"], ["power-lossy-48x32.jxl"], ["exif-48x32.jxl"]])(
    "gives %s with the profile that brings its colours back",
    async (name) => {
      const opened = await openSource(await read(await fixture(name)), { codecs, signal: NEVER });
      if (opened.kind !== "raw") throw new Error("raw pixels were expected");
      const { image, icc } = opened;
      const raw = { width: image.width, height: image.height, channels: image.channels };
      const srgb = icc === null ? image.data : await toSrgb(image.data, raw, icc);
      const shown = { ...image, data: srgb };
      expect(
        [pixelAt(shown, 3, 3), pixelAt(shown, 44, 3), pixelAt(shown, 3, 28)].map((pixel, i) =>
          isNear(
            pixel,
            [
              [200, 50, 50],
              [50, 200, 50],
              [50, 50, 200],
            ][i] ?? [],
          ),
        ),
      ).toEqual([true, true, true]);
    },
  );

  test("decodes HEIC", async () => {
    const opened = await openSource(await read(await fixture("turned-32x48.heic")), { codecs, signal: NEVER });
    expect(opened).toMatchObject({ kind: "raw", icc: null, image: { width: 32, height: 48, channels: 3, bits: 8 } });
  });
});

/** Converts numbers through a profile: sharp takes profiles of raw pixels only within a file. */
async function toSrgb(
  data: Uint8Array,
  raw: { width: number; height: number; channels: 1 | 2 | 3 | 4 },
  icc: Uint8Array,
): Promise<Buffer> {
  const tiff = await sharp(data, { raw }).tiff({ compression: "none" }).toBuffer();
  return await sharp(withTiffProfile(tiff, icc)).toColourspace("srgb").removeAlpha().raw().toBuffer();
}

/** Adds tag 34675 to the only directory of a little-endian TIFF, which libvips writes last. */
function withTiffProfile(tiff: Buffer, icc: Uint8Array): Buffer {
  const start = tiff.readUInt32LE(4);
  const count = tiff.readUInt16LE(start);
  const entries = Array.from({ length: count }, (_, i) => tiff.subarray(start + 2 + i * 12, start + 14 + i * 12));
  const profile = Buffer.alloc(12);
  profile.writeUInt16LE(34675, 0);
  profile.writeUInt16LE(7, 2);
  profile.writeUInt32LE(icc.length, 4);
  profile.writeUInt32LE(tiff.length, 8);
  const directory = Buffer.alloc(2 + (count + 1) * 12 + 4);
  directory.writeUInt16LE(count + 1, 0);
  const sorted = [...entries, profile].sort((a, b) => a.readUInt16LE(0) - b.readUInt16LE(0));
  Buffer.concat(sorted).copy(directory, 2);
  const head = Buffer.from(tiff);
  head.writeUInt32LE(tiff.length + icc.length + (icc.length % 2), 4);
  return Buffer.concat([head, icc, Buffer.alloc(icc.length % 2), directory]);
}
