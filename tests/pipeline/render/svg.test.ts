import { afterAll, describe, expect, test } from "bun:test";
import { measureDrawing, renderDrawing } from "../../../src/image/svg/open-drawing.ts";
import { CodecPool } from "../../../src/image/wasm/codec-pool.ts";
import type { ImageCodecs } from "../../../src/image/wasm/image-codecs.ts";
import { failureOf } from "../../support/failure.ts";
import { decode, isNear, pixel } from "../pictures.ts";
import { NO_CODECS, run, TEMPORARY_FILES } from "../requests.ts";

const codecs = new CodecPool();
afterAll(() => codecs.close());

const svg = (attributes: string, content: string) =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" ${attributes}>${content}</svg>`);

/** A red left half and a blue right half. */
const HALVES = '<rect width="60" height="80" fill="#f00"/><rect x="60" width="60" height="80" fill="#00f"/>';
const DRAWING = svg('width="120" height="80"', HALVES);

async function pixelsOf(bytes: Uint8Array, text: string) {
  return decode((await run(bytes, text, { codecs })).bytes);
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

describe("a drawing that may take long", () => {
  const blurred = (blurs: number, side = 120, height = side) =>
    svg(
      `width="${side}" height="${height}"`,
      `<filter id="f">${'<feGaussianBlur stdDeviation="60"/>'.repeat(blurs)}</filter><circle cx="60" cy="60" r="50" filter="url(#f)" fill="#f80"/>`,
    );
  /** Draws here, in the way that plain drawings are drawn. */
  const HERE: ImageCodecs = {
    ...NO_CODECS,
    measureSvg: (bytes, { kind }) => measureDrawing(bytes, kind),
    drawSvg: (bytes, { drawing }) => renderDrawing(bytes, drawing, TEMPORARY_FILES),
    encodeSvg: async () => null,
  };

  test.each(["@png", "w:331@png", "rs:force:70:90@png", "t:5/w:60@png", "msr:0.002/w:50@png", "w:64/bg:123456@png"])(
    "has the same pixels: %s",
    async (text) => {
      const there = await pixelsOf(blurred(2), text);
      const here = await decode((await run(blurred(2), text, { codecs: HERE })).bytes);
      expect([there.width, there.height]).toEqual([here.width, here.height]);
      expect(Buffer.compare(there.data, here.data)).toBe(0);
    },
  );

  test("counts as one that fits when it is larger than the limit", async () => {
    const result = await run(blurred(2), "msr:0.001@png", { codecs });
    expect([result.width, result.height]).toEqual([32, 32]);
  });

  test.each([
    [120, 120, "@png"],
    [120, 120, "w:300@webp"],
    [120, 120, "q:90@jpg"],
    [120, 120, "w:64/bg:123456@png"],
    [120, 120, "w:50@avif"],
    [120, 120, "@gif"],
    [120, 120, "@tiff"],
    [120.25, 79.6, "@png"],
    [120.25, 79.6, "w:60@jpg"],
    [200.2, 100.1, "w:300@webp"],
  ])("of %p x %p is written where it is drawn, as its pixels would be: %s", async (width, height, text) => {
    const source = blurred(2, width, height);
    const there = await run(source, text, {
      codecs: { ...NO_CODECS, encodeSvg: (bytes, call) => codecs.encodeSvg(bytes, call) },
    });
    const here = await run(source, text, { codecs: HERE });
    expect([there.width, there.height, there.format]).toEqual([here.width, here.height, here.format]);
    const [written, drawn] = [await decode(there.bytes), await decode(here.bytes)];
    expect(Buffer.compare(written.data, drawn.data)).toBe(0);
  });

  test("is not written in another size than expected", async () => {
    const unlimited = { png: false, svg: false, tiff: false };
    const output = { format: "png", options: {}, background: null } as const;
    const write = (width: number) =>
      codecs.encodeSvg(DRAWING, {
        drawing: { density: 72, unlimited, scale: 1, width, height: 80 },
        output,
        signal: new AbortController().signal,
      });
    expect(await write(120)).not.toBeNull();
    expect(await write(121)).toBeNull();
  });

  test("ends when its request does", async () => {
    const started = performance.now();
    const signal = AbortSignal.timeout(400);
    const failure = await failureOf(run(blurred(400, 3000), "@png", { codecs, signal }));
    expect(failure.kind).toBe("cancelled");
    expect(performance.now() - started).toBeLessThan(3000);
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
