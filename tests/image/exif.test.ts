import { describe, expect, test } from "bun:test";
import sharp from "sharp";
import { readExifFields, withUprightOrientation } from "../../src/image/exif.ts";
import { randomNumbers } from "./samples.ts";

type Field = { readonly tag: number; readonly type: number; readonly count: number; readonly value: number | Buffer };

/** A TIFF structure with one directory; long values follow it. */
function tiff(order: "II" | "MM", fields: readonly Field[]): Buffer {
  const isLittle = order === "II";
  const head = Buffer.alloc(10 + fields.length * 12 + 4);
  const u16 = (value: number, at: number) => (isLittle ? head.writeUInt16LE(value, at) : head.writeUInt16BE(value, at));
  const u32 = (value: number, at: number) => (isLittle ? head.writeUInt32LE(value, at) : head.writeUInt32BE(value, at));
  head.write(order, 0, "latin1");
  u16(42, 2);
  u32(8, 4);
  u16(fields.length, 8);
  const tail: Buffer[] = [];
  let end = head.length;
  for (const [i, { tag, type, count, value }] of fields.entries()) {
    const at = 10 + i * 12;
    u16(tag, at);
    u16(type, at + 2);
    u32(count, at + 4);
    if (typeof value === "number") type === 3 ? u16(value, at + 8) : u32(value, at + 8);
    else if (value.length <= 4) value.copy(head, at + 8);
    else {
      u32(end, at + 8);
      tail.push(value);
      end += value.length;
    }
  }
  return Buffer.concat([head, ...tail]);
}

const text = (tag: number, value: string): Field => ({
  tag,
  type: 2,
  count: Buffer.byteLength(value) + 1,
  value: Buffer.from(`${value}\0`),
});
const orientation = (value: number): Field => ({ tag: 0x0112, type: 3, count: 1, value });
const ARTIST = 0x013b;
const COPYRIGHT = 0x8298;

describe("readExifFields", () => {
  test.each(["II", "MM"] as const)("reads orientation, artist and copyright in %s order", (order) => {
    const block = tiff(order, [orientation(6), text(ARTIST, "Ünï"), text(COPYRIGHT, "me")]);
    expect(readExifFields(block)).toEqual({ orientation: 6, artist: "Ünï", copyright: "me" });
    expect(readExifFields(Buffer.concat([Buffer.from("Exif\0\0"), block])).orientation).toBe(6);
  });

  test("agrees with sharp", async () => {
    const file = await sharp({ create: { width: 2, height: 2, channels: 3, background: "red" } })
      .withExif({ IFD0: { Copyright: "Somebody", Artist: "Someone else" } })
      .jpeg()
      .toBuffer();
    const exif = (await sharp(file).metadata()).exif ?? Buffer.alloc(0);
    expect(readExifFields(exif)).toMatchObject({ copyright: "Somebody", artist: "Someone else" });
  });

  test.each([
    ["nothing", Buffer.alloc(0)],
    ["another byte order", Buffer.from("XX*\0")],
    ["an orientation out of range", tiff("II", [orientation(9)])],
    ["an orientation of another type", tiff("II", [{ ...orientation(6), type: 4 }])],
    ["text that lies outside", tiff("II", [{ tag: COPYRIGHT, type: 2, count: 1000, value: 8 }])],
    ["text longer than anybody writes", tiff("II", [{ tag: COPYRIGHT, type: 2, count: 0xffffffff, value: 8 }])],
    ["blank text", tiff("II", [text(COPYRIGHT, "   ")])],
    ["a directory that lies outside", Buffer.from("II*\0\xff\xff\xff\x7f", "latin1")],
  ])("finds nothing in %s", (_, block) => {
    expect(readExifFields(block)).toEqual({ orientation: 1, artist: null, copyright: null });
  });

  test("survives any change of any byte", () => {
    const block = tiff("II", [orientation(6), text(ARTIST, "somebody"), text(COPYRIGHT, "me")]);
    const random = randomNumbers(7);
    for (let i = 0; i < 2000; i++) {
      const mutated = Uint8Array.from(block);
      mutated[Math.floor(random() * mutated.length)] = Math.floor(random() * 256);
      const cut = mutated.subarray(0, Math.floor(random() * (mutated.length + 1)));
      expect(() => readExifFields(cut)).not.toThrow();
    }
  });
});

describe("withUprightOrientation", () => {
  test("changes only the orientation, in a copy", async () => {
    const file = await sharp({ create: { width: 6, height: 4, channels: 3, background: "red" } })
      .withMetadata({ orientation: 6, exif: { IFD0: { Copyright: "me" } } })
      .jpeg()
      .toBuffer();
    const { exif = Buffer.alloc(0) } = await sharp(file).metadata();
    const upright = await sharp(withUprightOrientation(file, exif)).metadata();
    expect(upright.orientation).toBe(1);
    expect(readExifFields(upright.exif ?? Buffer.alloc(0)).copyright).toBe("me");
    expect((await sharp(file).metadata()).orientation).toBe(6);
  });

  test("gives the file itself when it stands upright or the block is not in it", () => {
    const upright = tiff("II", [orientation(1)]);
    expect(withUprightOrientation(upright, upright)).toBe(upright);
    const other = Buffer.from("something else");
    expect(withUprightOrientation(other, tiff("II", [orientation(6)]))).toBe(other);
  });
});
