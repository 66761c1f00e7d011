import { describe, expect, test } from "bun:test";
import sharp from "sharp";
import { detectFormat } from "../../src/image/detect-format.ts";
import { fixture, randomNumbers } from "./samples.ts";

const latin1 = (text: string) => Buffer.from(text, "latin1");
const box = (brand: string) => latin1(`\0\0\0\x18ftyp${brand}\0\0\0\0`);

describe("detectFormat", () => {
  const pixel = () => sharp({ create: { width: 4, height: 4, channels: 3, background: "red" } });
  test.each([
    ["jpeg", () => pixel().jpeg().toBuffer()],
    ["png", () => pixel().png().toBuffer()],
    ["webp", () => pixel().webp().toBuffer()],
    ["gif", () => pixel().gif().toBuffer()],
    ["tiff", () => pixel().tiff().toBuffer()],
    ["avif", () => pixel().avif().toBuffer()],
    ["heic", () => fixture("rgb-48x32.heic")],
    ["jxl", () => fixture("grey-48x32.jxl")],
    ["jxl", () => fixture("container-48x32.jxl")],
  ] as const)("recognises %s files", async (format, make) => {
    expect(detectFormat(await make())).toBe(format);
  });

  test.each([
    ["heic", box("mif1")],
    ["heic", box("hevs")],
    ["avif", box("avif")],
    [undefined, box("avis")],
    [undefined, box("msf1")],
    [undefined, box("mp42")],
    ["gif", latin1("GIF87a")],
    [undefined, latin1("GIF87b")],
    ["ico", latin1("\0\0\x01\0")],
    [undefined, latin1("\0\0\x02\0")],
    ["bmp", latin1("BM")],
    ["tiff", latin1("MM\0*")],
    ["webp", latin1("RIFFabcdWEBP")],
    [undefined, latin1("RIFFabcdWAVE")],
    [undefined, latin1("%PDF-1.5")],
    [undefined, latin1("8BPS")],
    [undefined, latin1("\x89PNG\r\n\x1a")],
    [undefined, latin1("")],
  ] as const)("says %s of a signature alone", (format, bytes) => {
    expect(detectFormat(bytes)).toBe(format);
  });

  test.each([
    [{ extension: "nef" }, undefined],
    [{ extension: ".CR2" }, undefined],
    [{ contentType: "image/x-adobe-dng" }, undefined],
    [{ contentType: "image/x-raw; charset=binary" }, undefined],
    [{ extension: "tiff" }, "tiff"],
    [{ extension: "jpg", contentType: "image/jpeg" }, "tiff"],
  ] as const)("treats TIFF bytes called %j as %s", (hint, format) => {
    expect(detectFormat(latin1("II*\0"), hint)).toBe(format);
  });

  test("lets a RAW name spoil nothing but TIFF", async () => {
    expect(detectFormat(await pixel().png().toBuffer(), { extension: "nef" })).toBe("png");
  });
});

describe("detectFormat of SVG", () => {
  test.each([
    ["a root element", "<svg/>"],
    ["a prefix", '<s:svg xmlns:s="http://www.w3.org/2000/svg"></s:svg>'],
    [
      "prolog, comment and doctype",
      '<?xml version="1.0"?><!-- <svg --><!DOCTYPE svg [<!ENTITY a "<b>"> <!-- \' -->]><svg>',
    ],
    ["an outer element", '<html><body class="a>b"><svg width="1">'],
    ["character data before it", "  hello <svg >"],
    ["a CDATA section before it", "<a><![CDATA[<<<]]><svg>"],
    ["a byte order mark", "\ufeff<svg>"],
  ])("sees it with %s", (_, text) => {
    expect(detectFormat(Buffer.from(text))).toBe("svg");
  });

  test.each([
    ["another element", "<html></html>"],
    ["a longer name", "<svgx>"],
    ["a commented one", "<!-- <svg> -->"],
    ["a syntax error before it", "<a b=c><svg>"],
    ["a stray angle bracket", "a < b <svg>"],
    ["attributes without space between", '<a b="1"c="2"><svg>'],
    ["an open comment", "<!-- <svg>"],
    ["an upper-case name", "<SVG>"],
  ])("does not see it in %s", (_, text) => {
    expect(detectFormat(Buffer.from(text))).toBeUndefined();
  });

  test("looks at the first 32 KiB only", () => {
    const comment = (length: number) => `<!--${"x".repeat(length)}-->`;
    expect(detectFormat(Buffer.from(`${comment(32_000)}<svg>`))).toBe("svg");
    expect(detectFormat(Buffer.from(`${comment(33_000)}<svg>`))).toBeUndefined();
  });

  test("reads UTF-16", () => {
    expect(detectFormat(Buffer.from("\ufeff<svg/>", "utf16le"))).toBe("svg");
    expect(detectFormat(Buffer.from("\ufeff<svg/>", "utf16le").swap16())).toBe("svg");
  });

  test("takes linear time for markup made to be slow", () => {
    const hostile = [
      "<a ".repeat(11_000),
      `<a${" b".repeat(16_000)}`,
      "<!".repeat(16_000),
      `<!DOCTYPE ${"<!--".repeat(8_000)}`,
    ];
    const startedAt = performance.now();
    for (const text of hostile) expect(detectFormat(Buffer.from(text))).toBeUndefined();
    expect(performance.now() - startedAt).toBeLessThan(200);
  });

  test("never throws for random bytes", () => {
    const random = randomNumbers(1);
    for (let i = 0; i < 500; i++) {
      const bytes = Uint8Array.from({ length: Math.floor(random() * 200) }, () => Math.floor(random() * 128));
      expect(() => detectFormat(bytes)).not.toThrow();
    }
  });
});
