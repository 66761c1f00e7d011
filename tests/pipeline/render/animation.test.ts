import { describe, expect, test } from "bun:test";
import sharp from "sharp";
import type { RawImage } from "../../../src/image/types.ts";
import { failureOf } from "../../support/failure.ts";
import { draw, isNear, pixel, plain } from "../pictures.ts";
import { run, watermarkOf } from "../requests.ts";

const COLOURS = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 0],
] as const;
const WIDTH = 60;
const HEIGHT = 40;
const DELAYS = [100, 200, 300, 400];

/** Four frames: one colour each, and a white box that moves right. */
const strip = draw({ width: WIDTH, height: HEIGHT * 4, channels: 3 }, (x, y) => {
  const frame = Math.floor(y / HEIGHT);
  const isBox = x >= frame * 10 && x < frame * 10 + 10 && y % HEIGHT < 10;
  return isBox ? [255, 255, 255] : (COLOURS[frame] ?? []);
});

function animation() {
  return sharp(strip.data, { raw: { width: WIDTH, height: HEIGHT * 4, channels: 3, pageHeight: HEIGHT } });
}

const GIF = await animation().gif({ delay: DELAYS, loop: 3 }).toBuffer();
const WEBP = await animation().webp({ delay: DELAYS, loop: 3, lossless: true }).toBuffer();
const ALL = { IMGPROXY_MAX_ANIMATION_FRAMES: "100" };

async function frames(bytes: Uint8Array): Promise<RawImage[]> {
  const { data, info } = await sharp(bytes, { animated: true })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const height = info.pageHeight ?? info.height;
  const size = info.width * height * 3;
  return Array.from({ length: info.height / height }, (_, index) => ({
    data: data.subarray(index * size, (index + 1) * size),
    width: info.width,
    height,
    channels: 3,
    bits: 8,
  }));
}

describe("an animation", () => {
  test.each([
    ["GIF to WebP", GIF, "@webp"],
    ["WebP to GIF", WEBP, "@gif"],
    ["GIF to GIF", GIF, ""],
  ])("keeps frames, delays and loops: %s", async (_, source, text) => {
    const result = await run(source, `w:30${text}`, { variables: ALL });
    const meta = await sharp(result.bytes, { animated: true }).metadata();
    expect([result.frames, result.width, result.height]).toEqual([4, 30, 20]);
    expect([meta.pages, meta.pageHeight, meta.loop, meta.delay]).toEqual([4, 20, 3, DELAYS]);
    for (const [index, frame] of (await frames(result.bytes)).entries()) {
      expect(isNear(pixel(frame, 29, 19), [...(COLOURS[index] ?? [])], 6)).toBe(true);
    }
  });

  test("is cut to the frames allowed", async () => {
    const result = await run(GIF, "maf:2@webp");
    const meta = await sharp(result.bytes, { animated: true }).metadata();
    expect([result.frames, meta.pages, meta.delay]).toEqual([2, 2, [100, 200]]);
  });

  test("is a picture of its first frame by default, and in formats that stand still", async () => {
    for (const [text, variables] of [
      ["@webp", {}],
      ["@png", ALL],
      ["@jpg", ALL],
      ["w:20@avif", ALL],
    ] as const) {
      const result = await run(GIF, text, { variables });
      expect(result.frames).toBe(1);
      const [first, second] = await frames(result.bytes);
      expect(second).toBeUndefined();
      if (first === undefined) throw new Error("no frame");
      expect(isNear(pixel(first, first.width - 1, first.height - 1), [255, 0, 0], 6)).toBe(true);
    }
  });

  test("has every option applied to every frame, with nothing bleeding over", async () => {
    const text = "c:40:20:so/rs:fill:30:20/g:we/rot:90/fl:1/pd:2/bg:808080/q:100@webp";
    const result = await run(GIF, text, { variables: ALL });
    expect([result.width, result.height]).toEqual([34, 24]);
    for (const [index, frame] of (await frames(result.bytes)).entries()) {
      expect(isNear(pixel(frame, 0, 0), [128, 128, 128], 6)).toBe(true);
      expect(isNear(pixel(frame, 20, 12), [...(COLOURS[index] ?? [])], 6)).toBe(true);
    }
  });

  test("takes filters, smart crops and watermarks", async () => {
    const watermark = await watermarkOf(await plain(10, 10, [0, 0, 0]));
    const result = await run(GIF, "rs:fill:30:30/g:sm/bl:.5/pix:2/wm:1:soea@gif", { variables: ALL, watermark });
    for (const frame of await frames(result.bytes)) {
      expect([frame.width, frame.height]).toEqual([30, 30]);
      expect(isNear(pixel(frame, 29, 29), [0, 0, 0], 6)).toBe(true);
    }
  });

  test("ignores trim", async () => {
    const result = await run(GIF, "t:10@gif", { variables: ALL });
    expect([result.width, result.height, result.frames]).toEqual([60, 40, 4]);
  });

  test("is refused when its frames together are too large, unless they are judged one by one", async () => {
    // 60 × 40 × 4 are 9600 pixels.
    const failure = await failureOf(run(GIF, "msr:0.005@gif", { variables: ALL }));
    expect(failure.kind).toBe("invalid_image");
    expect((await run(GIF, "msr:0.005/mafr:0.003@gif", { variables: ALL })).frames).toBe(4);
    expect((await run(GIF, "msr:0.005@png", { variables: ALL })).frames).toBe(1);
  });

  test("gives 40 milliseconds to frames that say nothing", async () => {
    const silent = await animation().gif({ delay: 0 }).toBuffer();
    const meta = await sharp((await run(silent, "@webp", { variables: ALL })).bytes, { animated: true }).metadata();
    expect(meta.pages).toBe(4);
    expect(meta.delay?.every((delay) => delay > 0)).toBe(true);
  });

  test("may be made to fit a number of bytes", async () => {
    const free = await run(WEBP, "q:90@webp", { variables: ALL });
    const tight = await run(WEBP, `q:90/mb:${free.bytes.length - 1}@webp`, { variables: ALL });
    expect(tight.bytes.length).toBeLessThan(free.bytes.length);
    expect(tight.frames).toBe(4);
  });
});
