import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { photo } from "./photo.ts";

/** Makes one source file's bytes. */
type Maker = () => Promise<Uint8Array>;

const FRAMES = 16;
const FRAME = { width: 320, height: 240 };

async function alphaPng(): Promise<Uint8Array> {
  const size = { width: 2048, height: 1536 };
  const shape = `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}">
    <defs><radialGradient id="g"><stop offset=".6" stop-color="#fff"/><stop offset="1" stop-color="#fff" stop-opacity="0"/></radialGradient></defs>
    <rect width="100%" height="100%" fill="url(#g)"/></svg>`;
  return await (await photo(size, 5))
    .ensureAlpha()
    .composite([{ input: Buffer.from(shape), blend: "dest-in" }])
    .png({ compressionLevel: 6 })
    .toBuffer();
}

/** A scene in flat colours, of which every frame differs from the one before. */
async function frames(): Promise<{ readonly data: Buffer; readonly height: number }> {
  const drawn = await Promise.all(
    Array.from({ length: FRAMES }, (_, index) => {
      const turn = (index / FRAMES) * 360;
      const rays = Array.from({ length: 12 }, (_, ray) => {
        const angle = ray * 30 + turn;
        return `<path d="M160 120 L300 100 L300 140 Z" transform="rotate(${angle} 160 120)" fill="hsl(${angle} 60% 60%)"/>`;
      });
      const scene = `<svg xmlns="http://www.w3.org/2000/svg" width="${FRAME.width}" height="${FRAME.height}">
        <rect width="100%" height="100%" fill="#e8eef4"/>${rays.join("")}
        <circle cx="${60 + index * 12}" cy="${120 + Math.sin(index) * 60}" r="22" fill="#d33"/></svg>`;
      return sharp(Buffer.from(scene)).removeAlpha().raw().toBuffer();
    }),
  );
  return { data: Buffer.concat(drawn), height: FRAME.height * FRAMES };
}

async function animation(format: "gif" | "webp"): Promise<Uint8Array> {
  const { data, height } = await frames();
  const image = sharp(data, { raw: { width: FRAME.width, height, channels: 3, pageHeight: FRAME.height } });
  const timing = { loop: 0, delay: Array.from({ length: FRAMES }, () => 60) };
  return await (format === "gif" ? image.gif(timing) : image.webp({ ...timing, quality: 75 })).toBuffer();
}

function drawing(): Uint8Array {
  const petals = Array.from({ length: 48 }, (_, index) => {
    const angle = index * 7.5;
    return `<path d="M200 150 C${150 + index} 60 ${250 - index} 40 200 20 S${120 + index} 90 200 150" transform="rotate(${angle} 200 150)" fill="hsl(${angle * 2} 70% 55%)" fill-opacity=".35" stroke="#234" stroke-width=".6"/>`;
  });
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300" viewBox="0 0 400 300">
    <defs><linearGradient id="sky" x2="0" y2="1"><stop stop-color="#9cf"/><stop offset="1" stop-color="#fff"/></linearGradient></defs>
    <rect width="400" height="300" fill="url(#sky)"/>${petals.join("")}
    <circle cx="200" cy="150" r="26" fill="#fc3" stroke="#860" stroke-width="2"/>
    <g font-family="sans-serif" font-size="18"><text x="20" y="284">Lorem ipsum dolor sit amet</text></g>
  </svg>`);
}

async function watermark(): Promise<Uint8Array> {
  const mark = `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="100">
    <rect rx="20" width="300" height="100" fill="#111" fill-opacity=".6"/><circle cx="50" cy="50" r="32" fill="#fff"/>
    <path d="M110 30h160v12H110zM110 58h110v12H110z" fill="#fff"/></svg>`;
  return await sharp(Buffer.from(mark)).png().toBuffer();
}

/** A JPEG whose EXIF block says nothing but how to turn it. */
function turned(jpeg: Buffer, orientation: number): Buffer {
  const exif = Buffer.from("Exif\0\0II*\0\b\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\0\0\0\0\0\0\0\0", "latin1");
  exif[24] = orientation;
  const head = Buffer.from([0xff, 0xe1, 0, exif.length + 2]);
  return Buffer.concat([jpeg.subarray(0, 2), head, exif, jpeg.subarray(2)]);
}

/** The files that requests ask for, by name. */
const MAKERS = {
  "photo.jpg": async () => (await photo({ width: 2725, height: 2225 })).jpeg({ quality: 80 }).toBuffer(),
  "large.jpg": async () => (await photo({ width: 6000, height: 4000 }, 2)).jpeg({ quality: 85 }).toBuffer(),
  "small.jpg": async () => (await photo({ width: 600, height: 450 }, 3)).jpeg({ quality: 80 }).toBuffer(),
  "turned.jpg": async () =>
    turned(await (await photo({ width: 1200, height: 900 }, 4)).jpeg({ quality: 80 }).toBuffer(), 6),
  "srgb.jpg": async () =>
    (await photo({ width: 1200, height: 900 }, 11)).jpeg({ quality: 85 }).withIccProfile("srgb").toBuffer(),
  "grey.jpg": async () =>
    (await photo({ width: 600, height: 800 }, 6)).toColourspace("b-w").jpeg({ quality: 80 }).toBuffer(),
  "cmyk.jpg": async () =>
    (await photo({ width: 1200, height: 900 }, 7))
      .toColourspace("cmyk")
      .withIccProfile("cmyk")
      .jpeg({ quality: 85 })
      .toBuffer(),
  "p3.jpg": async () =>
    (await photo({ width: 1200, height: 900 }, 10)).withIccProfile("p3").jpeg({ quality: 85 }).toBuffer(),
  "alpha.png": alphaPng,
  "photo.webp": async () => (await photo({ width: 1200, height: 900 }, 8)).webp({ quality: 80 }).toBuffer(),
  "anim.gif": () => animation("gif"),
  "anim.webp": () => animation("webp"),
  "drawing.svg": async () => drawing(),
  "mark.png": watermark,
} satisfies Record<string, Maker>;

export type SourceName = keyof typeof MAKERS;

/** The watermark's file, which no request asks for. */
export const WATERMARK_SOURCE: SourceName = "mark.png";

/**
 * A folder with all sources. They take half a minute to make, so it is kept in the temp folder, under a name that changes with this
 * code: the same code always gives the same bytes.
 */
export async function provideSources(): Promise<string> {
  const code = ["sources.ts", "photo.ts", "random.ts"].map((name) => readFileSync(join(import.meta.dir, name)));
  const version = createHash("sha256").update(Buffer.concat(code)).digest("hex").slice(0, 12);
  const folder = join(tmpdir(), `imgproxy-bench-${version}`);
  mkdirSync(folder, { recursive: true });
  for (const [name, make] of Object.entries(MAKERS)) {
    const path = join(folder, name);
    if (existsSync(path)) continue;
    writeFileSync(`${path}.new`, await make());
    renameSync(`${path}.new`, path);
  }
  return folder;
}
