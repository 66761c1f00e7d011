/** Tags of IFD0, in the ascending order that TIFF wants. */
const ARTIST = 0x013b;
const COPYRIGHT = 0x8298;
const TYPE_ASCII = 2;
const HEADER_BYTES = 8;
const ENTRY_BYTES = 12;
const INLINE_BYTES = 4;

/** A TIFF structure with the two names in its first directory and nothing else; UTF-8, ended by zero. */
export function buildExif(names: { readonly artist: string | null; readonly copyright: string | null }): Uint8Array {
  const entries = [
    { tag: ARTIST, text: names.artist },
    { tag: COPYRIGHT, text: names.copyright },
  ].flatMap(({ tag, text }) => (text === null ? [] : [{ tag, bytes: Buffer.from(`${text}\0`) }]));
  const textsAt = HEADER_BYTES + 2 + entries.length * ENTRY_BYTES + 4;
  const length = entries.reduce((sum, { bytes }) => sum + (bytes.length > INLINE_BYTES ? bytes.length : 0), textsAt);
  const block = Buffer.alloc(length);
  block.write("II*\0", 0, "latin1");
  block.writeUInt32LE(HEADER_BYTES, 4);
  block.writeUInt16LE(entries.length, HEADER_BYTES);
  let entryAt = HEADER_BYTES + 2;
  let textAt = textsAt;
  for (const { tag, bytes } of entries) {
    const isInline = bytes.length <= INLINE_BYTES;
    block.writeUInt16LE(tag, entryAt);
    block.writeUInt16LE(TYPE_ASCII, entryAt + 2);
    block.writeUInt32LE(bytes.length, entryAt + 4);
    if (!isInline) block.writeUInt32LE(textAt, entryAt + 8);
    block.set(bytes, isInline ? entryAt + 8 : textAt);
    entryAt += ENTRY_BYTES;
    if (!isInline) textAt += bytes.length;
  }
  return block;
}
