import { AppError } from "../errors.ts";
import { type BmpHeader, readIconBitmapHeader } from "./bmp/bmp-header.ts";

const DIRECTORY_BYTES = 6;
const ENTRY_BYTES = 16;
const TYPE_ICON = 1;
const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** The picture of an icon that is used: a whole PNG file, or a bitmap without its file header. */
export type IconEntry =
  | { readonly kind: "png"; readonly bytes: Uint8Array }
  | { readonly kind: "bitmap"; readonly bytes: Uint8Array; readonly header: BmpHeader };

type DirectoryEntry = {
  readonly width: number;
  readonly height: number;
  readonly size: number;
  readonly offset: number;
};

/**
 * Picks the best picture of an icon: the first whose width or height is larger than those before it; among those with a
 * side of 256 the last. Its own header, not the directory, says its size. Throws `invalid_image` when there is none.
 */
export function readIcon(file: Uint8Array): IconEntry {
  const { offset, size } = bestEntry(readDirectory(file));
  const bytes = file.subarray(offset, offset + size);
  if (bytes.length === 0) throw invalidIcon("the picture lies outside the file");
  if (PNG_SIGNATURE.every((byte, index) => bytes[index] === byte)) return { kind: "png", bytes };
  return { kind: "bitmap", bytes, header: readIconBitmapHeader(bytes) };
}

function readDirectory(file: Uint8Array): readonly DirectoryEntry[] {
  if (file.length < DIRECTORY_BYTES) throw invalidIcon("the file ends within its header");
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const listed = view.getUint16(4, true);
  const present = Math.min(listed, Math.floor((file.length - DIRECTORY_BYTES) / ENTRY_BYTES));
  return Array.from({ length: present }, (_, index) => {
    const at = DIRECTORY_BYTES + index * ENTRY_BYTES;
    return {
      width: view.getUint8(at) || 256,
      height: view.getUint8(at + 1) || 256,
      size: view.getUint32(at + 8, true),
      offset: view.getUint32(at + 12, true),
    };
  });
}

function bestEntry(entries: readonly DirectoryEntry[]): DirectoryEntry {
  let best: DirectoryEntry | undefined;
  for (const entry of entries) {
    const isLargest = entry.width === 256 || entry.height === 256;
    if (best === undefined || isLargest || entry.width > best.width || entry.height > best.height) best = entry;
  }
  if (best === undefined) throw invalidIcon("it holds no picture");
  return best;
}

/** Facts about a PNG that goes into an icon. Sides are at most 256 pixels, channels 3 or 4. */
export type IconPicture = {
  readonly png: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
};

/** Wraps one PNG of 8 bits a sample without a palette into an icon file, as the reference does. */
export function encodeIcon({ png, width, height, channels }: IconPicture): Uint8Array {
  if (width > 256 || height > 256) throw new AppError("internal", `an icon of ${width}×${height} is above 256×256`);
  const offset = DIRECTORY_BYTES + ENTRY_BYTES;
  const file = new Uint8Array(offset + png.length);
  const view = new DataView(file.buffer);
  view.setUint16(2, TYPE_ICON, true);
  view.setUint16(4, 1, true);
  view.setUint8(6, width % 256);
  view.setUint8(7, height % 256);
  view.setUint16(10, 1, true);
  view.setUint16(12, channels * 8, true);
  view.setUint32(14, png.length, true);
  view.setUint32(18, offset, true);
  file.set(png, offset);
  return file;
}

function invalidIcon(what: string): AppError {
  return new AppError("invalid_image", `ICO: ${what}`);
}
