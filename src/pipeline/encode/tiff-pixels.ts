import type { RawImage } from "../../image/types.ts";

/**
 * Raw pixels as an uncompressed TIFF in memory, the only container that carries a colour profile into another pass, too; null = none.
 * One copy of the pixels.
 */
export function asTiff(image: RawImage, icc: Uint8Array | null): Buffer {
  const { data, width, height, channels, bits } = image;
  const isGrey = channels < 3;
  const hasAlpha = channels === 2 || channels === 4;
  const entries: TiffEntry[] = [
    { tag: 256, type: LONG, values: [width] },
    { tag: 257, type: LONG, values: [height] },
    { tag: 258, type: SHORT, values: Array.from({ length: channels }, () => bits) },
    { tag: 259, type: SHORT, values: [1] }, // no compression
    { tag: 262, type: SHORT, values: [isGrey ? 1 : 2] }, // black is zero, or RGB
    { tag: 273, type: LONG, values: [PIXELS_AT] },
    { tag: 277, type: SHORT, values: [channels] },
    { tag: 278, type: LONG, values: [height] }, // one strip
    { tag: 279, type: LONG, values: [data.length] },
    { tag: 284, type: SHORT, values: [1] }, // samples side by side
    ...(hasAlpha ? [{ tag: 338, type: SHORT, values: [2] }] : []), // alpha not multiplied in
  ];
  const profileBytes = icc?.length ?? 0;
  const profileAt = PIXELS_AT + data.length + (data.length % 2);
  const directoryAt = profileAt + profileBytes + (profileBytes % 2);
  const profile = icc === null ? null : { at: profileAt, length: icc.length };
  const count = entries.length + (profile === null ? 0 : 1);
  const file = Buffer.alloc(directoryAt + directoryBytes(count) + channels * 2);
  file.write("II", 0, "latin1");
  file.writeUInt16LE(42, 2);
  file.writeUInt32LE(directoryAt, 4);
  file.set(data, PIXELS_AT);
  if (icc !== null) file.set(icc, profileAt);
  writeDirectory(file, directoryAt, entries, profile);
  return file;
}

type TiffEntry = { readonly tag: number; readonly type: number; readonly values: readonly number[] };

const SHORT = 3;
const LONG = 4;
const UNDEFINED = 7;
const ICC_TAG = 34_675;
const PIXELS_AT = 8;
const ENTRY_BYTES = 12;

function directoryBytes(entries: number): number {
  return 2 + entries * ENTRY_BYTES + 4;
}

/** Entries in ascending order of tags; the bits per sample, the only value list of more than 4 bytes, stand behind them. */
function writeDirectory(
  file: Buffer,
  at: number,
  entries: readonly TiffEntry[],
  profile: { readonly at: number; readonly length: number } | null,
): void {
  const count = entries.length + (profile === null ? 0 : 1);
  const listAt = at + directoryBytes(count);
  file.writeUInt16LE(count, at);
  let entryAt = at + 2;
  for (const { tag, type, values } of entries) {
    writeEntryHead(file, entryAt, { tag, type, count: values.length });
    const size = type === SHORT ? 2 : 4;
    const valuesAt = values.length * size > 4 ? listAt : entryAt + 8;
    if (valuesAt === listAt) file.writeUInt32LE(listAt, entryAt + 8);
    for (const [index, value] of values.entries()) file.writeUIntLE(value, valuesAt + index * size, size);
    entryAt += ENTRY_BYTES;
  }
  if (profile === null) return;
  writeEntryHead(file, entryAt, { tag: ICC_TAG, type: UNDEFINED, count: profile.length });
  file.writeUInt32LE(profile.at, entryAt + 8);
}

function writeEntryHead(file: Buffer, at: number, head: { tag: number; type: number; count: number }): void {
  file.writeUInt16LE(head.tag, at);
  file.writeUInt16LE(head.type, at + 2);
  file.writeUInt32LE(head.count, at + 4);
}
