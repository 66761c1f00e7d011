import { crc32, inflateSync } from "node:zlib";
import { readOrientation } from "../exif.ts";
import type { ImageMetadata } from "../types.ts";
import { hasText, stillMetadata, uint32 } from "./plain-header.ts";

const SIGNATURE_BYTES = 8;
/** Length and type before the data, checksum behind it. */
const CHUNK_HEAD_BYTES = 8;
const CHUNK_BYTES = CHUNK_HEAD_BYTES + 4;
const MOST_SIDE = 2 ** 31 - 1;
/** Profiles and XMP have a few hundred bytes to some megabytes; larger ones are for libvips to judge. */
const MOST_PACKED = 64 * 1024;
const MOST_UNPACKED = 4 * 1024 * 1024;

const GREY = 0;
const PALETTE = 3;
/** By colour type: the depths that there are, and the bands without and with alpha. */
const COLOUR_TYPES: ReadonlyMap<number, { readonly depths: readonly number[]; readonly bands: number }> = new Map([
  [GREY, { depths: [1, 2, 4, 8, 16], bands: 1 }],
  [2, { depths: [8, 16], bands: 3 }],
  [PALETTE, { depths: [1, 2, 4, 8], bands: 3 }],
  [4, { depths: [8, 16], bands: 2 }],
  [6, { depths: [8, 16], bands: 4 }],
]);

/** Chunks that say nothing we ask for. Names of others leave the file to libvips. */
const IGNORED: ReadonlySet<string> = new Set([
  "PLTE",
  "gAMA",
  "cHRM",
  "sRGB",
  "sBIT",
  "bKGD",
  "hIST",
  "pHYs",
  "sPLT",
  "tIME",
  "acTL",
  "fcTL",
  "oFFs",
  "caNv",
  "iDOT",
]);
const XMP_MARK = "XML:com.adobe.xmp\0";

type Found = {
  isTransparent: boolean;
  icc: Uint8Array | null;
  exif: Uint8Array | null;
  xmp: string | null;
};

type Chunk = { readonly type: string; readonly data: Uint8Array };

/** Reads the header of a PNG up to its pixels. Null for everything that is not plain: libvips then reads it itself. */
export function readPngHeader(bytes: Uint8Array): ImageMetadata | null {
  const first = readChunk(bytes, SIGNATURE_BYTES);
  if (first?.type !== "IHDR" || first.data.length !== 13 || !isIntact(bytes, SIGNATURE_BYTES, first)) return null;
  const found: Found = { isTransparent: false, icc: null, exif: null, xmp: null };
  let at = SIGNATURE_BYTES + CHUNK_BYTES + first.data.length;
  for (;;) {
    const chunk = readChunk(bytes, at);
    if (chunk === null) return null;
    if (chunk.type === "IDAT") return describe(first.data, found);
    const isTaken = IGNORED.has(chunk.type) || (isIntact(bytes, at, chunk) && takeChunk(found, chunk));
    if (!isTaken) return null;
    at += CHUNK_BYTES + chunk.data.length;
  }
}

/** False = leave the file to libvips. */
function takeChunk(found: Found, chunk: Chunk): boolean {
  switch (chunk.type) {
    case "tRNS":
      found.isTransparent = true;
      return true;
    case "iCCP":
      found.icc = found.icc === null ? unpackProfile(chunk.data) : null;
      return found.icc !== null;
    case "eXIf":
      found.exif = found.exif === null ? chunk.data : null;
      return found.exif !== null;
    case "iTXt":
    case "zTXt":
      found.xmp = found.xmp === null ? readXmp(chunk) : null;
      return found.xmp !== null;
    default:
      return isPlainText(chunk);
  }
}

function readChunk(bytes: Uint8Array, at: number): Chunk | null {
  const length = uint32(bytes, at);
  const start = at + CHUNK_HEAD_BYTES;
  if (start + length + 4 > bytes.length) return null;
  const type = String.fromCharCode(...bytes.subarray(at + 4, start));
  return { type, data: bytes.subarray(start, start + length) };
}

/** Whether the checksum over type and data holds. */
function isIntact(bytes: Uint8Array, at: number, { data }: Chunk): boolean {
  const end = at + CHUNK_HEAD_BYTES + data.length;
  return crc32(bytes.subarray(at + 4, end)) === uint32(bytes, end);
}

/** Keywords such as `Software`; not those under which metadata travel. */
function isPlainText({ type, data }: Chunk): boolean {
  return type === "tEXt" && !hasText(data, 0, "Raw profile") && !hasText(data, 0, "XML");
}

/** The profile behind its name (up to 79 bytes). */
function unpackProfile(data: Uint8Array): Uint8Array | null {
  const end = data.indexOf(0);
  return end < 1 || end > 79 ? null : unpack(data.subarray(end + 1));
}

/** What stands behind the number of the one compression that there is. */
function unpack(data: Uint8Array): Uint8Array | null {
  if (data[0] !== 0 || data.length > MOST_PACKED) return null;
  try {
    return inflateSync(data.subarray(1), { maxOutputLength: MOST_UNPACKED });
  } catch {
    return null;
  }
}

/** An XMP packet: packed, as libvips writes it, or plain without a language. Null for other texts. */
function readXmp({ type, data }: Chunk): string | null {
  if (!hasText(data, 0, XMP_MARK)) return null;
  const rest = data.subarray(XMP_MARK.length);
  const packet = type === "zTXt" ? unpack(rest) : hasText(rest, 0, "\0\0\0\0") ? rest.subarray(4) : null;
  if (packet === null) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(packet);
  } catch {
    return null;
  }
}

function describe(header: Uint8Array, { isTransparent, icc, exif, xmp }: Found): ImageMetadata | null {
  const width = uint32(header, 0);
  const height = uint32(header, 4);
  const [depth = 0, colourType = -1, compression, filter, interlace = 2] = header.subarray(8);
  const colour = COLOUR_TYPES.get(colourType);
  const isSized = width > 0 && height > 0 && width <= MOST_SIDE && height <= MOST_SIDE;
  const isKnown = compression === 0 && filter === 0 && interlace <= 1;
  if (colour === undefined || !colour.depths.includes(depth) || !isSized || !isKnown) return null;
  // A colour that counts as transparent, in pictures without a palette, is rare and read in various ways.
  if (isTransparent && colourType !== PALETTE) return null;
  const orientation = exif === null ? 1 : readOrientation(exif);
  if (orientation === null) return null;
  const channels = colour.bands + (isTransparent ? 1 : 0);
  const isGrey = channels < 3;
  return stillMetadata({
    format: "png",
    width,
    height,
    channels,
    hasAlpha: channels === 2 || channels === 4,
    space: depth === 16 ? (isGrey ? "grey16" : "rgb16") : isGrey ? "b-w" : "srgb",
    depth: depth === 16 ? "ushort" : "uchar",
    paletteBits: colourType === PALETTE ? depth : 0,
    orientation,
    icc,
    exif,
    xmp,
  });
}
