import { describe, expect, test } from "bun:test";
import { isDrawnQuickly, isMeasuredQuickly } from "../../../src/image/svg/drawing-effort.ts";
import { readSvgSize } from "../../../src/image/svg/svg-size.ts";

const SIZE = { width: 300, height: 300 };
const svg = (content: string, attributes = 'viewBox="0 0 9 9"') =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" ${attributes}>${content}</svg>`);
const isQuick = (content: string, size = SIZE) => isDrawnQuickly(svg(content), size);

describe("drawn at once are", () => {
  test.each([
    ["an icon", '<path fill="none" stroke="#000" stroke-width="2" d="M4 4h1v1z"/>'],
    ["shapes in groups", '<g transform="scale(2)"><rect width="9" height="9" rx="1"/><circle r="3"/></g>'],
    [
      "gradients",
      '<defs><linearGradient id="a"><stop stop-color="red"/></linearGradient></defs><rect fill="url(#a)" width="9" height="9"/>',
    ],
    ["style attributes", '<path style="fill:#123;opacity:.5" d="M0 0h9v9z"/>'],
    ["style sheets", '<defs><style type="text/css">.a { fill: red }</style></defs><path class="a" d="M0 0h9v9z"/>'],
    ["comments and titles", "<!-- an icon --><title>Größe</title><desc>none</desc>"],
  ])("%s", (_, content) => {
    expect(isQuick(content)).toBe(true);
    const withHead = Buffer.concat([Buffer.from('<?xml version="1.0" encoding="UTF-8"?>\n'), svg(content)]);
    expect(isDrawnQuickly(withHead, SIZE)).toBe(true);
    const withType = Buffer.concat([Buffer.from('<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "a">'), svg(content)]);
    expect(isDrawnQuickly(withType, SIZE)).toBe(true);
  });
});

describe("left to a process are", () => {
  test.each([
    ["filters", '<filter id="f"><feGaussianBlur stdDeviation="99"/></filter><g filter="url(#f)"/>'],
    ["filters in styles", '<g style="filter: blur(99px)"/>'],
    ["filters in style sheets", "<style>g { filter: blur(99px) }</style><g/>"],
    ["filters put together by a comment", "<style>g { fil<!-- -->ter: blur(99px) }</style><g/>"],
    ["filters put together by an element", "<style>g { fil<g/>ter: blur(99px) }</style><g/>"],
    ["filters written with escapes", '<g style="f\\69lter: blur(99px)"/>'],
    ["filters written with references", '<g style="f&#105;lter: blur(99px)"/>'],
    ["filters in a section", "<style><![CDATA[g { filter: blur(99px) }]]></style><g/>"],
    ["references", '<g id="a"/><use href="#a"/>'],
    ["patterns", '<pattern id="p"/>'],
    ["masks", '<g mask="url(#m)"/>'],
    ["clips", '<g clip-path="url(#c)"/>'],
    ["markers", '<path marker-mid="url(#m)" d="M0 0h9v9z"/>'],
    ["dashes", '<path stroke-dasharray="0.01" d="M0 0h9v9z"/>'],
    ["text", "<text>a</text>"],
    ["embedded pictures", '<image href="data:image/png;base64,"/>'],
    ["elements of other namespaces", "<f:blur/>"],
    ["much", `<path d="M0 0${"h9".repeat(5000)}"/>`],
  ])("%s", (_, content) => {
    expect(isQuick(content)).toBe(false);
  });

  test("declared entities, other encodings and processing instructions", () => {
    const plain = svg("<g/>");
    for (const head of [
      '<!DOCTYPE svg [<!ENTITY a "b">]>',
      '<!DOCTYPE svg><!DOCTYPE svg [<!ENTITY a "b">]>',
      '<!DOCTYPE svg SYSTEM "a>" [<!ENTITY a "b">]>',
      '<?xml version="1.0" encoding="UTF-7"?>',
      '<?xml-stylesheet href="a"?>',
    ])
      expect(isDrawnQuickly(Buffer.concat([Buffer.from(head), plain]), SIZE)).toBe(false);
    expect(isDrawnQuickly(Buffer.from(plain.toString(), "utf16le"), SIZE)).toBe(false);
  });

  test("many shapes on many pixels, but neither alone", () => {
    const rect = '<rect width="9" height="9"/>';
    expect(isQuick(rect.repeat(80))).toBe(true);
    expect(isQuick(rect, { width: 2000, height: 2000 })).toBe(true);
    expect(isQuick(rect.repeat(80), { width: 2000, height: 2000 })).toBe(false);
  });
});

describe("measured at once are", () => {
  const isMeasured = (bytes: Buffer) => isMeasuredQuickly(bytes, readSvgSize(bytes));
  const use = '<g id="a"/><use href="#a"/>';

  test.each([
    ["drawings with a viewBox", svg(use), true],
    ["drawings with two lengths", svg(use, 'width="9mm" height="9"'), true],
    ["plain drawings without a size", svg("<g/>", ""), true],
    ["no others without a size", svg(use, ""), false],
    ["no others with one length", svg(use, 'width="9"'), false],
    ["no others with a share of nothing", svg(use, 'width="9%" height="9%"'), false],
    [
      "no lengths that a style may undo",
      svg(`<style>svg { height: auto }</style>${use}`, 'width="9" height="9"'),
      false,
    ],
    ["nothing that is long", svg(" ".repeat(40_000)), false],
    [
      "nothing by a size in a comment",
      Buffer.concat([Buffer.from("<!-- <svg viewBox='0 0 9 9'> -->"), svg(use, "")]),
      false,
    ],
  ])("%s", (_, bytes, expected) => {
    expect(isMeasured(bytes)).toBe(expected);
  });
});
