import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import type { ImageFormat } from "../../../src/formats.ts";
import { encodeIcon } from "../../../src/image/ico.ts";
import { bmpFile } from "../../image/bmp/bmp-writer.ts";
import { seededRandom } from "../../url/seeded-random.ts";
import { SEED_DRAWINGS } from "./seed-drawings.ts";

/** A good file to begin with. */
export type SeedFile = { readonly name: string; readonly format: ImageFormat; readonly bytes: Uint8Array };

const WIDTH = 96;
const HEIGHT = 64;
const FRAMES = 5;
const FIXTURES = join(import.meta.dir, "../../image/fixtures");

/** Slopes, an edge and a little noise: something for every part of an encoder to do. */
function pixels(channels: 1 | 2 | 3 | 4, height = HEIGHT): Buffer {
  const random = seededRandom(channels);
  const data = Buffer.alloc(WIDTH * height * channels);
  for (let at = 0; at < data.length; at++) {
    const x = Math.floor(at / channels) % WIDTH;
    const y = Math.floor(at / channels / WIDTH);
    data[at] = (x * 2 + y * (1 + (at % channels)) + (x > y ? 60 : 0) + random.below(12)) & 255;
  }
  return data;
}

function picture(channels: 1 | 2 | 3 | 4 = 3): Sharp {
  return sharp(pixels(channels), { raw: { width: WIDTH, height: HEIGHT, channels } });
}

function animation(channels: 3 | 4): Sharp {
  const height = HEIGHT * FRAMES;
  return sharp(pixels(channels, height), { raw: { width: WIDTH, height, channels, pageHeight: HEIGHT } });
}

const TIMING = { loop: 3, delay: Array.from({ length: FRAMES }, (_, frame) => 40 + frame * 10) };
const NAMES = { IFD0: { Copyright: "nobody", Artist: "somebody", ImageDescription: "a picture" } };

const ENCODED: readonly (readonly [name: string, format: ImageFormat, make: () => Sharp])[] = [
  ["baseline", "jpeg", () => picture().jpeg({ quality: 85 })],
  ["progressive", "jpeg", () => picture().jpeg({ progressive: true, chromaSubsampling: "4:4:4" })],
  ["grey", "jpeg", () => picture(1).toColourspace("b-w").jpeg()],
  ["CMYK", "jpeg", () => picture().toColourspace("cmyk").withIccProfile("cmyk").jpeg()],
  [
    "turned, with names and profile",
    "jpeg",
    () => picture().withMetadata({ orientation: 6, exif: NAMES }).withIccProfile("p3").jpeg(),
  ],
  ["RGB", "png", () => picture().png()],
  ["RGBA, interlaced", "png", () => picture(4).png({ progressive: true })],
  ["16 bits", "png", () => picture().toColourspace("rgb16").png()],
  ["grey with alpha", "png", () => picture(2).toColourspace("b-w").png()],
  ["palette", "png", () => picture().png({ palette: true, colours: 14 })],
  ["palette with alpha, interlaced", "png", () => picture(4).png({ palette: true, progressive: true })],
  ["with names and profile", "png", () => picture().withExif(NAMES).withIccProfile("p3").png()],
  ["still", "gif", () => picture().gif()],
  ["interlaced", "gif", () => picture(4).gif({ progressive: true })],
  ["animated", "gif", () => animation(3).gif(TIMING)],
  ["animated with alpha", "gif", () => animation(4).gif({ ...TIMING, interFrameMaxError: 8 })],
  ["lossy", "webp", () => picture().webp()],
  ["lossy with alpha", "webp", () => picture(4).webp({ alphaQuality: 50 })],
  ["lossless", "webp", () => picture(4).webp({ lossless: true })],
  ["animated", "webp", () => animation(4).webp(TIMING)],
  ["with names and profile", "webp", () => picture().withExif(NAMES).withIccProfile("p3").webp()],
  ["4:2:0", "avif", () => picture().avif({ effort: 0, chromaSubsampling: "4:2:0" })],
  ["4:4:4 with alpha", "avif", () => picture(4).avif({ effort: 0 })],
  ["lossless", "avif", () => picture().avif({ effort: 0, lossless: true })],
  ["uncompressed", "tiff", () => picture(4).tiff({ compression: "none" })],
  ["LZW", "tiff", () => picture().tiff({ compression: "lzw", predictor: "horizontal" })],
  [
    "Deflate in tiles",
    "tiff",
    () => picture().tiff({ compression: "deflate", tile: true, tileWidth: 32, tileHeight: 32 }),
  ],
  ["JPEG", "tiff", () => picture().tiff({ compression: "jpeg" })],
  ["fax", "tiff", () => picture(1).toColourspace("b-w").tiff({ compression: "ccittfax4", bitdepth: 1 })],
  ["16 bits", "tiff", () => picture().toColourspace("rgb16").tiff({ compression: "deflate", predictor: "none" })],
  ["inks", "tiff", () => picture().toColourspace("cmyk").tiff({ compression: "packbits" })],
  [
    "pyramid",
    "tiff",
    () => picture().tiff({ compression: "deflate", pyramid: true, tile: true, tileWidth: 16, tileHeight: 16 }),
  ],
];

