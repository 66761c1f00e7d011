import { describe, expect, test } from "bun:test";
import { inTurns } from "../../../src/image/in-turns.ts";
import { mirrored, pixelate } from "../../../src/pipeline/render/pixelate.ts";
import {
  coordinates,
  decode,
  draw,
  isNear,
  largestDifference,
  noise,
  pixel,
  plain,
  png,
  quarters,
} from "../pictures.ts";
import { run } from "../requests.ts";

const QUARTERS = await png(quarters(80, 60));
const NOISE = await png(noise({ width: 50, height: 40, channels: 3 }));

async function pixelsOf(bytes: Uint8Array, text: string) {
  return decode((await run(bytes, text)).bytes);
}

describe("blur and sharpen", () => {
  test("blur softens edges and leaves flat parts", async () => {
    const image = await pixelsOf(QUARTERS, "bl:3@png");
    expect(pixel(image, 0, 0)).toEqual([255, 0, 0]);
    const edge = pixel(image, 40, 5);
    expect(isNear(edge, [127, 127, 0], 20)).toBe(true);
  });

  test("a blur too small to see changes nothing", async () => {
    expect(largestDifference(await pixelsOf(NOISE, "bl:.2@png"), await pixelsOf(NOISE, "@png"))).toBe(0);
  });

  test("sharpen widens edges without shifting colours of flat parts", async () => {
    const edge = await png(
      draw({ width: 60, height: 10, channels: 3 }, (x) => {
        const value = x < 30 ? 80 : 170;
        return [value, value, value];
      }),
    );
    const image = await pixelsOf(edge, "sh:2@png");
    expect(pixel(image, 2, 5)).toEqual([80, 80, 80]);
    expect(pixel(image, 57, 5)).toEqual([170, 170, 170]);
    expect(pixel(image, 29, 5)[0]).toBeLessThan(78);
    expect(pixel(image, 30, 5)[0]).toBeGreaterThan(172);
  });

  test("make grey pictures RGB", async () => {
    expect((await pixelsOf(await plain(20, 20, [90]), "bl:1@png")).channels).toBe(3);
  });

  test("do not draw transparent colours into visible ones", async () => {
    const source = await png(
      draw({ width: 40, height: 40, channels: 4 }, (x) => (x < 20 ? [255, 0, 0, 0] : [0, 0, 255, 255])),
    );
    const image = await pixelsOf(source, "w:20/bl:2@png");
    for (let x = 0; x < 20; x++) expect(pixel(image, x, 10)[0]).toBe(0);
  });
});

/** As the option says: squares of n pixels, each the average of the picture continued by reflection. */
function expectedBlock(source: Awaited<ReturnType<typeof decode>>, block: number, left: number, top: number): number[] {
  return Array.from({ length: source.channels }, (_, band) => {
    let sum = 0;
    for (let y = top; y < top + block; y++) {
      for (let x = left; x < left + block; x++) {
        sum += pixel(source, mirrored(x, source.width), mirrored(y, source.height))[band] ?? 0;
      }
    }
    return sum / (block * block);
  });
}

describe("pixelate", () => {
  test.each([2, 7, 13, 33])("paints squares of %p pixels in their average colour", async (block) => {
    const source = await decode(NOISE);
    const image = await pixelsOf(NOISE, `pix:${block}@png`);
    for (let top = 0; top < 40; top += block) {
      for (let left = 0; left < 50; left += block) {
        const expected = expectedBlock(source, block, left, top);
        expect(isNear(pixel(image, left, top), expected, 1.5)).toBe(true);
        const right = Math.min(left + block, 50) - 1;
        const bottom = Math.min(top + block, 40) - 1;
        expect(pixel(image, right, bottom)).toEqual(pixel(image, left, top));
      }
    }
  });

  test("averages visible colours alone where blur came before", async () => {
    const source = await png(
      draw({ width: 40, height: 40, channels: 4 }, (x) => (x % 2 === 0 ? [255, 0, 0, 0] : [0, 0, 255, 255])),
    );
    expect(pixel(await pixelsOf(source, "pix:40@png"), 0, 0)).toEqual([127, 0, 127, 127]);
    const [red, , blue] = pixel(await pixelsOf(source, "bl:.5/pix:40@png"), 0, 0);
    expect(red).toBe(0);
    expect(blue).toBeGreaterThan(250);
  });

  test("continues a picture beyond its end as a mirror", () => {
    expect([0, 1, 2, 3, 4, 5, 6].map((index) => mirrored(index, 3))).toEqual([0, 1, 2, 2, 1, 0, 0]);
  });

  test("averages before it paints, so that small pictures look back at their own pixels", async () => {
    const image = draw({ width: 1, height: 10, channels: 1 }, (_, y) => [y * 10]);
    await inTurns(pixelate(image, 8), new AbortController().signal);
    // 8, 9 and, mirrored, 9, 8, 7, 6, 5, 4.
    expect(image.data[8]).toBe(70);
  });

  test("0 and 1 do nothing", async () => {
    const before = await pixelsOf(NOISE, "@png");
    expect(largestDifference(await pixelsOf(NOISE, "pix:1@png"), before)).toBe(0);
    expect(largestDifference(await pixelsOf(NOISE, "pix:0@png"), before)).toBe(0);
  });
});

test("filters work at the final size", async () => {
  const image = await pixelsOf(await png(coordinates(200, 100)), "w:100/pix:50@png");
  expect([image.width, image.height]).toEqual([100, 50]);
  expect(isNear(pixel(image, 0, 0), [49.5, 49.5, 0], 1.5)).toBe(true);
});
