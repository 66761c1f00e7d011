import { describe, expect, test } from "bun:test";
import { decodeBmp } from "../../../src/image/bmp/decode-bmp.ts";
import { NEVER, pixelAt } from "../samples.ts";
import { type BmpSpec, bmpFile } from "./bmp-writer.ts";

const decode = (spec: BmpSpec) => decodeBmp(bmpFile(spec), NEVER);
const RED = [255, 0, 0] as const;
const GREEN = [0, 255, 0] as const;
const BLUE = [0, 0, 255] as const;
const WHITE = [255, 255, 255] as const;
const RED_GREEN_BLUE_WHITE = [...RED, ...GREEN, ...BLUE, ...WHITE];

describe("decodeBmp, 2×2 pixels red green / blue white", () => {
  const size = { width: 2, height: 2 } as const;
  const palette = [RED, GREEN, BLUE, WHITE] as const;
  const cases: readonly (readonly [string, BmpSpec])[] = [
    ["1 bit", { ...size, bits: 1, palette: [RED, GREEN], rows: [[0b01000000], [0b01000000]] }],
    ["2 bits", { ...size, bits: 2, palette, rows: [[0b10110000], [0b00010000]] }],
    ["4 bits", { ...size, bits: 4, palette, rows: [[0x23], [0x01]] }],
    [
      "8 bits",
      {
        ...size,
        bits: 8,
        palette,
        rows: [
          [2, 3],
          [0, 1],
        ],
      },
    ],
    [
      "8 bits, top-down",
      {
        ...size,
        height: -2,
        bits: 8,
        palette,
        rows: [
          [0, 1],
          [2, 3],
        ],
      },
    ],
    [
      "8 bits, 12-byte header",
      {
        ...size,
        bits: 8,
        headerBytes: 12,
        palette: fill(palette),
        rows: [
          [2, 3],
          [0, 1],
        ],
      },
    ],
    [
      "8 bits, RLE8",
      {
        ...size,
        bits: 8,
        compression: 1,
        palette,
        rows: [
          [1, 2, 1, 3, 0, 0],
          [1, 0, 1, 1, 0, 1],
        ],
      },
    ],
    [
      "8 bits, RLE8 runs over both rows",
      {
        ...size,
        bits: 8,
        compression: 1,
        palette,
        rows: [
          [1, 2, 5, 3, 0, 0],
          [1, 0, 5, 1],
        ],
      },
    ],
    [
      "4 bits, RLE4",
      {
        ...size,
        bits: 4,
        compression: 2,
        palette,
        rows: [
          [2, 0x23, 0, 0],
          [2, 0x01, 0, 1],
        ],
      },
    ],
    [
      "16 bits, 555",
      {
        ...size,
        bits: 16,
        rows: [
          [0x1f, 0, 0xff, 0x7f],
          [0, 0x7c, 0xe0, 0x03],
        ],
      },
    ],
    [
      "16 bits, 565",
      {
        ...size,
        bits: 16,
        compression: 3,
        masks: [0xf800, 0x07e0, 0x1f],
        rows: [
          [0x1f, 0, 0xff, 0xff],
          [0, 0xf8, 0xe0, 0x07],
        ],
      },
    ],
    [
      "24 bits",
      {
        ...size,
        bits: 24,
        rows: [
          [255, 0, 0, 255, 255, 255],
          [0, 0, 255, 0, 255, 0],
        ],
      },
    ],
    [
      "32 bits, masks in a 108-byte header without alpha",
      {
        ...size,
        bits: 32,
        compression: 3,
        headerBytes: 108,
        masks: [0xff, 0xff00, 0xff0000, 0],
        rows: [
          [0, 0, 255, 0, 255, 255, 255, 0],
          [255, 0, 0, 0, 0, 255, 0, 0],
        ],
      },
    ],
    [
      "32 bits, 10 bits a channel",
      {
        ...size,
        bits: 32,
        compression: 3,
        masks: [0x3ff00000, 0xffc00, 0x3ff],
        headerBytes: 52,
        rows: [
          [...u32(0x3ff), ...u32(0x3fffffff)],
          [...u32(0x3ff00000), ...u32(0xffc00)],
        ],
      },
    ],
  ];
  test.each(cases)("%s", async (name, spec) => {
    const image = await decode(spec);
    // One bit has two colours only; five and six bits are brought to eight by shifting, as the reference does.
    const expected = name === "1 bit" ? [...RED, ...GREEN, ...RED, ...GREEN] : RED_GREEN_BLUE_WHITE;
    const floor = (value: number) => (name.startsWith("16 bits") ? value & 0xf8 : value);
    expect([...image.data].map(floor)).toEqual(expected.map(floor));
    expect([image.width, image.height, image.channels, image.bits]).toEqual([2, 2, 3, 8]);
  });
});

describe("alpha", () => {
  const pixel = [1, 2, 3, 77];
  test("is the fourth byte under a 40-byte header", async () => {
    const image = await decode({ width: 1, height: 1, bits: 32, rows: [pixel] });
    expect([image.channels, ...image.data]).toEqual([4, 3, 2, 1, 77]);
  });

  test("is where the mask of a longer header says", async () => {
    const masks = [0xff000000, 0xff0000, 0xff00, 0xff];
    const image = await decode({
      width: 1,
      height: 1,
      bits: 32,
      headerBytes: 124,
      compression: 3,
      masks,
      rows: [pixel],
    });
    expect([image.channels, ...image.data]).toEqual([4, 77, 3, 2, 1]);
  });

  test("may have four bits", async () => {
    const masks = [0xf00, 0xf0, 0xf, 0xf000];
    const image = await decode({
      width: 1,
      height: 1,
      bits: 16,
      headerBytes: 108,
      compression: 3,
      masks,
      rows: [[0x34, 0x82]],
    });
    expect([...image.data]).toEqual([0x20, 0x30, 0x40, 0x80]);
  });

  test("counts as unused when it is zero everywhere", async () => {
    const image = await decode({ width: 2, height: 1, bits: 32, rows: [[1, 2, 3, 0, 4, 5, 6, 0]] });
    expect([...image.data]).toEqual([3, 2, 1, 255, 6, 5, 4, 255]);
  });
});