const PALETTE = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
] as const;
const rows = (bytes: number, height = 8) =>
  Array.from({ length: height }, (_, y) => Array.from({ length: bytes }, (_, x) => (x * 7 + y) & 255));

const BITMAPS: readonly (readonly [name: string, make: () => Uint8Array])[] = [
  ["1 bit", () => bmpFile({ width: 16, height: 8, bits: 1, palette: PALETTE.slice(0, 2), rows: rows(2) })],
  ["4 bits", () => bmpFile({ width: 16, height: 8, bits: 4, palette: PALETTE, rows: rows(8) })],
  ["8 bits from the top", () => bmpFile({ width: 16, height: -8, bits: 8, palette: PALETTE, rows: rows(16) })],
  [
    "RLE8",
    () =>
      bmpFile({
        width: 8,
        height: 4,
        bits: 8,
        compression: 1,
        palette: PALETTE,
        rows: [[3, 1, 0, 3, 1, 0, 1, 0, 0, 0, 0, 2, 1, 1, 4, 1, 0, 1]],
      }),
  ],
  [
    "RLE4",
    () =>
      bmpFile({
        width: 8,
        height: 4,
        bits: 4,
        compression: 2,
        palette: PALETTE,
        rows: [[3, 0x10, 0, 5, 0x10, 0x10, 0x10, 0, 0, 0, 0, 1]],
      }),
  ],
  ["24 bits", () => bmpFile({ width: 16, height: 8, bits: 24, rows: rows(48) })],
  [
    "masks",
    () =>
      bmpFile({
        width: 16,
        height: 8,
        bits: 32,
        compression: 3,
        headerBytes: 124,
        masks: [0xff0000, 0xff00, 0xff, 0xff000000],
        rows: rows(64),
      }),
  ],
];

async function icons(): Promise<SeedFile[]> {
  const png = await picture(4).resize(32, 32).png().toBuffer();
  const withPng = encodeIcon({ png, width: 32, height: 32, channels: 4 });
  const bitmap = bmpFile({ width: 8, height: 16, bits: 32, rows: rows(32) }, false);
  const directory = Buffer.from([0, 0, 1, 0, 1, 0, 8, 8, 0, 0, 1, 0, 32, 0, 0, 0, 0, 0, 22, 0, 0, 0]);
  directory.writeUInt32LE(bitmap.length, 14);
  return [
    { name: "ico: PNG", format: "ico", bytes: withPng },
    { name: "ico: bitmap", format: "ico", bytes: Buffer.concat([directory, bitmap]) },
  ];
}

function fixtures(): SeedFile[] {
  return readdirSync(FIXTURES).flatMap((name) => {
    const format = name.endsWith(".heic") ? "heic" : name.endsWith(".jxl") ? "jxl" : undefined;
    return format === undefined ? [] : [{ name, format, bytes: readFileSync(join(FIXTURES, name)) } as const];
  });
}

/** Good files of every format that can be read, in the variants that decoders treat differently. */
export async function makeSeedFiles(): Promise<readonly SeedFile[]> {
  const encoded = await Promise.all(
    ENCODED.map(async ([name, format, make]) => ({
      name: `${format}: ${name}`,
      format,
      bytes: await make().toBuffer(),
    })),
  );
  const bitmaps = BITMAPS.map(([name, make]) => ({ name: `bmp: ${name}`, format: "bmp", bytes: make() }) as const);
  const drawings = SEED_DRAWINGS.map(
    ([name, text]) => ({ name: `svg: ${name}`, format: "svg", bytes: Buffer.from(text) }) as const,
  );
  return [...encoded, ...bitmaps, ...(await icons()), ...fixtures(), ...drawings];
}
