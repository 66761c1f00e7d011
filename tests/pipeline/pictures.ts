import sharp from "sharp";
import type { RawImage } from "../../src/image/types.ts";

export type Colour = readonly [r: number, g: number, b: number];

export const RED: Colour = [255, 0, 0];
export const GREEN: Colour = [0, 255, 0];
export const BLUE: Colour = [0, 0, 255];
export const YELLOW: Colour = [255, 255, 0];

type Shape = { readonly width: number; readonly height: number; readonly channels: 1 | 2 | 3 | 4 };

/** A picture from a function of its pixels. */
export function draw(shape: Shape, paint: (x: number, y: number) => readonly number[]): RawImage {
  const { width, height, channels } = shape;
  const data = Buffer.alloc(width * height * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data.set(paint(x, y), (y * width + x) * channels);
  }
  return { ...shape, data, bits: 8 };
}

export function open({ data, width, height, channels }: RawImage) {
  return sharp(data, { raw: { width, height, channels } });
}

export function png(image: RawImage): Promise<Buffer> {
  const isGrey = image.channels < 3;
  return open(image)
    .toColourspace(isGrey ? "b-w" : "srgb")
    .png()
    .toBuffer();
}

export function plain(width: number, height: number, colour: readonly number[]): Promise<Buffer> {
  // Colours have one to four bands.
  const channels = colour.length as Shape["channels"];
  return png(draw({ width, height, channels }, () => colour));
}

/** Red, green, blue, yellow from the top left to the bottom right. */
export function quarters(width: number, height: number): RawImage {
  return draw({ width, height, channels: 3 }, (x, y) => {
    if (y < height / 2) return x < width / 2 ? RED : GREEN;
    return x < width / 2 ? BLUE : YELLOW;
  });
}

/** Every pixel says where it is: red is its column, green its row. At most 256 a side. */
export function coordinates(width: number, height: number): RawImage {
  return draw({ width, height, channels: 3 }, (x, y) => [x, y, 0]);
}

/** Seeded noise, the worst case for every encoder. */
export function noise(shape: Shape, seed = 1): RawImage {
  let state = seed;
  return draw(shape, () =>
    Array.from({ length: shape.channels }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state >>> 24;
    }),
  );
}

/** Raw pixels of an encoded picture, in its own bands, depth and numbers. */
export async function decode(bytes: Uint8Array): Promise<RawImage> {
  const { space = "srgb", depth } = await sharp(bytes).metadata();
  const isDeep = depth === "ushort";
  const image = sharp(bytes, { ignoreIcc: true }).toColourspace(space === "cmyk" ? "srgb" : space);
  const { data, info } = await image.raw(isDeep ? { depth: "ushort" } : {}).toBuffer({ resolveWithObject: true });
  // Raw output has one to four bands.
  const channels = info.channels as Shape["channels"];
  return { data, width: info.width, height: info.height, channels, bits: isDeep ? 16 : 8 };
}

export function pixel({ data, width, channels, bits }: RawImage, x: number, y: number): number[] {
  const samples = bits === 16 ? new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2) : data;
  return [...samples.subarray((y * width + x) * channels, (y * width + x + 1) * channels)];
}

/** Colours of the four corners, from the top left to the bottom right. */
export function corners(image: RawImage): number[][] {
  const { width, height } = image;
  return [
    pixel(image, 0, 0),
    pixel(image, width - 1, 0),
    pixel(image, 0, height - 1),
    pixel(image, width - 1, height - 1),
  ];
}

/** Largest difference of two pictures of one shape. */
export function largestDifference(a: RawImage, b: RawImage): number {
  if (a.data.length !== b.data.length) throw new Error(`${a.data.length} bytes against ${b.data.length}`);
  return a.data.reduce((most, value, index) => Math.max(most, Math.abs(value - (b.data[index] ?? 0))), 0);
}

export function isNear(actual: readonly number[], expected: readonly number[], tolerance: number): boolean {
  return actual.length === expected.length && actual.every((v, i) => Math.abs(v - (expected[i] ?? 0)) <= tolerance);
}
