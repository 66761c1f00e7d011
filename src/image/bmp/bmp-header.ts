import { AppError } from "../../errors.ts";

/** Where a sample of a pixel lies, as bit masks; 0 = the channel is absent. */
export type ChannelMasks = {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  readonly alpha: number;
};

/** What the headers of a device-independent bitmap say. Nothing in it has been allocated by the size it claims. */
export type BmpHeader = {
  readonly width: number;
  readonly height: number;
  readonly isTopDown: boolean;
  readonly bitsPerPixel: 1 | 2 | 4 | 8 | 16 | 24 | 32;
  readonly isRunLength: boolean;
  /** Only for 16 and 32 bits a pixel. */
  readonly masks: ChannelMasks;
  /** 256 RGB triplets, black where the file names none. Empty when the pixels are not indexes. */
  readonly palette: Uint8Array;
  /** Where the pixels begin in the file. */
  readonly pixelOffset: number;
  readonly hasAlpha: boolean;
};

const FILE_HEADER_BYTES = 14;
const CORE_HEADER_BYTES = 12;
/** BITMAPINFOHEADER with its extensions by 12, 16, 68 and 84 bytes, and the header of OS/2 2.x. */
const HEADER_BYTES = new Set([CORE_HEADER_BYTES, 40, 52, 56, 64, 108, 124]);

const COMPRESSION = { none: 0, rle8: 1, rle4: 2, bitFields: 3, alphaBitFields: 6 } as const;
const RGB555: ChannelMasks = { red: 0x7c00, green: 0x03e0, blue: 0x001f, alpha: 0 };
const RGB888: ChannelMasks = { red: 0xff0000, green: 0x00ff00, blue: 0x0000ff, alpha: 0 };
const OPAQUE_BLACK_PALETTE_BYTES = 256 * 3;

/** Fields of the info header before masks and palette are looked for. */
type InfoHeader = {
  readonly start: number;
  readonly bytes: number;
  readonly width: number;
  readonly height: number;
  readonly bitsPerPixel: BmpHeader["bitsPerPixel"];
  readonly compression: number;
  readonly colorsUsed: number;
};

/** Reads the headers of a BMP file. Throws `invalid_image` for what is not a bitmap of a known kind. */
export function readBmpHeader(file: Uint8Array): BmpHeader {
  if (file.length < FILE_HEADER_BYTES + CORE_HEADER_BYTES) throw invalidBmp("the file ends within its header");
  const view = viewOf(file);
  const info = readInfoHeader(view, FILE_HEADER_BYTES);
  return completeHeader(view, info, view.getUint32(10, true));
}

/**
 * Reads a bitmap as it lies in an icon: without the file header, with the height of picture and mask together, the
 * pixels right behind the palette. Throws `invalid_image`.
 */
export function readIconBitmapHeader(entry: Uint8Array): BmpHeader {
  if (entry.length < CORE_HEADER_BYTES) throw invalidBmp("the icon entry ends within its header");
  const view = viewOf(entry);
  const info = readInfoHeader(view, 0);
  return completeHeader(view, { ...info, height: Math.trunc(info.height / 2) }, 0);
}

function readInfoHeader(view: DataView, start: number): InfoHeader {
  const bytes = view.getUint32(start, true);
  if (!HEADER_BYTES.has(bytes)) throw invalidBmp(`header of ${bytes} bytes is not supported`);
  if (view.byteLength < start + bytes) throw invalidBmp("the file ends within its header");
  const isCore = bytes === CORE_HEADER_BYTES;
  const planes = view.getUint16(start + (isCore ? 8 : 12), true);
  if (planes !== 1) throw invalidBmp(`${planes} colour planes, only 1 is possible`);
  const compression = isCore ? COMPRESSION.none : view.getUint32(start + 16, true);
  const bitsPerPixel = checkDepth(view.getUint16(start + (isCore ? 10 : 14), true), compression, bytes);
  return {
    start,
    bytes,
    width: isCore ? view.getUint16(start + 4, true) : view.getInt32(start + 4, true),
    height: isCore ? view.getUint16(start + 6, true) : view.getInt32(start + 8, true),
    bitsPerPixel,
    compression,
    colorsUsed: isCore ? 0 : view.getUint32(start + 32, true),
  };
}

