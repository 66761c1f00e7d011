import { describe, expect, test } from "bun:test";
import sharp, { type Sharp } from "sharp";
import type { ImageFormat } from "../../../src/formats.ts";
import { readHeader } from "../../../src/image/header/read-header.ts";
import { readSharpMetadata, sharpOpenOptions } from "../../../src/image/sharp-metadata.ts";
import { randomNumbers } from "../samples.ts";

const SIZE = { width: 37, height: 21 };
const XMP =
  '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></x:xmpmeta>';

function picture(channels: 3 | 4 = 3): Sharp {
  const random = randomNumbers(5);
  const data = Buffer.from(Array.from({ length: SIZE.width * SIZE.height * channels }, () => random() * 256));
  return sharp(data, { raw: { ...SIZE, channels } });
}

const grey = (image: Sharp) => image.toColourspace("b-w");
const named = (image: Sharp) => image.withExif({ IFD0: { Artist: "Ann", Copyright: "© Ann" } });

type Sample = readonly [title: string, format: ImageFormat, make: () => Sharp];

const SAMPLES: readonly Sample[] = [
  ["a plain JPEG", "jpeg", () => picture().jpeg()],
  ["a progressive JPEG", "jpeg", () => picture().jpeg({ progressive: true })],
  ["a JPEG with full colour", "jpeg", () => picture().jpeg({ chromaSubsampling: "4:4:4" })],
  ["a grey JPEG", "jpeg", () => grey(picture()).jpeg()],
  ["a CMYK JPEG with its large profile", "jpeg", () => picture().toColourspace("cmyk").withIccProfile("cmyk").jpeg()],
  ["a JPEG with a profile", "jpeg", () => picture().withIccProfile("p3").jpeg()],
  ["a JPEG with names and XMP", "jpeg", () => named(picture()).withXmp(XMP).jpeg()],
  ...[1, 2, 3, 4, 5, 6, 7, 8].map(
    (orientation): Sample => [
      `a JPEG of orientation ${orientation}`,
      "jpeg",
      () => picture().withMetadata({ orientation }).jpeg(),
    ],
  ),
  ["a plain PNG", "png", () => picture().png()],
  ["an interlaced PNG with alpha", "png", () => picture(4).png({ progressive: true })],
  ["a grey PNG", "png", () => grey(picture()).png()],
  ["a grey PNG with alpha", "png", () => grey(picture(4)).png()],
  ["a PNG with 16 bits", "png", () => picture().toColourspace("rgb16").png()],
  ["a grey PNG with 16 bits", "png", () => picture().toColourspace("grey16").png()],
  ...[2, 4, 16, 256].map(
    (colours): Sample => [`a PNG with ${colours} colours`, "png", () => picture().png({ palette: true, colours })],
  ),
  ["a PNG with a palette that has alpha", "png", () => picture(4).png({ palette: true })],
  ["a PNG with a profile", "png", () => picture().withIccProfile("p3").png()],
  ["a PNG with names, XMP and orientation", "png", () => named(picture()).withXmp(XMP).png()],
  ["a turned PNG", "png", () => picture().withMetadata({ orientation: 6 }).png()],
  ["a lossy WebP", "webp", () => picture().webp()],
  ["a lossy WebP with alpha", "webp", () => picture(4).webp()],
  ["a lossless WebP", "webp", () => picture().webp({ lossless: true })],
  ["a lossless WebP with alpha", "webp", () => picture(4).webp({ lossless: true })],
  ["a WebP with profile, names and XMP", "webp", () => named(picture()).withXmp(XMP).withIccProfile("p3").webp()],
  ["a turned WebP", "webp", () => picture(4).withMetadata({ orientation: 8 }).webp()],
];

async function ofLibvips(bytes: Uint8Array, format: ImageFormat) {
  return await readSharpMetadata(bytes, format, sharpOpenOptions(format, { png: false, svg: false, tiff: false }));
}

