import { expect, test } from "bun:test";
import type { RawImage } from "../../../src/image/types.ts";
import { EMPTY_PASS, type Pass } from "../../../src/pipeline/plan/pass.ts";
import { applyPass } from "../../../src/pipeline/render/apply-pass.ts";
import { openPixels } from "../../../src/pipeline/render/picture.ts";
import { scaleFrames } from "../../../src/pipeline/render/scale-frames.ts";
import { runToPixels } from "../../../src/pipeline/render/sharp-job.ts";
import { randomNumbers } from "../../image/samples.ts";

const LIMITS = { signal: new AbortController().signal, settings: { timeoutSeconds: 10 } };

/** Noise, the worst case: whatever bleeds from one frame into the next shows. */
function noise(width: number, height: number, channels: 3 | 4): RawImage {
  const random = randomNumbers(width + height);
  const data = Buffer.from(Array.from({ length: width * height * channels }, () => random() * 256));
  return { data, width, height, channels, bits: 8 };
}

function passTo(width: number, height: number, cut: Pass["cut"], hasAlpha: boolean): Pass {
  const result = {
    width: cut?.width ?? width,
    height: cut?.height ?? height,
    hasAlpha,
    isGrey: false,
    bits: 8 as const,
  };
  return { ...EMPTY_PASS, output: "srgb", resize: { width, height }, cut, result };
}

test.each([
  { frame: [64, 48], to: [32, 24], channels: 4 },
  { frame: [60, 90], to: [40, 60], channels: 3 },
  { frame: [50, 120], to: [20, 48], channels: 4 },
  // Blocks of rows are averaged before the kernel, the last of them not full.
  { frame: [33, 148], to: [16, 37], channels: 4 },
  { frame: [20, 215], to: [10, 43], channels: 3 },
  { frame: [31, 232], to: [9, 29], channels: 4 },
  { frame: [64, 96], to: [48, 72], channels: 3, cut: { left: 7, top: 5, width: 30, height: 60 } },
] as const)("scaled together, frames have the pixels that each would have alone: $frame to $to", async (row) => {
  const { frame, to, channels } = row;
  const [width, height] = frame;
  const count = 5;
  const strip = noise(width, height * count, channels);
  const pass = passTo(to[0], to[1], "cut" in row ? row.cut : null, channels === 4);
  const together = await scaleFrames(strip, { count, height }, pass, LIMITS);
  if (together === null) throw new Error("frame by frame");
  expect(together).toHaveLength(count);
  const frameBytes = width * height * channels;
  for (const [index, scaled] of together.entries()) {
    const alone = { ...strip, height, data: strip.data.subarray(index * frameBytes, (index + 1) * frameBytes) };
    const input = { pass, inputSize: alone, forbidsReload: false, overlay: null };
    const expected = await runToPixels(applyPass(openPixels(alone), input), 8, "test", LIMITS);
    expect([scaled.width, scaled.height]).toEqual([expected.width, expected.height]);
    expect(Buffer.from(scaled.data).equals(Buffer.from(expected.data))).toBeTrue();
  }
});

test.each([
  { frame: [130, 109], resize: { width: 61, height: null }, size: [61, 51] },
  { frame: [111, 140], resize: { width: null, height: 59 }, size: [47, 59] },
  { frame: [120, 271], resize: { width: 40, height: 100 }, size: [40, 100] },
] as const)(
  "sizes of crooked fractions come out as each frame alone, but for a few levels: $frame to $resize",
  async (row) => {
    const [width, height] = row.frame;
    const strip = noise(width, height * 4, 3);
    const pass: Pass = { ...passTo(row.size[0], row.size[1], null, false), resize: row.resize };
    const together = await scaleFrames(strip, { count: 4, height }, pass, LIMITS);
    if (together === null) throw new Error("frame by frame");
    const frameBytes = width * height * 3;
    for (const [index, scaled] of together.entries()) {
      const alone = { ...strip, height, data: strip.data.subarray(index * frameBytes, (index + 1) * frameBytes) };
      const input = { pass, inputSize: alone, forbidsReload: false, overlay: null };
      const expected = await runToPixels(applyPass(openPixels(alone), input), 8, "test", LIMITS);
      expect([scaled.width, scaled.height]).toEqual([expected.width, expected.height]);
      const largest = expected.data.reduce(
        (most, value, at) => Math.max(most, Math.abs(value - (scaled.data[at] ?? 0))),
        0,
      );
      expect(largest).toBeLessThanOrEqual(4);
    }
  },
);

test("many frames take several jobs", async () => {
  const count = 60;
  const strip = noise(200, 100 * count, 3);
  const scaled = await scaleFrames(strip, { count, height: 100 }, passTo(100, 50, null, false), LIMITS);
  expect(scaled).toHaveLength(count);
  const sizes = new Set(scaled?.map(({ data }) => data.length));
  expect([...sizes]).toEqual([100 * 50 * 3]);
});
