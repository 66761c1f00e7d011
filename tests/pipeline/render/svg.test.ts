import { describe, expect, test } from "bun:test";
import { decode, isNear, pixel } from "../pictures.ts";
import { run } from "../requests.ts";

const svg = (attributes: string, content: string) =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" ${attributes}>${content}</svg>`);

/** A red left half and a blue right half. */
const HALVES = '<rect width="60" height="80" fill="#f00"/><rect x="60" width="60" height="80" fill="#00f"/>';
const DRAWING = svg('width="120" height="80"', HALVES);

async function pixelsOf(bytes: Uint8Array, text: string) {
  return decode((await run(bytes, text)).bytes);
}

describe("a drawing as pixels", () => {
  test.each([
    ["", 120, 80],
    ["w:300", 300, 200],
    ["w:12", 12, 8],
    ["rs:fill:100:100", 100, 100],
    ["rs:force:300:40", 300, 40],
    ["w:101/dpr:1.5", 152, 101],
    ["c:60:80:we/w:300", 300, 400],
    ["rot:90/w:40", 40, 60],
    ["mrd:60", 60, 40],
  ])("%p makes it %px%p", async (text, width, height) => {
    const image = await pixelsOf(DRAWING, `${text}@png`);
    expect([image.width, image.height, image.channels]).toEqual([width, height, 4]);
  });

  test("is sharp at any size: rendered large, not enlarged", async () => {
    const image = await pixelsOf(DRAWING, "w:1200@png");
    expect(pixel(image, 599, 400)).toEqual([255, 0, 0, 255]);
    expect(pixel(image, 600, 400)).toEqual([0, 0, 255, 255]);
  });

  test("is as large where there are no file names", async () => {
    for (const text of ["@png", "w:300@png", "rs:fill:90:90@png", "c:60:80:we/w:120@png"]) {
      const exact = await run(DRAWING, text);
      const other = await run(DRAWING, text, { exactLoader: null });
      expect([other.width, other.height]).toEqual([exact.width, exact.height]);
      expect(isNear(pixel(await decode(other.bytes), 2, 2), [255, 0, 0, 255], 1)).toBe(true);
    }
  });

  test.each([
    ['width="40mm" height="20mm"', 151, 76],
    ['width="1in" height="48pt"', 96, 64],
    ['viewBox="0 0 90 30"', 90, 30],
    ['width="10.4" height="10.6"', 10, 11],
  ])("with %s has its natural size", async (attributes, width, height) => {
    const image = await pixelsOf(svg(attributes, '<rect width="500" height="500" fill="#0f0"/>'), "@png");
    expect([image.width, image.height]).toEqual([width, height]);
    expect(pixel(image, width - 2, height - 2)).toEqual([0, 255, 0, 255]);
  });

  test("lies on white in JPEG and on the background elsewhere", async () => {
    const empty = svg('width="40" height="30"', "");
    expect(isNear(pixel(await pixelsOf(empty, "@jpg"), 5, 5), [255, 255, 255], 1)).toBe(true);
    expect(pixel(await pixelsOf(empty, "bg:204060@png"), 5, 5)).toEqual([0x20, 0x40, 0x60]);
  });

  test("larger than the limit counts as one that fits", async () => {
    const result = await run(DRAWING, "msr:0.001@png");
    expect([result.width, result.height]).toEqual([39, 26]);
    const large = await run(DRAWING, "msr:0.001/w:78@png");
    expect([large.width, large.height]).toEqual([78, 52]);
    expect(pixel(await decode(large.bytes), 38, 20)).toEqual([255, 0, 0, 255]);
  });

  test("fetches nothing and runs nothing", async () => {
    const hostile = svg(
      'width="40" height="30" xmlns:xlink="http://www.w3.org/1999/xlink"',
      '<script>while(true){}</script><image xlink:href="file:///etc/passwd" width="40" height="30"/><image href="http://127.0.0.1:1/x.png" width="9" height="9"/>',
    );
    expect(pixel(await pixelsOf(hostile, "@png"), 20, 15)[3]).toBe(0);
  });
});

describe("a drawing as it is", () => {
  const hostile = svg(
    'width="40" height="30" onload="alert(1)"',
    '<script>alert(2)</script><rect width="9" height="9"/>',
  );

  test("is made safe", async () => {
    const result = await run(hostile, "w:500");
    const text = Buffer.from(result.bytes).toString();
    expect([result.format, result.isSource, result.width, result.height]).toEqual(["svg", true, 40, 30]);
    expect(text).toContain("<rect");
    expect(text).not.toMatch(/script|onload|alert/);
  });

  test("is handed on byte for byte where its sources are trusted", async () => {
    const result = await run(hostile, "@svg", { variables: { IMGPROXY_SANITIZE_SVG: "false" } });
    expect(Buffer.compare(result.bytes, hostile)).toBe(0);
  });
});
