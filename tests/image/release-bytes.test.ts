import { expect, test } from "bun:test";
import sharp from "sharp";
import { releaseBytes } from "../../src/image/release-bytes.ts";

const BYTES = 256 * 1024;

test("released bytes are empty, and so are views of them", () => {
  const bytes = new Uint8Array(BYTES).fill(7);
  const view = bytes.subarray(10, 20);
  releaseBytes(bytes);
  expect(bytes.length).toBe(0);
  expect(view.length).toBe(0);
});

test("what sharp has read and made can be released", async () => {
  const pixels = Buffer.alloc(300 * 300 * 3, 99);
  const image = sharp(pixels, { raw: { width: 300, height: 300, channels: 3 } });
  const result = await image.raw().toBuffer();
  expect(result[0]).toBe(99);
  releaseBytes(pixels);
  releaseBytes(result);
  expect(pixels.length).toBe(0);
  expect(result.length).toBe(0);
});

const KEPT: readonly (readonly [string, Uint8Array])[] = [
  ["small ones", new Uint8Array(1000)],
  ["a part of a larger buffer", new Uint8Array(2 * BYTES).subarray(0, BYTES)],
  ["shared memory", new Uint8Array(new SharedArrayBuffer(BYTES))],
];

test.each(KEPT)("%s are left alone", (_, bytes) => {
  const { length } = bytes;
  releaseBytes(bytes);
  expect(bytes.length).toBe(length);
});

test("memory goes back without a garbage collection", () => {
  const before = process.memoryUsage.rss();
  for (let round = 0; round < 200; round++) {
    const bytes = new Uint8Array(8 * 1024 * 1024).fill(round);
    releaseBytes(bytes);
  }
  expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 1024 * 1024);
});
