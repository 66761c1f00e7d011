import { describe, expect, test } from "bun:test";
import sharp from "sharp";
import {
  BLUE,
  coordinates,
  corners,
  decode,
  GREEN,
  noise,
  open,
  pixel,
  png,
  quarters,
  RED,
  YELLOW,
} from "../pictures.ts";
import { run } from "../requests.ts";

const QUARTERS = await png(quarters(80, 60));
const COORDINATES = await png(coordinates(200, 100));

async function pixelsOf(bytes: Uint8Array, text: string) {
  return decode((await run(bytes, text)).bytes);
}

describe("turning", () => {
  test.each([
    [1, 80, 60, [RED, GREEN, BLUE, YELLOW]],
    [2, 80, 60, [GREEN, RED, YELLOW, BLUE]],
    [3, 80, 60, [YELLOW, BLUE, GREEN, RED]],
    [4, 80, 60, [BLUE, YELLOW, RED, GREEN]],
    [5, 60, 80, [RED, BLUE, GREEN, YELLOW]],
    [6, 60, 80, [BLUE, RED, YELLOW, GREEN]],
    [7, 60, 80, [YELLOW, GREEN, BLUE, RED]],
    [8, 60, 80, [GREEN, YELLOW, RED, BLUE]],
  ])("shows EXIF orientation %p upright", async (orientation, width, height, expected) => {
    const source = await open(quarters(80, 60)).withMetadata({ orientation }).png().toBuffer();
    const image = await pixelsOf(source, "@png");
    expect([image.width, image.height]).toEqual([width, height]);
    expect(corners(image)).toEqual(expected.map((colour) => [...colour]));
    const left = await pixelsOf(source, "ar:0@png");
    expect(corners(left)).toEqual([RED, GREEN, BLUE, YELLOW].map((colour) => [...colour]));
  });

  test.each([
    ["rot:90", [BLUE, RED, YELLOW, GREEN]],
    ["rot:180", [YELLOW, BLUE, GREEN, RED]],
    ["rot:270", [GREEN, YELLOW, RED, BLUE]],
    ["fl:1", [GREEN, RED, YELLOW, BLUE]],
    ["fl:0:1", [BLUE, YELLOW, RED, GREEN]],
    ["fl:1:1", [YELLOW, BLUE, GREEN, RED]],
    ["rot:90/fl:1", [RED, BLUE, GREEN, YELLOW]],
    ["rot:90/fl:0:1", [YELLOW, GREEN, BLUE, RED]],
  ])("%s", async (text, expected) => {
    expect(corners(await pixelsOf(QUARTERS, `${text}@png`))).toEqual(expected.map((colour) => [...colour]));
  });

  test("flips behind a cut and without scaling alike", async () => {
    expect(corners(await pixelsOf(QUARTERS, "c:40:30:nowe/fl:1@png"))).toEqual(
      corners(await pixelsOf(QUARTERS, "c:40:30:noea@png")).map(() => [...GREEN]),
    );
    expect(pixel(await pixelsOf(COORDINATES, "rs:fill:50:100/fl:1/g:nowe@png"), 0, 0)).toEqual([199, 0, 0]);
    expect(pixel(await pixelsOf(COORDINATES, "rs:fill:100:50/rot:90/g:sowe@png"), 0, 0)).toEqual([150, 99, 0]);
  });
});

describe("cutting", () => {
  test.each([
    ["c:50:20:nowe", 0, 0],
    ["c:50:20:soea", 150, 80],
    ["c:50:20:ce", 76, 40],
    ["c:50:20:nowe:10:5", 10, 5],
    ["c:50:20:soea:10:5", 140, 75],
    ["c:50:20:nowe:0.1:0.1", 20, 10],
    ["c:50:20:ce:-10:5", 66, 45],
    ["c:.25:.2:fp:.5:.5", 75, 40],
    ["c:50:20/g:ea:3", 147, 40],
  ])("%s starts at %p,%p", async (text, x, y) => {
    const image = await pixelsOf(COORDINATES, `${text}@png`);
    expect([image.width, image.height]).toEqual([50, 20]);
    expect(pixel(image, 0, 0)).toEqual([x, y, 0]);
    expect(pixel(image, 49, 19)).toEqual([x + 49, y + 19, 0]);
  });

  test.each([
    ["rs:fill:200:50/g:no", 0, 0],
    ["rs:fill:200:50/g:so:0:7", 0, 43],
    ["rs:fill:200:50/g:fp:0:1", 0, 50],
    ["rs:fill:100:100/g:we:8", 8, 0],
  ])("%s leaves what starts at %p,%p", async (text, x, y) => {
    expect(pixel(await pixelsOf(COORDINATES, `${text}@png`), 0, 0)).toEqual([x, y, 0]);
  });

  test("a smart crop keeps what stands out", async () => {
    const source = await open(quarters(400, 100))
      .composite([{ input: await open(coordinates(60, 60)).png().toBuffer(), left: 320, top: 20 }])
      .removeAlpha()
      .png()
      .toBuffer();
    const image = await pixelsOf(source, "rs:fill:100:100/g:sm@png");
    expect([image.width, image.height]).toEqual([100, 100]);
    expect(corners(image)[0]).toEqual([...GREEN]);
    expect(corners(await pixelsOf(source, "c:100:100:sm@png"))[0]).toEqual([...GREEN]);
  });

  test.each([
    [70, 70, { height: 70 }],
    [40, 90, { height: 90 }],
    [120, 41, { width: 120 }],
  ])("a smart crop to %px%p in one run with the scaling is that of the scaled picture", async (width, height, side) => {
    const source = await png(noise({ width: 300, height: 210, channels: 3 }));
    const { data, info } = await sharp(source).resize(side).raw().toBuffer({ resolveWithObject: true });
    const expected = await sharp(data, { raw: info })
      .resize(width, height, { fit: "cover", position: "attention", withoutReduction: true })
      .raw()
      .toBuffer();
    const image = await pixelsOf(source, `rs:fill:${width}:${height}/g:sm@png`);
    expect(Buffer.compare(image.data, expected)).toBe(0);
  });
});

