import { crc32 } from "node:zlib";
import type { SeededRandom } from "../../url/seeded-random.ts";
import { findBlocks } from "./find-blocks.ts";

/** One way to damage a file. `donor` is another good file, of any format. */
type Mutation = (bytes: Buffer, random: SeededRandom, donor: Buffer) => Buffer;

/** The beginning of a file holds what decides about sizes and memory. */
const HEAD_BYTES = 200;
/** What a file is known by: mostly left alone, or nothing but detection would be tested. */
const SIGNATURE_BYTES = 12;
const MOST_COPIES = 300;
/** Results stay below this. */
const MOST_BYTES = 1_000_000;

function place(bytes: Buffer, random: SeededRandom): number {
  const from = random.below(8) === 0 ? 0 : Math.min(SIGNATURE_BYTES, bytes.length);
  const to = random.below(2) === 0 ? Math.min(HEAD_BYTES, bytes.length) : bytes.length;
  return from + random.below(Math.max(1, to - from));
}

function part(bytes: Buffer, random: SeededRandom): { readonly start: number; readonly end: number } {
  const blocks = findBlocks(bytes);
  if (blocks.length > 0 && random.below(3) > 0) return random.pick(blocks);
  const start = place(bytes, random);
  return { start, end: Math.min(bytes.length, start + 1 + random.below(64)) };
}

function changed(bytes: Buffer, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes);
  change(copy);
  return copy;
}

function spliced(bytes: Buffer, start: number, end: number, ...middle: readonly Buffer[]): Buffer {
  return Buffer.concat([bytes.subarray(0, start), ...middle, bytes.subarray(end)]).subarray(0, MOST_BYTES);
}

/** Numbers at which arithmetic on lengths, offsets and dimensions goes wrong. */
const EXTREMES = [
  0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
];
const EXTREME_TEXTS = ["0", "-1", "1e9", "1e-9", "99999999", "1e308", "NaN", "4294967296", "0.0000001", "#", "%"];

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  "bits flipped": (bytes, random) =>
    changed(bytes, (copy) => {
      for (let count = 1 + random.below(12); count > 0; count--) {
        const at = place(copy, random);
        copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
      }
    }),
  "bytes replaced": (bytes, random) =>
    changed(bytes, (copy) => {
      for (let count = 1 + random.below(8); count > 0; count--) copy[place(copy, random)] = random.below(256);
    }),
  "cut off": (bytes, random) => bytes.subarray(0, random.below(bytes.length)),
  "a part removed": (bytes, random) => {
    const { start, end } = part(bytes, random);
    return spliced(bytes, start, end);
  },
  "a part repeated": (bytes, random) => {
    const { start, end } = part(bytes, random);
    const copies = 1 + random.below(random.below(4) === 0 ? MOST_COPIES : 3);
    return spliced(bytes, end, end, ...Array<Buffer>(copies).fill(bytes.subarray(start, end)));
  },
  "parts exchanged": (bytes, random) => {
    const [first, second] = [part(bytes, random), part(bytes, random)].sort((a, b) => a.start - b.start);
    if (first === undefined || second === undefined || first.end > second.start) return bytes.subarray(1);
    const between = bytes.subarray(first.end, second.start);
    return spliced(
      bytes,
      first.start,
      second.end,
      bytes.subarray(second.start, second.end),
      between,
      bytes.subarray(first.start, first.end),
    );
  },
  "extreme numbers": (bytes, random) =>
    changed(bytes, (copy) => {
      for (let count = 1 + random.below(3); count > 0; count--) writeExtreme(copy, random);
    }),
  "extreme texts": (bytes, random) => {
    const numbers = [...bytes.toString("latin1").matchAll(/\d+(?:\.\d+)?/g)];
    if (numbers.length === 0) return bytes.subarray(1);
    const number = random.pick(numbers);
    return spliced(bytes, number.index, number.index + number[0].length, Buffer.from(random.pick(EXTREME_TEXTS)));
  },
  "another file's head": (bytes, random, donor) =>
    Buffer.concat([donor.subarray(0, place(donor, random)), bytes.subarray(place(bytes, random))]),
  "another file's tail": (bytes, random, donor) =>
    Buffer.concat([bytes.subarray(0, place(bytes, random)), donor.subarray(place(donor, random))]),
  "a part of another file": (bytes, random, donor) => {
    const at = place(bytes, random);
    const { start, end } = part(donor, random);
    return spliced(bytes, at, at + random.below(2) * (end - start), donor.subarray(start, end));
  },
  zeros: (bytes, random) =>
    changed(bytes, (copy) => {
      const { start, end } = part(copy, random);
      copy.fill(random.below(2) * 255, start, end);
    }),
};

/** A length lies at the beginning of a block, or anywhere. */
function writeExtreme(bytes: Buffer, random: SeededRandom): void {
  const at = Math.max(0, part(bytes, random).start + random.below(12) - 2);
  const value = random.pick(EXTREMES);
  const wide = Buffer.alloc(4);
  if (random.below(2) === 0) wide.writeUInt32BE(value);
  else wide.writeUInt32LE(value);
  const size = random.pick([1, 2, 4, 4]);
  wide.copy(bytes, at, random.below(2) * (4 - size), 4);
}

/** Puts the checksums of a PNG right, so that decoders look at what is in the chunks. */
function withChecksums(bytes: Buffer): Buffer {
  return changed(bytes, (copy) => {
    for (let at = 8; at + 12 <= copy.length; ) {
      const end = at + 8 + copy.readUInt32BE(at);
      if (end + 4 > copy.length) return;
      copy.writeUInt32BE(crc32(copy.subarray(at + 4, end)), end);
      at = end + 4;
    }
  });
}

/** A damaged file, and in which ways it is. The same for the same random numbers. */
export function mutateFile(
  bytes: Uint8Array,
  donor: Uint8Array,
  random: SeededRandom,
): { readonly bytes: Buffer; readonly ways: readonly string[] } {
  let damaged: Buffer = Buffer.from(bytes);
  const ways: string[] = [];
  for (let count = random.pick([1, 1, 1, 2, 3]); count > 0; count--) {
    const [way, mutate] = random.pick(Object.entries(MUTATIONS));
    damaged = mutate(damaged, random, Buffer.from(donor));
    ways.push(way);
  }
  const isPng = damaged.toString("latin1", 1, 4) === "PNG";
  return { bytes: isPng && random.below(4) > 0 ? withChecksums(damaged) : damaged, ways };
}
