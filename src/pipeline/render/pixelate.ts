import type { RawImage } from "../../image/types.ts";

/** Samples between two turns of others on the event loop: about a millisecond. */
const SAMPLES_A_TURN = 256 * 1024;

/**
 * Squares of one colour. As in the reference: the picture is continued by reflection to whole squares, averaged per column and
 * then per row with libvips' fixed-point arithmetic, repeated, and cut back. Works in place on 8-bit pixels, in turns.
 */
export function* pixelate(image: RawImage, block: number): Generator<void, RawImage> {
  const { data, width, height, channels } = image;
  const across = Math.ceil(width / block);
  const down = Math.ceil(height / block);
  const rowsATurn = Math.max(1, Math.floor(SAMPLES_A_TURN / (width * block * channels)));
  const scale = fixedPointScale(block);
  const half = Math.floor(block / 2);
  const columns = new Uint8Array(width * channels);
  const means = new Uint8Array(across * down * channels);
  // All averages first: the last row of squares looks back, mirrored, at pixels that would be painted over by then.
  for (let row = 0; row < down; row++) {
    averageColumns({ data, width, height, channels, top: row * block, block, half, scale }, columns);
    const into = means.subarray(row * across * channels, (row + 1) * across * channels);
    averageRows({ columns, width, channels, block, half, scale }, into);
    if (row % rowsATurn === 0) yield;
  }
  for (let row = 0; row < down; row++) {
    paint(image, row * block, block, means.subarray(row * across * channels, (row + 1) * across * channels));
    if (row % rowsATurn === 0) yield;
  }
  return image;
}

/**
 * As `pixelate`, on colours multiplied with their alpha: where blur or sharpen came before, the reference has not divided them
 * again yet. Multiplying rounds up because dividing rounded down, which gives back the very numbers.
 */
export function* pixelatePremultiplied(image: RawImage, block: number): Generator<void, RawImage> {
  yield* changeColours(image, (colour, alpha) => Math.ceil((colour * alpha) / 255 - 1e-6));
  yield* pixelate(image, block);
  yield* changeColours(image, (colour, alpha) => (alpha === 0 ? 0 : Math.min(255, Math.trunc((colour * 255) / alpha))));
  return image;
}

function* changeColours(
  { data, channels }: RawImage,
  change: (colour: number, alpha: number) => number,
): Generator<void, void> {
  for (let pixel = 0; pixel < data.length; pixel += channels) {
    const last = pixel + channels - 1;
    const alpha = data[last] ?? 255;
    for (let at = pixel; at < last; at++) data[at] = change(data[at] ?? 0, alpha);
    if (pixel % SAMPLES_A_TURN === 0) yield;
  }
}

/** libvips divides by multiplying: floor(2^32 / (256 n)), and drops 24 bits of the product. */
function fixedPointScale(block: number): number {
  return Math.floor(2 ** 32 / (256 * block));
}

function mean(sum: number, half: number, scale: number): number {
  return Math.floor(((sum + half) * scale) / 2 ** 24);
}

/** Index of a pixel that may lie beyond the end, where the picture continues mirrored. */
export function mirrored(index: number, size: number): number {
  const period = 2 * size;
  const within = index % period;
  return within < size ? within : period - 1 - within;
}

type ColumnInput = {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly top: number;
  readonly block: number;
  readonly half: number;
  readonly scale: number;
};

function averageColumns(input: ColumnInput, into: Uint8Array): void {
  const { data, width, height, channels, top, block, half, scale } = input;
  const stride = width * channels;
  const sums = new Uint32Array(stride);
  for (let y = top; y < top + block; y++) {
    const row = mirrored(y, height) * stride;
    for (let at = 0; at < stride; at++) sums[at] = (sums[at] ?? 0) + (data[row + at] ?? 0);
  }
  for (let at = 0; at < stride; at++) into[at] = mean(sums[at] ?? 0, half, scale);
}

type RowInput = {
  readonly columns: Uint8Array;
  readonly width: number;
  readonly channels: number;
  readonly block: number;
  readonly half: number;
  readonly scale: number;
};

function averageRows({ columns, width, channels, block, half, scale }: RowInput, into: Uint8Array): void {
  for (let left = 0, cell = 0; left < width; left += block, cell++) {
    for (let band = 0; band < channels; band++) {
      let sum = 0;
      for (let x = left; x < left + block; x++) sum += columns[mirrored(x, width) * channels + band] ?? 0;
      into[cell * channels + band] = mean(sum, half, scale);
    }
  }
}

function paint({ data, width, height, channels }: RawImage, top: number, block: number, means: Uint8Array): void {
  const stride = width * channels;
  const first = top * stride;
  for (let x = 0; x < width; x++) {
    const cell = Math.floor(x / block) * channels;
    for (let band = 0; band < channels; band++) data[first + x * channels + band] = means[cell + band] ?? 0;
  }
  const bottom = Math.min(top + block, height);
  for (let y = top + 1; y < bottom; y++) data.copyWithin(y * stride, first, first + stride);
}
