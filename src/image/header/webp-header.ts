import { readOrientation } from "../exif.ts";
import type { ImageMetadata } from "../types.ts";
import { stillMetadata } from "./plain-header.ts";

const FILE_HEAD_BYTES = 12;
const CHUNK_HEAD_BYTES = 8;
const FLAG = { animation: 0x02, xmp: 0x04, exif: 0x08, alpha: 0x10, icc: 0x20 } as const;

type Size = { readonly width: number; readonly height: number };
type Bitstream = Size & { readonly hasAlpha: boolean };

/** Reads the header of a still WebP. Null for animations and everything that is not plain: libvips then reads it itself. */
export function readWebpHeader(bytes: Uint8Array): ImageMetadata | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < FILE_HEAD_BYTES + CHUNK_HEAD_BYTES || view.getUint32(4, true) + 8 > bytes.length) return null;
  const chunks = readChunks(bytes, view);
  if (chunks === null) return null;
  const lossy = chunks.get("VP8 ");
  const picture = lossy === undefined ? readLossless(chunks.get("VP8L")) : readLossy(lossy);
  if (picture === null || (lossy !== undefined && chunks.has("VP8L"))) return null;
  const extension = chunks.get("VP8X");
  return extension === undefined ? describe(picture) : describeExtended(chunks, extension, picture);
}

/** All chunks by their names; null when one is there twice or reaches beyond the file. */
function readChunks(bytes: Uint8Array, view: DataView): ReadonlyMap<string, Uint8Array> | null {
  const chunks = new Map<string, Uint8Array>();
  const end = view.getUint32(4, true) + 8;
  let at = FILE_HEAD_BYTES;
  while (at + CHUNK_HEAD_BYTES <= end) {
    const name = String.fromCharCode(...bytes.subarray(at, at + 4));
    const length = view.getUint32(at + 4, true);
    const start = at + CHUNK_HEAD_BYTES;
    if (start + length > end || chunks.has(name)) return null;
    chunks.set(name, bytes.subarray(start, start + length));
    at = start + length + (length % 2);
  }
  return chunks;
}

/** The frame header of a key frame (RFC 6386 §9.1). */
function readLossy(data: Uint8Array): Bitstream | null {
  const [tag = 1] = data;
  if ((tag & 1) !== 0 || data[3] !== 0x9d || data[4] !== 0x01 || data[5] !== 0x2a) return null;
  const side = (at: number) => ((data[at] ?? 0) | ((data[at + 1] ?? 0) << 8)) & 0x3fff;
  return sized({ width: side(6), height: side(8), hasAlpha: false });
}

/** Signature, two sides less one with 14 bits, alpha, version 0. */
function readLossless(data: Uint8Array | undefined): Bitstream | null {
  if (data === undefined || data.length < 5 || data[0] !== 0x2f) return null;
  const bits = ((data[1] ?? 0) | ((data[2] ?? 0) << 8) | ((data[3] ?? 0) << 16) | ((data[4] ?? 0) << 24)) >>> 0;
  if (bits >>> 29 !== 0) return null;
  return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1, hasAlpha: ((bits >>> 28) & 1) === 1 };
}

function sized(picture: Bitstream): Bitstream | null {
  return picture.width > 0 && picture.height > 0 ? picture : null;
}

function describe({ width, height, hasAlpha }: Bitstream): ImageMetadata {
  return stillMetadata({ format: "webp", width, height, hasAlpha, channels: hasAlpha ? 4 : 3, space: "srgb" });
}

function describeExtended(
  chunks: ReadonlyMap<string, Uint8Array>,
  extension: Uint8Array,
  picture: Bitstream,
): ImageMetadata | null {
  const [flags = 0] = extension;
  const side = (at: number) =>
    ((extension[at] ?? 0) | ((extension[at + 1] ?? 0) << 8) | ((extension[at + 2] ?? 0) << 16)) + 1;
  const isWhole = side(4) === picture.width && side(7) === picture.height;
  if (extension.length !== 10 || !isWhole || (flags & FLAG.animation) !== 0) return null;
  const block = (flag: number, name: string) => ((flags & flag) === 0 ? null : (chunks.get(name) ?? null));
  const exif = block(FLAG.exif, "EXIF");
  const orientation = exif === null ? 1 : readOrientation(exif);
  const xmp = decodeXmp(block(FLAG.xmp, "XMP "));
  if (orientation === null || xmp === undefined) return null;
  const hasAlpha = (flags & FLAG.alpha) !== 0;
  const icc = block(FLAG.icc, "ICCP");
  return { ...describe({ ...picture, hasAlpha }), orientation, exif, xmp, icc };
}

/** undefined = it is no UTF-8. */
function decodeXmp(block: Uint8Array | null): string | null | undefined {
  if (block === null) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(block);
  } catch {
    return undefined;
  }
}
