/** The fields of IFD0 that the program works with. */
export type ExifFields = {
  /** 1…8; 1 when absent or out of range. */
  readonly orientation: number;
  /** null when absent or empty. */
  readonly copyright: string | null;
  readonly artist: string | null;
};

type Entry = { readonly type: number; readonly count: number /** Where value or offset lies. */; readonly at: number };
type Ifd = { readonly view: DataView; readonly isLittleEndian: boolean; readonly entries: ReadonlyMap<number, Entry> };

const TAG = { orientation: 0x0112, artist: 0x013b, copyright: 0x8298 } as const;
const TYPE_ASCII = 2;
const TYPE_SHORT = 3;
const TIFF_MAGIC = 42;
const ENTRY_BYTES = 12;
/** Real files have some twenty entries. */
const MAX_ENTRIES = 1024;
const MAX_TEXT_BYTES = 64 * 1024;
const PREFIX = [0x45, 0x78, 0x69, 0x66, 0, 0];

/** Reads an EXIF block, with or without the `Exif\0\0` before it. What is broken or lies outside counts as absent; never throws. */
export function readExifFields(exif: Uint8Array): ExifFields {
  const ifd = readFirstIfd(exif);
  return {
    orientation: orientationEntry(ifd)?.value ?? 1,
    copyright: readText(ifd, TAG.copyright),
    artist: readText(ifd, TAG.artist),
  };
}

/**
 * The orientation of an EXIF block, 1 when there is none; null where the entry is not of the usual type, which decoders make good in
 * ways of their own. Never throws.
 */
export function readOrientation(exif: Uint8Array): number | null {
  const ifd = readFirstIfd(exif);
  if (ifd === null || !ifd.entries.has(TAG.orientation)) return 1;
  return orientationEntry(ifd)?.value ?? null;
}

/**
 * A copy of a file in which the orientation of its EXIF block is 1: for results that keep the metadata of a source whose
 * pixels have been turned. The file itself when there is nothing to change.
 */
export function withUprightOrientation(file: Uint8Array, exif: Uint8Array): Uint8Array {
  const ifd = readFirstIfd(exif);
  const found = orientationEntry(ifd);
  const start = Buffer.from(file.buffer, file.byteOffset, file.byteLength).indexOf(exif);
  if (ifd === null || found === null || found.value === 1 || start < 0) return file;
  const copy = new Uint8Array(file); // slice() of a Buffer would share its memory
  const at = start + (ifd.view.byteOffset - exif.byteOffset) + found.at;
  new DataView(copy.buffer).setUint16(at, 1, ifd.isLittleEndian);
  return copy;
}

function readFirstIfd(exif: Uint8Array): Ifd | null {
  const tiff = PREFIX.every((byte, index) => exif[index] === byte) ? exif.subarray(PREFIX.length) : exif;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  if (view.byteLength < 8) return null;
  const order = view.getUint16(0);
  const isLittleEndian = order === 0x4949;
  if (!isLittleEndian && order !== 0x4d4d) return null;
  if (view.getUint16(2, isLittleEndian) !== TIFF_MAGIC) return null;
  return { view, isLittleEndian, entries: readEntries(view, isLittleEndian) };
}

function readEntries(view: DataView, isLittleEndian: boolean): ReadonlyMap<number, Entry> {
  const entries = new Map<number, Entry>();
  const start = view.getUint32(4, isLittleEndian);
  if (start + 2 > view.byteLength) return entries;
  const count = Math.min(view.getUint16(start, isLittleEndian), MAX_ENTRIES);
  for (let i = 0, at = start + 2; i < count && at + ENTRY_BYTES <= view.byteLength; i++, at += ENTRY_BYTES) {
    const tag = view.getUint16(at, isLittleEndian);
    if (entries.has(tag)) continue;
    const type = view.getUint16(at + 2, isLittleEndian);
    entries.set(tag, { type, count: view.getUint32(at + 4, isLittleEndian), at: at + 8 });
  }
  return entries;
}

function orientationEntry(ifd: Ifd | null): { readonly value: number; readonly at: number } | null {
  const entry = ifd?.entries.get(TAG.orientation);
  if (ifd === null || entry === undefined || entry.type !== TYPE_SHORT || entry.count !== 1) return null;
  const value = ifd.view.getUint16(entry.at, ifd.isLittleEndian);
  return value >= 1 && value <= 8 ? { value, at: entry.at } : null;
}

function readText(ifd: Ifd | null, tag: number): string | null {
  const entry = ifd?.entries.get(tag);
  if (ifd === null || entry === undefined || entry.type !== TYPE_ASCII || entry.count > MAX_TEXT_BYTES) return null;
  const { view, isLittleEndian } = ifd;
  // Up to four bytes lie in the entry itself.
  const start = entry.count <= 4 ? entry.at : view.getUint32(entry.at, isLittleEndian);
  if (start + entry.count > view.byteLength) return null;
  const bytes = new Uint8Array(view.buffer, view.byteOffset + start, entry.count);
  const text = new TextDecoder().decode(bytes).replace(/\0+$/, "").trim();
  return text === "" ? null : text;
}
