/** Tags of an RPM header that tests look at. Source: the format's description in RPM's own documentation, rpmtag.h. */
const TAGS = {
  name: 1000,
  version: 1001,
  license: 1014,
  arch: 1022,
  modes: 1030,
  flags: 1037,
  owners: 1039,
  requires: 1049,
  dirIndexes: 1116,
  baseNames: 1117,
  dirNames: 1118,
  afterInstall: 1024,
} as const;

const LEAD_BYTES = 96;
const INTRO_BYTES = 16;
const ENTRY_BYTES = 16;
const CONFIG = 1;
const NO_REPLACE = 16;

type Entry = { readonly type: number; readonly start: number; readonly count: number };

/** Reads a section: its entries by tag, and where the next one may begin. */
function readSection(bytes: Buffer, start: number) {
  if (bytes.readUInt32BE(start) >>> 8 !== 0x8eade8) throw new Error(`there is no RPM header at ${start}`);
  const count = bytes.readUInt32BE(start + 8);
  const store = start + INTRO_BYTES + count * ENTRY_BYTES;
  const entries = new Map<number, Entry>();
  for (let index = 0; index < count; index++) {
    const at = start + INTRO_BYTES + index * ENTRY_BYTES;
    entries.set(bytes.readUInt32BE(at), {
      type: bytes.readUInt32BE(at + 4),
      start: store + bytes.readUInt32BE(at + 8),
      count: bytes.readUInt32BE(at + 12),
    });
  }
  return { entries, end: store + bytes.readUInt32BE(start + 12) };
}

/** What an .rpm says of itself and of its files. */
export function readRpmHeader(bytes: Buffer) {
  const signature = readSection(bytes, LEAD_BYTES);
  const { entries } = readSection(bytes, Math.ceil(signature.end / 8) * 8);
  const entry = (tag: keyof typeof TAGS) => {
    const found = entries.get(TAGS[tag]);
    if (found === undefined) throw new Error(`the RPM header has no ${tag}`);
    return found;
  };
  const texts = (tag: keyof typeof TAGS) => {
    const { start, count } = entry(tag);
    return bytes.toString("utf8", start).split("\0", count);
  };
  const numbers = (tag: keyof typeof TAGS) => {
    const { type, start, count } = entry(tag);
    // Type 3 has 16 bits, type 4 has 32.
    return Array.from({ length: count }, (_, index) =>
      type === 3 ? bytes.readUInt16BE(start + 2 * index) : bytes.readUInt32BE(start + 4 * index),
    );
  };
  const [folders, indexes, modes, flags] = [
    texts("dirNames"),
    numbers("dirIndexes"),
    numbers("modes"),
    numbers("flags"),
  ];
  const files = texts("baseNames").map((name, index) => {
    const isKept = ((flags[index] ?? 0) & (CONFIG | NO_REPLACE)) === (CONFIG | NO_REPLACE);
    const mode = ((modes[index] ?? 0) & 0o7777).toString(8);
    return { path: `${folders[indexes[index] ?? -1]}${name}`, mode, isKept };
  });
  const [name, version, arch, license] = (["name", "version", "arch", "license"] as const).map((tag) => texts(tag)[0]);
  return { name, version, arch, license, requires: texts("requires"), afterInstall: texts("afterInstall")[0], files };
}
