import type { RawImage } from "../types.ts";

const FILE_HEADER_BYTES = 14;
const GREY_HEADER_BYTES = 40;
const COLOR_HEADER_BYTES = 124;
const PALETTE_BYTES = 256 * 4;
/** `sRGB`, written back to front. */
const COLOR_SPACE_SRGB = 0x73524742;
const INTENT_IMAGES = 4;

/**
 * Writes an uncompressed BMP, rows top to bottom, as the reference does byte for byte: one channel as 8-bit indexes into
 * a grey palette, three and four channels as 24 and 32 bits under a version 5 header. Grey with alpha becomes RGBA;
 * 16-bit samples keep their high byte.
 */
export function encodeBmp(image: RawImage): Uint8Array {
  const { data, width, height, channels } = image.channels === 2 ? greyAlphaToRgba(toBytes(image)) : toBytes(image);
  const isGrey = channels === 1;
  const headerBytes = isGrey ? GREY_HEADER_BYTES : COLOR_HEADER_BYTES;
  const pixelOffset = FILE_HEADER_BYTES + headerBytes + (isGrey ? PALETTE_BYTES : 0);
  const rowBytes = Math.ceil((width * channels) / 4) * 4;
  const file = new Uint8Array(pixelOffset + rowBytes * height);
  const view = new DataView(file.buffer);
  view.setUint16(0, 0x424d);
  view.setUint32(2, file.length, true);
  view.setUint32(10, pixelOffset, true);
  view.setUint32(14, headerBytes, true);
  view.setInt32(18, width, true);
  view.setInt32(22, -height, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, channels * 8, true);
  view.setUint32(34, rowBytes * height, true);
  if (isGrey) writeGreyPalette(view);
  else writeColorFields(view);
  for (let y = 0; y < height; y++) {
    const row = data.subarray(y * width * channels, (y + 1) * width * channels);
    const target = file.subarray(pixelOffset + y * rowBytes);
    if (isGrey) target.set(row);
    else writeBgrRow(row, target, channels);
  }
  return file;
}

function writeColorFields(view: DataView): void {
  view.setUint32(54, 0x00ff0000, true);
  view.setUint32(58, 0x0000ff00, true);
  view.setUint32(62, 0x000000ff, true);
  view.setUint32(66, 0xff000000, true);
  view.setUint32(70, COLOR_SPACE_SRGB, true);
  view.setUint32(122, INTENT_IMAGES, true);
}

function writeGreyPalette(view: DataView): void {
  view.setUint32(46, 256, true);
  view.setUint32(50, 256, true);
  for (let grey = 0; grey < 256; grey++) {
    view.setUint32(FILE_HEADER_BYTES + GREY_HEADER_BYTES + grey * 4, grey * 0x010101, true);
  }
}

function writeBgrRow(row: Uint8Array, target: Uint8Array, channels: number): void {
  for (let at = 0; at < row.length; at += channels) {
    target[at] = row[at + 2] ?? 0;
    target[at + 1] = row[at + 1] ?? 0;
    target[at + 2] = row[at] ?? 0;
    if (channels === 4) target[at + 3] = row[at + 3] ?? 0;
  }
}

function toBytes(image: RawImage): RawImage {
  if (image.bits === 8) return image;
  const samples = new Uint16Array(new Uint8Array(image.data).buffer);
  return { ...image, bits: 8, data: Uint8Array.from(samples, (sample) => sample >> 8) };
}

function greyAlphaToRgba(image: RawImage): RawImage {
  const data = new Uint8Array(image.data.length * 2);
  for (let from = 0, to = 0; from < image.data.length; from += 2, to += 4) {
    data.fill(image.data[from] ?? 0, to, to + 3);
    data[to + 3] = image.data[from + 1] ?? 0;
  }
  return { ...image, data, channels: 4 };
}
