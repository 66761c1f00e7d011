import { inTurns } from "../in-turns.ts";
import type { RawImage } from "../types.ts";
import { type BmpHeader, type ChannelMasks, readBmpHeader } from "./bmp-header.ts";
import { unpackRunLength } from "./run-length.ts";

/** Writes the pixels of one stored row into the result. */
type RowWriter = (row: Uint8Array, result: Uint8Array, at: number) => void;

/** Pixels decoded between two turns of the event loop: a millisecond or two. */
const PIXELS_PER_TURN = 256 * 1024;

/**
 * Decodes a BMP file to RGB or RGBA: 1, 2, 4 and 8-bit palettes, RLE4 and RLE8, 16-bit and 32-bit with any masks, 24-bit.
 * A file that ends early gives what there is. The caller checks the resolution first: width × height × channels bytes
 * are allocated. Throws `invalid_image` for an unusable header, and the signal's reason.
 */
export async function decodeBmp(file: Uint8Array, signal: AbortSignal): Promise<RawImage> {
  return decodeBitmap(file, readBmpHeader(file), signal);
}

/** Decodes the pixels that a header describes; see `decodeBmp`. */
export function decodeBitmap(file: Uint8Array, header: BmpHeader, signal: AbortSignal): Promise<RawImage> {
  return inTurns(decodeRows(file, header), signal);
}

function* decodeRows(file: Uint8Array, header: BmpHeader): Generator<void, RawImage> {
  const { width, height, hasAlpha } = header;
  const channels = hasAlpha ? 4 : 3;
  const data = new Uint8Array(width * height * channels);
  const pixels = file.subarray(Math.min(header.pixelOffset, file.length));
  const stored = header.isRunLength ? yield* unpackRunLength(pixels, header) : pixels;
  const rowBytes = header.isRunLength ? width : Math.ceil((width * header.bitsPerPixel) / 32) * 4;
  const rowsPerTurn = Math.ceil(PIXELS_PER_TURN / width);
  const write = rowWriter(header);
  for (let index = 0, start = 0; index < height && start < stored.length; index++, start += rowBytes) {
    const y = header.isTopDown ? index : height - 1 - index;
    write(wholeRow(stored, start, rowBytes), data, y * width * channels);
    if (index % rowsPerTurn === rowsPerTurn - 1) yield;
  }
  if (hasAlpha) repairUnusedAlpha(data);
  return { data, width, height, channels, bits: 8 };
}

/** The row at `start`, filled up with zeroes where the file ends within it. */
function wholeRow(stored: Uint8Array, start: number, rowBytes: number): Uint8Array {
  const row = stored.subarray(start, start + rowBytes);
  if (row.length === rowBytes) return row;
  const padded = new Uint8Array(rowBytes);
  padded.set(row);
  return padded;
}

function rowWriter(header: BmpHeader): RowWriter {
  if (header.bitsPerPixel <= 8) return indexedRowWriter(header);
  if (header.bitsPerPixel === 24) return bgrRowWriter(header.width);
  return hasUsualMasks(header) ? bgraRowWriter(header.width) : maskedRowWriter(header);
}

function hasUsualMasks({ bitsPerPixel, masks: { red, green, blue, alpha } }: BmpHeader): boolean {
  return bitsPerPixel === 32 && red === 0xff0000 && green === 0xff00 && blue === 0xff && alpha === 0xff000000;
}

function indexedRowWriter({ width, palette, isRunLength, bitsPerPixel }: BmpHeader): RowWriter {
  const bits = isRunLength ? 8 : bitsPerPixel;
  const perByte = 8 / bits;
  const mask = 2 ** bits - 1;
  return (row, result, at) => {
    for (let x = 0, to = at; x < width; x++, to += 3) {
      const byte = row[Math.floor(x / perByte)] ?? 0;
      const color = ((byte >> (8 - bits - (x % perByte) * bits)) & mask) * 3;
      result[to] = palette[color] ?? 0;
      result[to + 1] = palette[color + 1] ?? 0;
      result[to + 2] = palette[color + 2] ?? 0;
    }
  };
}

function bgrRowWriter(width: number): RowWriter {
  return (row, result, at) => {
    for (let from = 0, to = at; from < width * 3; from += 3, to += 3) {
      result[to] = row[from + 2] ?? 0;
      result[to + 1] = row[from + 1] ?? 0;
      result[to + 2] = row[from] ?? 0;
    }
  };
}

function bgraRowWriter(width: number): RowWriter {
  return (row, result, at) => {
    for (let from = 0, to = at; from < width * 4; from += 4, to += 4) {
      result[to] = row[from + 2] ?? 0;
      result[to + 1] = row[from + 1] ?? 0;
      result[to + 2] = row[from] ?? 0;
      result[to + 3] = row[from + 3] ?? 0;
    }
  };
}

function maskedRowWriter({ width, bitsPerPixel, masks, hasAlpha }: BmpHeader): RowWriter {
  const [red, green, blue, alpha] = [masks.red, masks.green, masks.blue, masks.alpha].map(sampleReader);
  const samples = hasAlpha ? [red, green, blue, alpha] : [red, green, blue];
  const readers = samples.filter((reader) => reader !== undefined);
  const pixelBytes = bitsPerPixel / 8;
  return (row, result, at) => {
    let to = at;
    for (let from = 0; from < width * pixelBytes; from += pixelBytes) {
      let pixel = (row[from] ?? 0) | ((row[from + 1] ?? 0) << 8);
      if (pixelBytes === 4) pixel |= ((row[from + 2] ?? 0) << 16) | ((row[from + 3] ?? 0) << 24);
      for (const read of readers) result[to++] = read(pixel);
    }
  };
}

/** Takes the bits under a mask out of a pixel and brings them to 8 bits by shifting, as the reference does. */
function sampleReader(mask: ChannelMasks[keyof ChannelMasks]): (pixel: number) => number {
  if (mask === 0) return () => 0;
  const shift = 31 - Math.clz32(mask & -mask);
  const bits = 32 - Math.clz32(mask >>> shift);
  return bits > 8
    ? (pixel) => (pixel & mask) >>> (shift + bits - 8)
    : (pixel) => ((pixel & mask) >>> shift) << (8 - bits);
}

/** Many writers leave the fourth byte of 32-bit pixels at zero: a wholly transparent picture is meant to be opaque. */
function repairUnusedAlpha(rgba: Uint8Array): void {
  for (let at = 3; at < rgba.length; at += 4) if (rgba[at] !== 0) return;
  for (let at = 3; at < rgba.length; at += 4) rgba[at] = 255;
}