function checkDepth(bits: number, compression: number, headerBytes: number): BmpHeader["bitsPerPixel"] {
  const { none, rle8, rle4, bitFields, alphaBitFields } = COMPRESSION;
  // OS/2 2.x uses number 3 for Huffman coding.
  const hasMasks = (compression === bitFields && headerBytes !== 64) || compression === alphaBitFields;
  switch (bits) {
    case 1:
    case 2:
    case 24:
      if (compression === none) return bits;
      break;
    case 4:
      if (compression === none || compression === rle4) return bits;
      break;
    case 8:
      if (compression === none || compression === rle8) return bits;
      break;
    case 16:
    case 32:
      if (compression === none || hasMasks) return bits;
  }
  throw invalidBmp(`${bits} bits a pixel with compression ${compression} are not supported`);
}

function completeHeader(view: DataView, info: InfoHeader, pixelOffset: number): BmpHeader {
  const { width, height, bitsPerPixel, compression } = info;
  if (width <= 0 || height === 0) throw invalidBmp(`size ${width}×${height} is not possible`);
  const masksBytes = info.bytes === 40 ? trailingMaskBytes(compression) : 0;
  const paletteStart = info.start + info.bytes + masksBytes;
  const palette = bitsPerPixel <= 8 ? readPalette(view, info, { start: paletteStart, pixelOffset }) : undefined;
  const masks = readMasks(view, info, masksBytes);
  return {
    width,
    height: Math.abs(height),
    isTopDown: height < 0,
    bitsPerPixel,
    isRunLength: compression === COMPRESSION.rle4 || compression === COMPRESSION.rle8,
    masks,
    palette: palette?.colors ?? new Uint8Array(0),
    pixelOffset: pixelOffset > 0 ? pixelOffset : (palette?.end ?? paletteStart),
    hasAlpha: masks.alpha !== 0,
  };
}

/** The 40-byte header has no room for masks: they follow it. */
function trailingMaskBytes(compression: number): number {
  if (compression === COMPRESSION.bitFields) return 12;
  return compression === COMPRESSION.alphaBitFields ? 16 : 0;
}

/**
 * Masks of the file, or the usual ones. A plain 32-bit picture under a 40-byte header has its alpha in the byte that
 * the format calls unused, as everybody reads it.
 */
function readMasks(view: DataView, info: InfoHeader, trailingBytes: number): ChannelMasks {
  const { bitsPerPixel, compression, start } = info;
  if (bitsPerPixel !== 16 && bitsPerPixel !== 32) return { red: 0, green: 0, blue: 0, alpha: 0 };
  const position = start + 40;
  const alphaInHeader = info.bytes >= 56 && info.bytes !== 64 ? view.getUint32(position + 12, true) : 0;
  const alphaBehindHeader = trailingBytes === 16 ? readUint32(view, position + 12) : 0;
  const impliedAlpha = bitsPerPixel === 32 && info.bytes === 40 ? 0xff000000 : 0;
  if (compression === COMPRESSION.none) {
    const standard = bitsPerPixel === 16 ? RGB555 : RGB888;
    return { ...standard, alpha: bitsPerPixel === 32 ? alphaInHeader || impliedAlpha : 0 };
  }
  return {
    red: readUint32(view, position),
    green: readUint32(view, position + 4),
    blue: readUint32(view, position + 8),
    alpha: alphaInHeader || alphaBehindHeader || impliedAlpha,
  };
}

function readPalette(view: DataView, info: InfoHeader, at: { start: number; pixelOffset: number }) {
  const entryBytes = info.bytes === CORE_HEADER_BYTES ? 3 : 4;
  const mostEntries = 2 ** info.bitsPerPixel;
  const entries = info.colorsUsed === 0 ? mostEntries : Math.min(info.colorsUsed, mostEntries);
  const end = at.start + entries * entryBytes;
  // Some writers leave unused entries out although the header does not say so: then the pixels begin earlier.
  const stop = Math.min(end, view.byteLength, at.pixelOffset > at.start ? at.pixelOffset : end);
  const colors = new Uint8Array(OPAQUE_BLACK_PALETTE_BYTES);
  for (let entry = 0, position = at.start; position + entryBytes <= stop; entry++, position += entryBytes) {
    colors[entry * 3] = view.getUint8(position + 2);
    colors[entry * 3 + 1] = view.getUint8(position + 1);
    colors[entry * 3 + 2] = view.getUint8(position);
  }
  return { colors, end };
}

function readUint32(view: DataView, position: number): number {
  if (position + 4 > view.byteLength) throw invalidBmp("the file ends within its header");
  return view.getUint32(position, true);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The error for a bitmap that cannot be read. */
function invalidBmp(what: string): AppError {
  return new AppError("invalid_image", `BMP: ${what}`);
}
