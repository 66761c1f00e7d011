import { describe, expect, test } from "bun:test";
import sharp from "sharp";
import { encodeIcon, readIcon } from "../../src/image/ico.ts";
import { openSource } from "../../src/image/open-source.ts";
import { bmpFile } from "./bmp/bmp-writer.ts";
import { NEVER, read } from "./samples.ts";
import { NO_CODECS } from "./wasm/no-codecs.ts";

type Entry = {
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
  readonly size?: number;
  readonly offset?: number;
};

function icon(...entries: readonly Entry[]): Uint8Array {
  const head = Buffer.alloc(6 + entries.length * 16);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(entries.length, 4);
  let offset = head.length;
  for (const [i, { width, height, bytes, ...lies }] of entries.entries()) {
    head.writeUInt8(width % 256, 6 + i * 16);
    head.writeUInt8(height % 256, 7 + i * 16);
    head.writeUInt32LE(lies.size ?? bytes.length, 14 + i * 16);
    head.writeUInt32LE(lies.offset ?? offset, 18 + i * 16);
    offset += bytes.length;
  }
  return Buffer.concat([head, ...entries.map((entry) => entry.bytes)]);
}

const png = (width: number, height: number, channels: 3 | 4 = 4) =>
  sharp({ create: { width, height, channels, background: "#12345678" } })
    .png()
    .toBuffer();
const entry = (width: number, height: number, tag: string): Entry => ({
  width,
  height,
  bytes: Buffer.from(`\x89PNG\r\n\x1a\n${tag}`, "latin1"),
});
const chosen = (...entries: readonly Entry[]) => Buffer.from(readIcon(icon(...entries)).bytes.subarray(8)).toString();

/** A bitmap as it lies in an icon, with the one-bit mask behind it. */
function iconBitmap(
  bits: number,
  rows: readonly (readonly number[])[],
  palette: readonly (readonly [number, number, number])[] = [],
): Uint8Array {
  const mask = rows.map(() => [0xff]);
  return bmpFile({ width: 2, height: rows.length * 2, bits, palette, rows: [...rows, ...mask] }, false);
}

describe("readIcon picks", () => {
  test("the largest", () => {
    expect(chosen(entry(16, 16, "a"), entry(48, 48, "b"), entry(32, 32, "c"))).toBe("b");
  });
  test("the first of equals below 256", () => {
    expect(chosen(entry(48, 48, "a"), entry(48, 48, "b"))).toBe("a");
  });
  test("the last of those with a side of 256, which the directory writes as 0", () => {
    expect(chosen(entry(256, 256, "a"), entry(64, 64, "b"), entry(256, 256, "c"))).toBe("c");
  });
  test("one that is larger in one direction only", () => {
    expect(chosen(entry(32, 32, "a"), entry(16, 40, "b"))).toBe("b");
  });
});

describe("an icon as a source", () => {
  const codecs = NO_CODECS;
  test("is the PNG in it", async () => {
    const source = await read(icon({ width: 20, height: 10, bytes: await png(20, 10) }));
    expect(source.meta).toMatchObject({ format: "ico", width: 20, height: 10, hasAlpha: true });
    const opened = await openSource(source, { codecs, signal: NEVER });
    expect(opened.kind === "encoded" && (await sharp(opened.bytes).metadata()).width).toBe(20);
  });

  test("is the bitmap in it, at half the height that it claims, the mask ignored", async () => {
    const bytes = iconBitmap(24, [
      [1, 2, 3, 4, 5, 6],
      [7, 8, 9, 10, 11, 12],
    ]);
    const source = await read(icon({ width: 2, height: 2, bytes }));
    expect(source.meta).toMatchObject({ width: 2, height: 2, hasAlpha: false, channels: 3 });
    const opened = await openSource(source, { codecs, signal: NEVER });
    expect(opened.kind === "raw" && [...opened.image.data]).toEqual([9, 8, 7, 12, 11, 10, 3, 2, 1, 6, 5, 4]);
  });

  test("has alpha from 32-bit bitmaps and passes no palette on", async () => {
    expect(
      (await read(icon({ width: 2, height: 1, bytes: iconBitmap(32, [[1, 2, 3, 4, 5, 6, 7, 8]]) }))).meta.hasAlpha,
    ).toBeTrue();
    const indexed = iconBitmap(
      8,
      [[0, 1]],
      [
        [255, 0, 0],
        [0, 255, 0],
      ],
    );
    expect((await read(icon({ width: 2, height: 1, bytes: indexed }))).meta).toMatchObject({
      paletteBits: 0,
      channels: 3,
    });
  });

  test("is measured by its own header, not by what the directory claims", async () => {
    const source = icon({ width: 16, height: 16, bytes: await png(300, 200) });
    expect((await read(source)).meta).toMatchObject({ width: 300, height: 200 });
    await expect(read(source, { maxSrcResolution: 59_999 })).rejects.toMatchObject({ kind: "invalid_image" });
  });

  test.each([
    ["no entries", icon()],
    ["a directory that is cut off", icon(entry(1, 1, "a")).subarray(0, 12)],
    ["a picture outside the file", icon({ ...entry(1, 1, "a"), offset: 1e6 })],
    ["an empty picture", icon({ ...entry(1, 1, "a"), size: 0 })],
    ["a broken bitmap", icon({ width: 1, height: 1, bytes: new Uint8Array(40) })],
  ])("is refused with %s", async (_, bytes) => {
    await expect(read(bytes)).rejects.toMatchObject({ kind: "invalid_image" });
  });
});

describe("encodeIcon", () => {
  test("wraps one PNG", async () => {
    const picture = await png(256, 20, 3);
    const file = Buffer.from(encodeIcon({ png: picture, width: 256, height: 20, channels: 3 }));
    expect(file.subarray(0, 22).toString("hex")).toBe(`0000010001000014000001001800${u32(picture.length)}16000000`);
    expect(Buffer.from(readIcon(file).bytes).equals(picture)).toBeTrue();
  });

  test("refuses what the format cannot say", () => {
    expect(() => encodeIcon({ png: new Uint8Array(0), width: 257, height: 1, channels: 4 })).toThrow("above 256×256");
  });
});

function u32(value: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes.toString("hex");
}
