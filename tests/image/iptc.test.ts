import { describe, expect, test } from "bun:test";
import sharp from "sharp";
import { filterIptcCopyright, insertIptcIntoJpeg } from "../../src/image/iptc.ts";
import { randomNumbers } from "./samples.ts";

const dataset = (record: number, number: number, value: string) =>
  Buffer.concat([Buffer.from([0x1c, record, number, 0, value.length]), Buffer.from(value, "latin1")]);
const RECORDS = Buffer.concat([
  dataset(1, 90, "\x1b%G"),
  dataset(2, 5, "title"),
  dataset(2, 80, "by-line"),
  dataset(2, 110, "credit"),
  dataset(2, 116, "notice"),
  dataset(2, 120, "caption"),
]);
const KEPT = Buffer.concat([
  dataset(1, 90, "\x1b%G"),
  dataset(2, 80, "by-line"),
  dataset(2, 110, "credit"),
  dataset(2, 116, "notice"),
]);

const jpeg = () =>
  sharp({ create: { width: 4, height: 4, channels: 3, background: "red" } })
    .jpeg()
    .toBuffer();

describe("filterIptcCopyright", () => {
  test("keeps by-line, credit and notice, and other records", () => {
    expect(filterIptcCopyright(RECORDS)).toEqual(KEPT);
  });

  test("finds the records in an APP13 segment behind other resources", async () => {
    const file = await jpeg();
    const segment = (await sharp(insertIptcIntoJpeg(file, RECORDS)).metadata()).iptc ?? Buffer.alloc(0);
    const other = Buffer.concat([
      segment.subarray(0, 14),
      Buffer.from("8BIM\x03\xed\x03abc\0\0\0\x03xyz\0", "latin1"),
      segment.subarray(14),
    ]);
    expect(filterIptcCopyright(other)).toEqual(KEPT);
  });

  test.each([
    ["no copyright is in it", Buffer.concat([dataset(1, 90, "\x1b%G"), dataset(2, 5, "title")])],
    ["it is empty", Buffer.alloc(0)],
    ["it is something else", Buffer.from("something else")],
    ["the resource is missing", Buffer.from("Photoshop 3.0\0", "latin1")],
  ])("gives null when %s", (_, bytes) => {
    expect(filterIptcCopyright(bytes)).toBeNull();
  });

  test("survives any change of any byte", async () => {
    const segment = (await sharp(insertIptcIntoJpeg(await jpeg(), RECORDS)).metadata()).iptc ?? Buffer.alloc(0);
    const random = randomNumbers(3);
    for (let i = 0; i < 2000; i++) {
      const mutated = Uint8Array.from(segment);
      mutated[Math.floor(random() * mutated.length)] = Math.floor(random() * 256);
      expect(() => filterIptcCopyright(mutated.subarray(0, Math.floor(random() * (mutated.length + 1))))).not.toThrow();
    }
  });
});

describe("insertIptcIntoJpeg", () => {
  test("puts the records behind the application segments and leaves the picture alone", async () => {
    const file = await sharp(await jpeg())
      .withExif({ IFD0: { Copyright: "me" } })
      .jpeg()
      .toBuffer();
    const tagged = insertIptcIntoJpeg(file, KEPT);
    const meta = await sharp(tagged).metadata();
    expect(filterIptcCopyright(meta.iptc ?? Buffer.alloc(0))).toEqual(KEPT);
    expect(meta.exif).toBeDefined();
    expect(await sharp(tagged).raw().toBuffer()).toEqual(await sharp(file).raw().toBuffer());
  });

  test("leaves what is no JPEG, and records that do not fit, out", async () => {
    const png = Buffer.from("\x89PNG");
    expect(insertIptcIntoJpeg(png, KEPT)).toBe(png);
    const file = await jpeg();
    expect(insertIptcIntoJpeg(file, Buffer.alloc(66_000))).toBe(file);
  });
});
