import { afterAll, describe, expect, test } from "bun:test";
import sharp from "sharp";
import { declaredSize } from "../../../src/image/svg/drawing-effort.ts";
import { readSvgSize } from "../../../src/image/svg/svg-size.ts";
import { CodecPool } from "../../../src/image/wasm/codec-pool.ts";
import { read } from "../samples.ts";

const codecs = new CodecPool();
afterAll(() => codecs.close());

const sizeOf = async (attributes: string) => {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" ${attributes}><rect x="5" y="3" width="17.3" height="11"/></svg>`;
  const { width, height, svgDensity } = (await read(Buffer.from(svg))).meta;
  return [width, height, svgDensity];
};

describe("the natural size of an SVG", () => {
  test.each([
    ['width="100" height="50"', [100, 50, 72]],
    ['width="100px" height="50px"', [100, 50, 72]],
    ['width="1e2" height="5.5"', [100, 6, 72]],
    ['viewBox="0 0 30.4 20.6"', [30, 21, 72]],
    ['width="60" viewBox="0 0 30 20"', [60, 40, 72]],
    ['width="100%" height="100%" viewBox="0 0 30 20"', [30, 20, 72]],
    ['width="10em" height="5ex"', [120, 30, 72]],
    // Without any size, what is drawn counts.
    ["", [17, 11, 72]],
    ['style="width:30px;height:22px" viewBox="0 0 10 10"', [30, 22, 72]],
    ['width="40mm" height="20mm"', [151, 76, 96]],
    ['width="4cm" height="1in"', [151, 96, 96]],
    ['width="10pt" height="2pc"', [13, 32, 96]],
    ['width="40mm" viewBox="0 0 30 20"', [151, 101, 96]],
    ['height="20mm" viewBox="0 0 30 20"', [113, 76, 96]],
    ['width="100px" height="40mm"', [100, 151, 96]],
    // Two units at once that only libvips understands: its own answer, brought from 96 to 72 dpi.
    ['width="40mm" height="50%" viewBox="0 0 30 20"', [151, 101, 96]],
  ] as const)("%s", async (attributes, expected) => {
    expect(await sizeOf(attributes)).toEqual([...expected]);
  });

  test("is taken as it is declared exactly where librsvg agrees", async () => {
    const lengths = [null, "100", "100.4", "100.5", ".6", "0", "0.4", "-5", "99.9px", "50%", "9em", "7 ", "+7", "1e2"];
    const boxes = [null, "0 0 200 120", "-1 .5 33.3 66.6", "0,0,20,10", "0 0 0 9", "0 0 20", "0 0 20 10 5"];
    const wholes: unknown[] = [];
    for (const width of lengths) {
      for (const height of [null, "40", "30.5px", "auto"]) {
        for (const viewBox of boxes) {
          const attributes = Object.entries({ width, height, viewBox }).filter(([, value]) => value !== null);
          const written = attributes.map(([name, value]) => `${name}="${value}"`).join(" ");
          const svg = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" ${written}><path d="M0 0h9v9z"/></svg>`);
          const declared = declaredSize(svg, readSvgSize(svg));
          if (declared === null) continue;
          const { width: wide, height: high } = await sharp(svg, { density: 72 }).metadata();
          expect([written, Math.round(declared.width), Math.round(declared.height)]).toEqual([written, wide, high]);
          expect((await read(svg)).meta.declaredSize).toEqual(declared);
          wholes.push(Number.isInteger(declared.width) && Number.isInteger(declared.height));
        }
      }
    }
    expect(wholes.length).toBeGreaterThan(60);
    expect(wholes).toContain(true);
    expect(wholes).toContain(false);
  });

  test.each(['style="width:5px"', 'class="a"><style>svg{height:7px}</style', "><!-- <style> --"])(
    "is librsvg's to tell where a style may change it: %s",
    (rest) => {
      const svg = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10" ${rest}></svg>`);
      expect(declaredSize(svg, readSvgSize(svg))).toBeNull();
    },
  );

  test.each([
    ["a style attribute elsewhere", "", '<g style="width:5px;height:7px"/>'],
    ["a style in a comment", "", "<!-- style=x -->"],
    [
      "a document type that declares nothing",
      '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://x/svg11.dtd">',
      "",
    ],
  ])("is not changed by %s", async (_, head, content) => {
    const svg = Buffer.from(
      `${head}<svg xmlns="http://www.w3.org/2000/svg" width="30.4" height="20.6">${content}<path d="M0 0h9v9z"/></svg>`,
    );
    expect(declaredSize(svg, readSvgSize(svg))).toEqual({ width: 30.4, height: 20.6 });
    const { width, height } = await sharp(svg, { density: 72 }).metadata();
    expect([width, height]).toEqual([30, 21]);
  });

  test("is read behind a prolog with entities and a comment", async () => {
    const head = '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY ns "http://www.w3.org/2000/svg">]><!-- width="1" -->';
    const { meta } = await read(Buffer.from(`${head}<svg xmlns="&ns;" width="2in" height="1in"/>`), {}, codecs);
    expect([meta.width, meta.height]).toEqual([192, 96]);
  });

  test.each([
    ['width="64" height="48"', "", [64, 48, 72]],
    ['width="40mm" viewBox="0 0 30 20"', "", [151, 101, 96]],
    ["", "", [20, 9, 72]],
    // The rule undoes the height, so that what is drawn counts.
    ['width="64" height="48"', "<style>svg { height: auto }</style>", [20, 9, 72]],
  ] as const)("is the same where a process has to find it out: %s %s", async (attributes, styles, expected) => {
    const uses = '<g id="a"><rect width="20" height="9"/></g><use href="#a"/>';
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" ${attributes}>${styles}${uses}${" ".repeat(40_000)}</svg>`;
    const { width, height, svgDensity } = (await read(Buffer.from(svg), {}, codecs)).meta;
    expect([width, height, svgDensity]).toEqual([...expected]);
  });

  test.each(['width="0" height="0"', 'width="0.2" height="0.2"'])(
    "is refused when it is nothing: %s",
    async (attributes) => {
      await expect(sizeOf(attributes)).rejects.toMatchObject({ kind: "broken_image" });
    },
  );

  test("is not limited", async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9000" height="9000"/>');
    expect((await read(svg, { maxSrcResolution: 10 })).meta.width).toBe(9000);
  });
});
