/** A piece that a file is made of, its own header included. */
export type Block = { readonly start: number; readonly end: number };

/** Enough for any seed file; a damaged one may seem to have more. */
const MOST_BLOCKS = 500;

/** The blocks of a file by its kind: PNG chunks, JPEG segments, RIFF chunks, boxes, elements; empty where there are none. */
export function findBlocks(bytes: Buffer): readonly Block[] {
  if (bytes.length < 16) return [];
  const head = bytes.toString("latin1", 0, 16);
  if (head.startsWith("\x89PNG")) return walk(bytes, 8, (at) => 12 + bytes.readUInt32BE(at));
  if (head.startsWith("\xff\xd8"))
    return walk(bytes, 2, (at) => (bytes[at] === 0xff ? 2 + bytes.readUInt16BE(at + 2) : undefined));
  if (head.startsWith("RIFF")) return walk(bytes, 12, (at) => 8 + 2 * Math.ceil(bytes.readUInt32LE(at + 4) / 2));
  if (head.slice(4, 8) === "ftyp" || head.slice(4, 8) === "JXL ") return boxes(bytes);
  if (head.includes("<")) return elements(bytes);
  return [];
}

/** Goes from block to block; `lengthAt` says how long the one is that begins there, header and all. */
function walk(bytes: Buffer, from: number, lengthAt: (at: number) => number | undefined): Block[] {
  const blocks: Block[] = [];
  for (let at = from; at + 8 <= bytes.length && blocks.length < MOST_BLOCKS; ) {
    const length = lengthAt(at);
    if (length === undefined || length <= 0) break;
    const end = Math.min(bytes.length, at + length);
    blocks.push({ start: at, end });
    at = end;
  }
  return blocks;
}

/** Boxes, and the boxes in those that hold others. */
function boxes(bytes: Buffer): Block[] {
  const top = walk(bytes, 0, (at) => bytes.readUInt32BE(at));
  const inner = [
    ...bytes
      .toString("latin1")
      .matchAll(/hdlr|pitm|iloc|iinf|infe|iprp|ipco|ipma|ispe|pixi|colr|hvcC|av1C|auxC|irot|iref/g),
  ];
  return [
    ...top,
    ...inner.flatMap(({ index }) => {
      const start = index - 4;
      const end = start < 0 ? 0 : start + bytes.readUInt32BE(start);
      return end > start && end <= bytes.length ? [{ start, end }] : [];
    }),
  ];
}

function elements(bytes: Buffer): Block[] {
  const text = bytes.toString("latin1");
  return [...text.matchAll(/<[a-z][^<>]*\/>|<(\w+)[^<>]*>[^<]*<\/\1>|\s[\w:-]+="[^"]*"/gi)]
    .slice(0, MOST_BLOCKS)
    .map((match) => ({ start: match.index, end: match.index + match[0].length }));
}
