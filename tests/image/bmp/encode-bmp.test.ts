import { describe, expect, test } from "bun:test";
import { decodeBmp } from "../../../src/image/bmp/decode-bmp.ts";
import { encodeBmp } from "../../../src/image/bmp/encode-bmp.ts";
import type { RawImage } from "../../../src/image/types.ts";
import { NEVER } from "../samples.ts";

const image = (channels: RawImage["channels"], data: readonly number[], bits: 8 | 16 = 8): RawImage => ({
  // Buffers, as sharp gives them: they may be a part of a larger one.
  data: Buffer.from(bits === 16 ? new Uint8Array(Uint16Array.from(data).buffer) : Uint8Array.from(data)),
  width: 3,
  height: 2,
  channels,
  bits,
});
const counting = (length: number) => Array.from({ length }, (_, index) => index + 1);

describe("encodeBmp", () => {
  test("writes RGB with a version 5 header, rows top to bottom and padded to four bytes", () => {
    const file = Buffer.from(encodeBmp(image(3, counting(18))));
    expect(file.subarray(0, 54).toString("hex")).toBe(
      "424da200000000000000" +
        "8a000000" +
        "7c000000" +
        "03000000" +
        "feffffff" +
        "0100" +
        "1800" +
        "00000000" +
        "18000000" +
        "00".repeat(16),
    );
    expect(file.subarray(54, 74).toString("hex")).toBe("0000ff00" + "00ff0000" + "ff000000" + "000000ff" + "42475273");
    expect(file.subarray(122, 126).toString("hex")).toBe("04000000");
    expect([...file.subarray(138)]).toEqual([
      3, 2, 1, 6, 5, 4, 9, 8, 7, 0, 0, 0, 12, 11, 10, 15, 14, 13, 18, 17, 16, 0, 0, 0,
    ]);
  });

  test("writes grey as indexes into a grey palette", () => {
    const file = Buffer.from(encodeBmp(image(1, counting(6))));
    expect([file.readUInt32LE(10), file.readUInt32LE(14), file.readUInt16LE(28), file.readInt32LE(22)]).toEqual([
      1078, 40, 8, -2,
    ]);
    expect([...file.subarray(54 + 4 * 200, 58 + 4 * 200)]).toEqual([200, 200, 200, 0]);
    expect([...file.subarray(1078)]).toEqual([1, 2, 3, 0, 4, 5, 6, 0]);
  });

  test.each([
    [3, counting(18), counting(18)],
    [4, counting(24), counting(24)],
    [1, [7, 8, 9, 10, 11, 12], [7, 8, 9, 10, 11, 12].flatMap((v) => [v, v, v])],
    [
      2,
      [7, 255, 8, 0, 9, 1, 10, 2, 11, 3, 12, 4],
      [7, 7, 7, 255, 8, 8, 8, 0, 9, 9, 9, 1, 10, 10, 10, 2, 11, 11, 11, 3, 12, 12, 12, 4],
    ],
  ] as const)("comes back from the decoder with %d channels", async (channels, data, expected) => {
    // Only the alpha of a version 5 header without bit fields is read back, which is what the reference writes.
    const decoded = await decodeBmp(encodeBmp(image(channels, data)), NEVER);
    expect([...decoded.data]).toEqual([...expected]);
  });

  test("keeps the high byte of 16-bit samples", async () => {
    const decoded = await decodeBmp(
      encodeBmp(
        image(
          3,
          counting(18).map((v) => v * 257),
          16,
        ),
      ),
      NEVER,
    );
    expect([...decoded.data]).toEqual(counting(18));
  });
});
