import { afterAll, describe, expect, test } from "bun:test";
import sharp from "sharp";
import { AppError } from "../../src/errors.ts";
import { encodeIcon } from "../../src/image/ico.ts";
import { openSource } from "../../src/image/open-source.ts";
import { sanitizeSvg } from "../../src/image/svg/sanitize-svg.ts";
import { CodecPool } from "../../src/image/wasm/codec-pool.ts";
import { bmpFile } from "./bmp/bmp-writer.ts";
import { fixture, NEVER, randomNumbers, read } from "./samples.ts";

const codecs = new CodecPool();
afterAll(() => codecs.close());

/** One to eight bytes changed, and one time in three the end cut off. */
function mutate(bytes: Uint8Array, random: () => number): Uint8Array {
  const mutated = Uint8Array.from(bytes);
  for (let i = Math.floor(random() * 8); i >= 0; i--) {
    // The beginning holds what decides about sizes.
    const reach = random() < 0.5 ? Math.min(mutated.length, 160) : mutated.length;
    mutated[Math.floor(random() * reach)] = random() < 0.3 ? 255 : Math.floor(random() * 256);
  }
  return random() < 0.33 ? mutated.subarray(0, Math.floor(random() * mutated.length)) : mutated;
}

const LIMITS = { maxSrcResolution: 1_000_000 };

/** Reads and decodes; what is refused must be refused as an `AppError` that blames the file. */
async function survives(bytes: Uint8Array): Promise<"decoded" | "refused"> {
  try {
    const source = await read(bytes, LIMITS, codecs);
    const opened = await openSource(source, { codecs, signal: AbortSignal.timeout(10_000) });
    if (opened.kind === "raw") {
      const { data, width, height, channels, bits } = opened.image;
      expect(data.length).toBe(width * height * channels * (bits / 8));
      expect(width * height).toBeLessThanOrEqual(2 * LIMITS.maxSrcResolution);
    }
    return "decoded";
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    expect([error.kind, error.status]).toEqual([expect.stringMatching(/^(invalid|broken)_image$/), 422]);
    return "refused";
  }
}

const palette = [
  [255, 0, 0],
  [0, 255, 0],
] as const;
const SAMPLES: readonly (readonly [string, number, () => Uint8Array | Promise<Uint8Array>])[] = [
  [
    "BMP of 24 bits",
    400,
    () => bmpFile({ width: 8, height: 4, bits: 24, rows: Array.from({ length: 4 }, () => Array(24).fill(9)) }),
  ],
  [
    "BMP with masks",
    400,
    () =>
      bmpFile({
        width: 8,
        height: 4,
        bits: 32,
        compression: 3,
        headerBytes: 124,
        masks: [0xff0000, 0xff00, 0xff, 0xff000000],
        rows: Array.from({ length: 4 }, () => Array(32).fill(9)),
      }),
  ],
  [
    "BMP with a palette",
    400,
    () => bmpFile({ width: 8, height: 4, bits: 4, palette, rows: Array.from({ length: 4 }, () => [1, 16, 17, 0]) }),
  ],
  [
    "BMP of RLE8",
    400,
    () =>
      bmpFile({
        width: 8,
        height: 4,
        bits: 8,
        compression: 1,
        palette,
        rows: [[3, 1, 0, 3, 1, 0, 1, 0, 0, 0, 0, 2, 1, 1, 4, 1, 0, 1]],
      }),
  ],
  [
    "BMP of RLE4",
    400,
    () =>
      bmpFile({
        width: 8,
        height: 4,
        bits: 4,
        compression: 2,
        palette,
        rows: [[3, 0x10, 0, 5, 0x10, 0x10, 0x10, 0, 0, 0, 0, 1]],
      }),
  ],
  [
    "icon of PNG",
    200,
    async () =>
      encodeIcon({
        png: await sharp({ create: { width: 16, height: 16, channels: 4, background: "red" } })
          .png()
          .toBuffer(),
        width: 16,
        height: 16,
        channels: 4,
      }),
  ],
  [
    "icon of a bitmap",
    300,
    () =>
      icon(bmpFile({ width: 4, height: 8, bits: 32, rows: Array.from({ length: 4 }, () => Array(16).fill(9)) }, false)),
  ],
  ["JPEG XL in a container", 25, () => fixture("container-48x32.jxl")],
  ["JPEG XL with metadata", 25, () => fixture("exif-48x32.jxl")],
  ["JPEG XL with a profile", 25, () => fixture("p3-lossless-48x32.jxl")],
  ["JPEG XL with colours to apply", 25, () => fixture("power-lossy-48x32.jxl")],
  ["HEIC", 60, () => fixture("alpha-48x32.heic")],
];

describe("mutated and truncated files are decoded or refused", () => {
  test.each(SAMPLES)(
    "%s",
    async (name, rounds, make) => {
      const bytes = await make();
      expect(await survives(bytes)).toBe("decoded");
      const random = randomNumbers(name.length * 7919);
      const before = process.memoryUsage.rss();
      for (let round = 0; round < rounds; round++) await survives(mutate(bytes, random));
      expect(process.memoryUsage.rss() - before).toBeLessThan(300 * 2 ** 20);
    },
    60_000,
  );

  test("SVG, read and sanitised", async () => {
    const svg = Buffer.from(
      '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg" width="9mm" height="9"><style>@import "x";a{b:url(c)}</style><g id="&c;" onclick="x"><![CDATA[x]]></g></svg>',
    );
    const random = randomNumbers(11);
    for (let round = 0; round < 300; round++) {
      const mutated = mutate(svg, random);
      await survives(mutated);
      const outcome = await sanitizeSvg(mutated, NEVER).catch((error) => error);
      expect(outcome instanceof Uint8Array || (outcome instanceof AppError && outcome.status === 422)).toBeTrue();
    }
  });
});

describe("files that lie about their size", () => {
  test("are refused by what they claim, without the memory for it", async () => {
    const before = process.memoryUsage.rss();
    for (const [width, height] of [
      [0x7fffffff, 0x7fffffff],
      [0x7fffffff, 1],
      [1, -0x80000000],
    ] as const) {
      expect(await survives(bmpFile({ width, height, bits: 1, palette, rows: [[1]] }))).toBe("refused");
    }
    expect(process.memoryUsage.rss() - before).toBeLessThan(50 * 2 ** 20);
  });

  test("cost what the limit allows and give an empty picture", async () => {
    expect(await survives(bmpFile({ width: 1000, height: 1000, bits: 24, rows: [] }))).toBe("decoded");
  });

  test("do not get large pictures past a small header in HEIC", async () => {
    const bytes = Buffer.from(await fixture("rgb-48x32.heic"));
    const ispe = bytes.indexOf("ispe");
    bytes.writeUInt32BE(8, ispe + 8);
    bytes.writeUInt32BE(8, ispe + 12);
    await survives(bytes);
  });
});

function icon(bitmap: Uint8Array): Uint8Array {
  const head = Buffer.from([0, 0, 1, 0, 1, 0, 4, 4, 0, 0, 1, 0, 32, 0, 0, 0, 0, 0, 22, 0, 0, 0]);
  head.writeUInt32LE(bitmap.length, 14);
  return Buffer.concat([head, bitmap]);
}
