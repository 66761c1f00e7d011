import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import type { ImageFormat } from "../../src/formats.ts";
import { bmpFile } from "../image/bmp/bmp-writer.ts";
import { seededRandom } from "../url/seeded-random.ts";

/** A source of the soak. All are three wide for every two high, so that sizes of results are whole numbers. */
export type SoakPicture = {
  readonly name: string;
  readonly format: ImageFormat;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly bytes: Uint8Array;
};

const LARGE = { width: 1500, height: 1000 };
const MIDDLE = { width: 600, height: 400 };
const FRAME = { width: 240, height: 160 };
const FRAMES = 8;

type Shape = { readonly width: number; readonly height: number };

const ALPHA = 3;
/** Below this GIF knows nothing but "transparent", and frames without anything to see become one. */
const LEAST_ALPHA = 128;

/** Slopes with some noise: neither the best nor the worst that an encoder can meet. */
function drawn({ width, height }: Shape, channels: 3 | 4, pages = 1): Sharp {
  const random = seededRandom(width + channels);
  const data = Buffer.alloc(width * height * pages * channels);
  for (let at = 0; at < data.length; at++) {
    const pixel = Math.floor(at / channels);
    const x = pixel % width;
    const y = Math.floor(pixel / width);
    const value = ((x * 200) / width + ((y * (1 + (at % channels))) % 256) / 3 + random.below(9)) & 255;
    data[at] = at % channels === ALPHA ? value | LEAST_ALPHA : value;
  }
  const shape = { width, height: height * pages, channels, ...(pages > 1 && { pageHeight: height }) };
  return sharp(data, { raw: shape });
}

const fixture = (name: string) => Bun.file(join(import.meta.dir, "../image/fixtures", name)).bytes();
const TIMING = { loop: 0, delay: Array.from({ length: FRAMES }, () => 50) };

/** Blurs and references: a drawing that goes to a process of its own. */
const HARD_DRAWING = `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"><filter id="f"><feGaussianBlur stdDeviation="6"/></filter><g id="a"><circle cx="90" cy="90" r="60" fill="#c40" filter="url(#f)"/></g><use href="#a" x="90"/></svg>`;
const EASY_DRAWING = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 200"><rect width="300" height="200" fill="#369"/><path d="M20 180L150 20L280 180z" fill="#fc3"/></svg>`;

function bitmap({ width, height }: Shape): Uint8Array {
  const row = Array.from({ length: width * 3 }, (_, at) => at & 255);
  return bmpFile({ width, height, bits: 24, rows: Array.from({ length: height }, () => row) });
}

type Maker = readonly [
  name: string,
  format: ImageFormat,
  shape: Shape,
  frames: number,
  make: () => Promise<Uint8Array>,
];

const MAKERS: readonly Maker[] = [
  ["large.jpg", "jpeg", LARGE, 1, () => drawn(LARGE, 3).jpeg({ quality: 80 }).toBuffer()],
  ["progressive.jpg", "jpeg", MIDDLE, 1, () => drawn(MIDDLE, 3).jpeg({ progressive: true }).toBuffer()],
  ["cmyk.jpg", "jpeg", MIDDLE, 1, () => drawn(MIDDLE, 3).toColourspace("cmyk").jpeg().toBuffer()],
  ["alpha.png", "png", MIDDLE, 1, () => drawn(MIDDLE, 4).png({ compressionLevel: 3 }).toBuffer()],
  ["palette.png", "png", MIDDLE, 1, () => drawn(MIDDLE, 3).png({ palette: true, effort: 1 }).toBuffer()],
  ["lossy.webp", "webp", MIDDLE, 1, () => drawn(MIDDLE, 3).webp({ effort: 1 }).toBuffer()],
  ["still.gif", "gif", FRAME, 1, () => drawn(FRAME, 3).gif({ effort: 1 }).toBuffer()],
  [
    "moving.gif",
    "gif",
    FRAME,
    FRAMES,
    () =>
      drawn(FRAME, 3, FRAMES)
        .gif({ ...TIMING, effort: 1 })
        .toBuffer(),
  ],
  [
    "moving.webp",
    "webp",
    FRAME,
    FRAMES,
    () =>
      drawn(FRAME, 4, FRAMES)
        .webp({ ...TIMING, effort: 1 })
        .toBuffer(),
  ],
  ["picture.avif", "avif", MIDDLE, 1, () => drawn(MIDDLE, 3).avif({ effort: 0 }).toBuffer()],
  ["picture.tiff", "tiff", MIDDLE, 1, () => drawn(MIDDLE, 3).tiff({ compression: "lzw" }).toBuffer()],
  ["picture.bmp", "bmp", FRAME, 1, async () => bitmap(FRAME)],
  ["picture.heic", "heic", { width: 48, height: 32 }, 1, () => fixture("rgb-48x32.heic")],
  ["picture.jxl", "jxl", { width: 48, height: 32 }, 1, () => fixture("container-48x32.jxl")],
  ["easy.svg", "svg", { width: 300, height: 200 }, 1, async () => Buffer.from(EASY_DRAWING)],
  ["hard.svg", "svg", { width: 300, height: 200 }, 1, async () => Buffer.from(HARD_DRAWING)],
];

export async function makePictures(): Promise<readonly SoakPicture[]> {
  return Promise.all(
    MAKERS.map(async ([name, format, shape, frames, make]) => ({
      name,
      format,
      ...shape,
      frames,
      bytes: await make(),
    })),
  );
}

/** What is laid over results. */
export function makeMark(): Promise<Buffer> {
  return sharp({ create: { width: 60, height: 24, channels: 4, background: { r: 255, g: 255, b: 255, alpha: 0.6 } } })
    .png()
    .toBuffer();
}
