import { describe, expect, test } from "bun:test";
import { equalise } from "../../../src/pipeline/render/trim.ts";
import { decode, draw, pixel, plain, png } from "../pictures.ts";
import { run } from "../requests.ts";

/** A blue box of 40 × 30 at 20,10 of 100 × 60 in `ground`. */
function framed(ground: readonly number[], box: readonly number[] = [0, 0, 255]) {
  // Three or four bands.
  const channels = ground.length as 3 | 4;
  return png(
    draw({ width: 100, height: 60, channels }, (x, y) => (x >= 20 && x < 60 && y >= 10 && y < 40 ? box : ground)),
  );
}

const ON_WHITE = await framed([255, 255, 255]);

async function sizeOf(source: Uint8Array, text: string): Promise<string> {
  const result = await run(source, `${text}@png`);
  const image = await decode(result.bytes);
  expect([result.width, result.height]).toEqual([image.width, image.height]);
  return `${image.width}x${image.height}`;
}

describe("trim", () => {
  test.each([
    ["t:10", "40x30"],
    ["t:10:ffffff", "40x30"],
    ["t:10:00ff00", "100x60"],
    ["t:10::1", "60x30"],
    ["t:10::0:1", "40x40"],
    ["t:10::1:1", "60x40"],
    ["t:", "100x60"],
    ["t:10/w:20", "20x15"],
    ["t:10/c:20:10", "20x10"],
    ["t:10/rs:fill:30:30/g:we", "30x30"],
    ["t:10/rot:90", "30x40"],
    ["t:10/w:15/dpr:1.5", "23x17"],
    ["t:10/pd:5", "50x40"],
    ["t:10/w:80", "40x30"],
    ["t:10/rs:fill:20:20/g:sm", "20x20"],
  ])("%s leaves %s", async (text, expected) => {
    expect(await sizeOf(ON_WHITE, text)).toBe(expected);
  });

  test("leaves exactly the box", async () => {
    const image = await decode((await run(ON_WHITE, "t:10@png")).bytes);
    for (const [x, y] of [
      [0, 0],
      [39, 0],
      [0, 29],
      [39, 29],
    ] as const)
      expect(pixel(image, x, y)).toEqual([0, 0, 255]);
  });

  test("takes transparency for magenta, and cuts the picture as it was", async () => {
    const source = await framed([9, 9, 9, 0], [0, 0, 255, 128]);
    expect(await sizeOf(source, "t:10")).toBe("40x30");
    expect(await sizeOf(source, "t:10:ff00ff")).toBe("40x30");
    const image = await decode((await run(source, "t:10@png")).bytes);
    expect(pixel(image, 0, 0)).toEqual([0, 0, 255, 128]);
  });

  test("leaves a picture of one colour alone, and one too small to search", async () => {
    expect(await sizeOf(await plain(50, 50, [9, 9, 9]), "t:10")).toBe("50x50");
    expect(await sizeOf(await plain(2, 2, [9, 9, 9]), "t:10")).toBe("2x2");
    expect(await sizeOf(await plain(1, 50, [9, 9, 9]), "t:10")).toBe("1x50");
  });

  test("works on grey and on drawings", async () => {
    const grey = await png(
      draw({ width: 50, height: 40, channels: 1 }, (x, y) => (x > 9 && x < 30 && y > 9 && y < 20 ? [0] : [255])),
    );
    expect(await sizeOf(grey, "t:10")).toBe("20x10");
    expect((await decode((await run(grey, "t:10@png")).bytes)).channels).toBe(1);
    const drawing = Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" width="100" height="60"><rect x="20" y="10" width="40" height="30" fill="#00f"/></svg>',
    );
    expect(await sizeOf(drawing, "t:10")).toBe("40x30");
    // A trimmed drawing is pixels, and pixels are not enlarged unasked.
    expect(await sizeOf(drawing, "t:10/w:400")).toBe("40x30");
    expect(await sizeOf(drawing, "t:10/w:80/el:1")).toBe("80x60");
  });
});

test("equal margins take the smaller one on both sides", () => {
  const picture = { width: 100, height: 60 };
  const box = { left: 20, top: 10, width: 40, height: 30 };
  const both = { hasEqualHorizontal: true, hasEqualVertical: true };
  expect(equalise(box, picture, both)).toEqual({ left: 20, top: 10, width: 60, height: 40 });
  const right = { left: 50, top: 10, width: 40, height: 30 };
  expect(equalise(right, picture, both)).toEqual({ left: 10, top: 10, width: 80, height: 40 });
  expect(equalise(box, picture, { hasEqualHorizontal: false, hasEqualVertical: false })).toEqual(box);
});
