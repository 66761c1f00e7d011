import type { RawImage } from "../../image/types.ts";
import type { Rgb } from "../../options/types.ts";
import type { Border, PixelWork } from "../plan/pass.ts";
import { pixelate, pixelatePremultiplied } from "./pixelate.ts";

/**
 * Does, on raw pixels, what sharp has no call for or does inexactly; `yield`s every millisecond or so. Returns a new image where
 * the size or bands change.
 */
export function* doPixelWork(image: RawImage, work: PixelWork): Generator<void, RawImage> {
  switch (work.kind) {
    case "pixelate":
      return yield* work.isPremultiplied ? pixelatePremultiplied(image, work.block) : pixelate(image, work.block);
    case "border":
      return yield* addBorder(image, work.border);
    case "flatten":
      return yield* flatten(image, work.background);
  }
}

/** Rows between two turns of others on the event loop. */
const ROWS_A_TURN = 64;

type Samples = Uint8Array | Uint16Array;

/** Samples of raw pixels as numbers of their depth, without a copy. */
export function samplesOf({ data, bits }: RawImage): Samples {
  return bits === 8 ? data : new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2);
}

function newImage(shape: Omit<RawImage, "data">): { image: RawImage; samples: Samples } {
  const data = Buffer.alloc(shape.width * shape.height * shape.channels * (shape.bits / 8));
  const image = { ...shape, data };
  return { image, samples: samplesOf(image) };
}

/** A colour in the picture's depth and bands, opaque where there is alpha. */
function ink(colour: Rgb, { channels, bits }: RawImage): readonly number[] {
  const scale = bits === 16 ? 257 : 1;
  const bands = channels < 3 ? [colour.r] : [colour.r, colour.g, colour.b];
  const scaled = bands.map((value) => value * scale);
  return channels === 2 || channels === 4 ? [...scaled, 255 * scale] : scaled;
}

const WITH_ALPHA = { 1: 2, 2: 2, 3: 4, 4: 4 } as const;
const WITHOUT_ALPHA = { 1: 1, 2: 1, 3: 3, 4: 3 } as const;

function* addBorder(image: RawImage, border: Border): Generator<void, RawImage> {
  const { fill } = border;
  if (fill === "edge") throw new TypeError("edges are continued by sharp");
  const channels = fill === null ? WITH_ALPHA[image.channels] : image.channels;
  const width = image.width + border.left + border.right;
  const height = image.height + border.top + border.bottom;
  const { image: result, samples } = newImage({ ...image, width, height, channels });
  if (fill !== null) paintAll(samples, ink(fill, result));
  const source = samplesOf(image);
  for (let y = 0; y < image.height; y++) {
    const row = source.subarray(y * image.width * image.channels, (y + 1) * image.width * image.channels);
    const at = ((y + border.top) * width + border.left) * channels;
    if (channels === image.channels) samples.set(row, at);
    else copyOpaque(row, image, samples.subarray(at));
    if (y % ROWS_A_TURN === 0) yield;
  }
  return result;
}

function paintAll(samples: Samples, colour: readonly number[]): void {
  for (let at = 0; at < samples.length; at++) samples[at] = colour[at % colour.length] ?? 0;
}

/** Copies a row without alpha to where there is one. */
function copyOpaque(row: Samples, { channels, bits }: RawImage, into: Samples): void {
  const opaque = bits === 16 ? 65_535 : 255;
  for (let from = 0, to = 0; from < row.length; from += channels, to += channels + 1) {
    for (let band = 0; band < channels; band++) into[to + band] = row[from + band] ?? 0;
    into[to + channels] = opaque;
  }
}

function* flatten(image: RawImage, background: Rgb): Generator<void, RawImage> {
  const channels = WITHOUT_ALPHA[image.channels];
  if (channels === image.channels) return image;
  const { image: result, samples } = newImage({ ...image, channels });
  const colour = ink(background, image);
  const source = samplesOf(image);
  const most = image.bits === 16 ? 65_535 : 255;
  const pixels = image.width * image.height;
  const pixelsATurn = image.width * ROWS_A_TURN;
  for (let pixel = 0; pixel < pixels; pixel++) {
    if (pixel % pixelsATurn === 0) yield;
    const from = pixel * image.channels;
    const alpha = source[from + channels] ?? most;
    for (let band = 0; band < channels; band++) {
      const ground = colour[band] ?? 0;
      // Integer arithmetic of libvips' flatten: both products summed, then divided once.
      samples[pixel * channels + band] = Math.trunc(
        ((source[from + band] ?? 0) * alpha + ground * (most - alpha)) / most,
      );
    }
  }
  return result;
}