describe("scaling", () => {
  test.each([
    ["rs:fit:100:100", 100, 50],
    ["rs:fill:60:60", 60, 60],
    ["rs:force:60:80", 60, 80],
    ["w:400/el:1", 400, 200],
    ["w:51/dpr:1.5", 77, 38],
    ["rs:fit:100:100/z:.5", 50, 25],
    ["mrd:64", 64, 32],
  ])("%s makes 200x100 into %px%p", async (text, width, height) => {
    const result = await run(COORDINATES, `${text}@png`);
    const image = await decode(result.bytes);
    expect([image.width, image.height]).toEqual([width, height]);
    expect([result.width, result.height, result.sourceWidth, result.sourceHeight]).toEqual([width, height, 200, 100]);
  });

  test("puts every pixel of a fractional size where its centre belongs", async () => {
    // 200 pixels to 76.5: each is worth 2.614, and the 77th that the size rounds up to is shared by both edges.
    const image = await pixelsOf(COORDINATES, "w:51/dpr:1.5@png");
    const shrink = 200 / 76.5;
    const surplus = (77 * shrink - 200) / 2;
    for (let x = 5; x < 72; x++) {
      const centre = (x + 0.5) * shrink - 0.5 - surplus;
      expect(Math.abs((pixel(image, x, 19)[0] ?? 0) - centre)).toBeLessThan(0.75);
    }
  });

  test("puts every pixel of a fractional enlargement where it belongs", async () => {
    const image = await pixelsOf(COORDINATES, "w:153/dpr:1.5/el:1@png");
    expect(image.width).toBe(230);
    const shrink = 200 / 229.5;
    // The interpolator rounds; what counts is that the error does not grow from one edge to the other.
    const error = (from: number) => {
      const errors = Array.from({ length: 40 }, (_, index) => {
        const x = from + index;
        return (pixel(image, x, 40)[0] ?? 0) - ((x + 0.5) * shrink - 0.5);
      });
      return errors.reduce((sum, value) => sum + value, 0) / errors.length;
    };
    expect(Math.abs(error(5) - error(185))).toBeLessThan(0.15);
  });

  test("follows a turn with a fractional size", async () => {
    const upright = await pixelsOf(COORDINATES, "w:51/dpr:1.5@png");
    const turned = await pixelsOf(COORDINATES, "h:51/dpr:1.5/rot:90/fl:0:1@png");
    expect([turned.width, turned.height]).toEqual([38, 77]);
    expect(pixel(turned, 0, 10)).toEqual(pixel(upright, 66, 37));
  });
});

describe("JPEG shrunk while it is read", () => {
  test("has the planned size with and without file names", async () => {
    const source = await open(quarters(1203, 802)).jpeg().toBuffer();
    for (const text of [
      "w:500@png",
      "w:270@png",
      "w:141@png",
      "c:901:701:nowe:31:57/w:100@png",
      "rs:fill:99:99/g:sm@png",
    ]) {
      const exact = await run(source, text);
      const buffered = await run(source, text, { exactLoader: null });
      expect([buffered.width, buffered.height]).toEqual([exact.width, exact.height]);
      const decoded = await decode(buffered.bytes);
      expect([decoded.width, decoded.height]).toEqual([exact.width, exact.height]);
    }
  });

  test("keeps its corners", async () => {
    const source = await open(quarters(803, 605)).jpeg({ quality: 95, chromaSubsampling: "4:4:4" }).toBuffer();
    const colours = corners(await pixelsOf(source, "w:100@png"));
    const expected = [RED, GREEN, BLUE, YELLOW];
    for (const [index, colour] of expected.entries()) {
      for (const band of [0, 1, 2])
        expect(Math.abs((colours[index]?.[band] ?? -99) - (colour[band] ?? 0))).toBeLessThan(8);
    }
  });
});