/** Blocks as plain bytes, whatever kind of view they are. */
function comparable(meta: Awaited<ReturnType<typeof ofLibvips>>) {
  const hex = (block: Uint8Array | null) => block && Buffer.from(block).toString("hex");
  return { ...meta, icc: hex(meta.icc), exif: hex(meta.exif), iptc: hex(meta.iptc) };
}

describe("a header read here says what libvips says", () => {
  test.each(SAMPLES)("of %s", async (_, format, make) => {
    const bytes = await make().toBuffer();
    const meta = readHeader(bytes, format);
    if (meta === null) throw new Error("left to libvips");
    expect(comparable(meta)).toEqual(comparable(await ofLibvips(bytes, format)));
  });

  test("or nothing, of damaged files", async () => {
    const random = randomNumbers(11);
    let answers = 0;
    for (const [, format, make] of SAMPLES) {
      const bytes = await make().toBuffer();
      for (let round = 0; round < 12; round++) {
        const damaged = damage(bytes, random);
        const meta = readHeader(damaged, format);
        if (meta === null) continue;
        const theirs = await ofLibvips(damaged, format).catch(() => undefined);
        // What libvips does not open fails when its pixels are asked for, with the same error.
        if (theirs === undefined) continue;
        expect(comparable(meta)).toEqual(comparable(theirs));
        answers++;
      }
    }
    expect(answers).toBeGreaterThan(50);
  });
});

/** Changes some bytes of the beginning, or cuts the file off. */
function damage(bytes: Uint8Array, random: () => number): Uint8Array {
  const copy = new Uint8Array(bytes);
  if (random() < 0.2) return copy.subarray(0, Math.floor(random() * copy.length));
  for (let change = 0; change < 1 + random() * 3; change++) {
    copy[2 + Math.floor(random() * Math.min(copy.length - 2, 400))] = Math.floor(random() * 256);
  }
  return copy;
}

describe("left to libvips are", () => {
  test.each([
    [
      "animations",
      "webp",
      () =>
        sharp(Buffer.concat([Buffer.alloc(300), Buffer.alloc(300, 255)]), {
          raw: { width: 10, height: 20, channels: 3, pageHeight: 10 },
        }).webp(),
    ],
    ["formats without a reader here", "gif", () => picture().gif()],
    ["formats of several kinds in one", "tiff", () => picture().tiff()],
  ] as const)("%s", async (_, format, make) => {
    expect(readHeader(await make().toBuffer(), format)).toBeNull();
  });

  test("JPEGs whose size comes behind the pixels", async () => {
    const bytes = await picture().jpeg().toBuffer();
    const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]));
    bytes.writeUInt16BE(0, frame + 5);
    expect(readHeader(bytes, "jpeg")).toBeNull();
  });

  test("JPEGs that may carry a gain map", async () => {
    const bytes = await picture().jpeg().toBuffer();
    const segment = Buffer.from("\xff\xe2\x00\x20urn:iso:std:iso:ts:21496:-1\0\0\0", "latin1");
    const marked = Buffer.concat([bytes.subarray(0, 2), segment, bytes.subarray(2)]);
    expect(readHeader(bytes, "jpeg")).not.toBeNull();
    expect(readHeader(marked, "jpeg")).toBeNull();
  });

  test("PNGs with a transparent colour", async () => {
    const bytes = await picture().png().toBuffer();
    const chunk = Buffer.concat([Buffer.from([0, 0, 0, 6]), Buffer.from("tRNS"), Buffer.alloc(6)]);
    const withColour = Buffer.concat([bytes.subarray(0, 33), chunk, crcOf(chunk.subarray(4)), bytes.subarray(33)]);
    expect(readHeader(withColour, "png")).toBeNull();
  });
});

function crcOf(bytes: Uint8Array): Buffer {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(Bun.hash.crc32(bytes));
  return sum;
}
