import sharp, { type Sharp } from "sharp";
import { seededRandom } from "./random.ts";

export type PhotoSize = { readonly width: number; readonly height: number };

/** Patterns from coarse to fine, each so many times finer than the one before and so much weaker, as in photographs. */
const FINER = 3;
const WEAKER = 0.66;
/** How much of a pattern is colour; the rest is brightness. */
const COLOUR = 0.35;
/** Side of the coarsest pattern, in cells. */
const COARSEST = 3;

/**
 * Pixels with the spectrum of a photograph (amplitude falls with frequency) and a few hard edges. Noise would be the worst case of
 * every codec and plain shapes the best one; both tell the wrong story.
 */
export async function photoPixels({ width, height }: PhotoSize, seed = 1): Promise<Buffer> {
  const random = seededRandom(seed);
  const sum = new Float32Array(width * height * 3);
  let weight = 1;
  let total = 0;
  for (let side = COARSEST; side <= Math.min(width, height); side *= FINER) {
    const cells = { width: side, height: side };
    const layer = await enlargedNoise(cells, { width, height }, random);
    for (let at = 0; at < sum.length; at++) sum[at] = (sum[at] ?? 0) + (layer[at] ?? 0) * weight;
    total += weight;
    weight *= WEAKER;
  }
  const pixels = Buffer.alloc(sum.length);
  // Sums of independent patterns crowd around the middle: spread, or everything is grey.
  for (let at = 0; at < sum.length; at++) pixels[at] = clamp(((sum[at] ?? 0) / total - 127.5) * 3 + 127.5);
  return pixels;
}

async function enlargedNoise(cells: PhotoSize, size: PhotoSize, random: () => number): Promise<Buffer> {
  const noise = Buffer.alloc(cells.width * cells.height * 3);
  for (let at = 0; at < noise.length; at += 3) {
    const brightness = random() * (1 - COLOUR);
    for (let band = 0; band < 3; band++) noise[at + band] = (brightness + random() * COLOUR) * 256;
  }
  return await sharp(noise, { raw: { ...cells, channels: 3 } })
    .resize(size.width, size.height, { fit: "fill", kernel: "cubic" })
    .raw()
    .toBuffer();
}

function clamp(value: number): number {
  return Math.max(0, Math.min(255, Math.round(value)));
}

/** The same as a sharp picture with edges drawn over it. */
export async function photo(size: PhotoSize, seed = 1): Promise<Sharp> {
  const { width, height } = size;
  const pixels = await photoPixels(size, seed);
  const edges = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 100 100" preserveAspectRatio="none">
    <path d="M0 70 L22 41 L31 52 L48 30 L70 62 L82 50 L100 66 V100 H0 Z" fill="#20301c" fill-opacity=".55"/>
    <circle cx="76" cy="22" r="9" fill="#ffe9b0" fill-opacity=".6"/>
    <path d="M40 100 L47 55 H53 L60 100 Z" fill="#c8b8a0" fill-opacity=".5"/>
  </svg>`;
  const drawn = await sharp(pixels, { raw: { ...size, channels: 3 }, limitInputPixels: false })
    .composite([{ input: Buffer.from(edges) }])
    .removeAlpha()
    .raw()
    .toBuffer();
  return sharp(drawn, { raw: { ...size, channels: 3 }, limitInputPixels: false });
}