describe("run-length data", () => {
  const palette = [BLUE, RED, GREEN] as const;
  const at = async (rows: number[][], points: readonly (readonly [number, number])[]) => {
    const image = await decode({ width: 6, height: 3, bits: 8, compression: 1, palette, rows });
    return points.map(([x, y]) => pixelAt(image, x, y));
  };

  test("jumps with a delta and leaves index 0 behind", async () => {
    const rows = [[2, 1, 0, 2, 2, 1, 1, 2, 0, 1]];
    expect(
      await at(rows, [
        [0, 2],
        [2, 2],
        [4, 1],
        [3, 1],
      ]),
    ).toEqual([[...RED], [...BLUE], [...GREEN], [...BLUE]]);
  });

  test("pads literals to 16 bits", async () => {
    const rows = [[0, 3, 1, 2, 1, 99, 3, 2, 0, 1]];
    expect(
      await at(rows, [
        [0, 2],
        [1, 2],
        [2, 2],
        [3, 2],
        [5, 2],
      ]),
    ).toEqual([[...RED], [...GREEN], [...RED], [...GREEN], [...GREEN]]);
  });

  test("is cut at the end of the row, not carried over", async () => {
    expect(
      await at(
        [[255, 1, 0, 1]],
        [
          [5, 2],
          [0, 1],
        ],
      ),
    ).toEqual([[...RED], [...BLUE]]);
  });

  test("may end early or jump out of the picture", async () => {
    expect(
      await at(
        [[1, 1]],
        [
          [0, 2],
          [1, 2],
        ],
      ),
    ).toEqual([[...RED], [...BLUE]]);
    expect(await at([[0, 2, 0, 200, 5, 1]], [[0, 0]])).toEqual([[...BLUE]]);
  });

  test("has alternating halves in RLE4", async () => {
    const image = await decode({ width: 5, height: 1, bits: 4, compression: 2, palette, rows: [[5, 0x12, 0, 1]] });
    expect([0, 1, 2, 3, 4].map((x) => pixelAt(image, x, 0))).toEqual([
      [...RED],
      [...GREEN],
      [...RED],
      [...GREEN],
      [...RED],
    ]);
  });
});

describe("broken files", () => {
  test("give what there is of their pixels", async () => {
    const whole = bmpFile({
      width: 2,
      height: 2,
      bits: 24,
      rows: [
        [255, 0, 0, 255, 0, 0],
        [0, 0, 255, 0, 0, 255],
      ],
    });
    const image = await decodeBmp(whole.subarray(0, whole.length - 5), NEVER);
    expect(pixelAt(image, 0, 1)).toEqual([...BLUE]);
    expect(pixelAt(image, 0, 0)).toEqual([...RED]);
    expect(pixelAt(image, 1, 0)).toEqual([0, 0, 0]);
  });

  test("have black for indexes beyond the palette", async () => {
    const image = await decode({ width: 1, height: 1, bits: 8, palette: [WHITE], rows: [[200]] });
    expect([...image.data]).toEqual([0, 0, 0]);
  });

  test.each([
    ["an unknown header length", { headerBytes: 41 }],
    ["40 bits a pixel", { bits: 40 }],
    ["two planes", { planes: 2 }],
    ["no width", { width: 0 }],
    ["a negative width", { width: -1 }],
    ["no height", { height: 0 }],
    ["JPEG inside", { compression: 4 }],
    ["RLE8 for 4 bits", { bits: 4, compression: 1 }],
    ["masks for 24 bits", { compression: 3 }],
  ] as const)("are refused for %s", async (_, change) => {
    const spec: BmpSpec = { width: 1, height: 1, bits: 24, rows: [[1, 2, 3]], ...change };
    await expect(decode(spec)).rejects.toMatchObject({ kind: "invalid_image" });
  });

  test("are refused when cut within the header", async () => {
    const whole = bmpFile({ width: 1, height: 1, bits: 24, rows: [[1, 2, 3]] });
    for (const length of [0, 2, 14, 20, 53]) {
      await expect(decodeBmp(whole.subarray(0, length), NEVER)).rejects.toMatchObject({ kind: "invalid_image" });
    }
  });
});

test("decoding stops when its signal fires", async () => {
  const spec: BmpSpec = {
    width: 2000,
    height: 2000,
    bits: 24,
    rows: Array.from({ length: 2000 }, () => Array(6000).fill(1)),
  };
  const file = bmpFile(spec);
  const controller = new AbortController();
  const decoding = decodeBmp(file, controller.signal);
  controller.abort(new Error("gone"));
  await expect(decoding).rejects.toMatchObject({ kind: "cancelled", message: "gone" });
});

function fill(palette: readonly (readonly [number, number, number])[]) {
  return Array.from({ length: 256 }, (_, index) => palette[index] ?? ([0, 0, 0] as const));
}

function u32(value: number): number[] {
  return [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];
}
