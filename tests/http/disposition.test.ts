import { describe, expect, test } from "bun:test";
import { contentDisposition, rawContentDisposition } from "../../src/http/disposition.ts";

/** As it travels: one character a byte. */
const bytes = (text: string) => Buffer.from(text, "utf8").toString("latin1");
const named = (sourceUrl: string, filename: string | null = null) =>
  contentDisposition({ sourceUrl, filename, extension: ".png", isAttachment: false });
const raw = (sourceUrl: string, extension = "", filename: string | null = null) =>
  rawContentDisposition({ sourceUrl, filename, extension, isAttachment: false });

describe("the name of a processed answer", () => {
  test.each([
    ["http://h/ok.png", 'inline; filename="ok.png"'],
    ["http://h/cat.jpg", 'inline; filename="cat.png"'],
    ["http://h/ok.tar.gz", 'inline; filename="ok.tar.png"'],
    ["http://h/sub/", 'inline; filename="image.png"'],
    ["http://h/.png", 'inline; filename="image.png"'],
    ["http://h/ok.png?v=1.2", 'inline; filename="ok.png?v=1.png"'],
    ['http://h/ok a"b.png', 'inline; filename="ok a%22b.png"'],
    ["s3://bucket/dir/key", 'inline; filename="key.png"'],
    ["http://h/a\r\nSet-Cookie: x.png", 'inline; filename="aSet-Cookie: x.png"'],
    ["http://h/oké.png", bytes('inline; filename="oké.png"')],
    ["http://h/🐶.png", bytes('inline; filename="🐶.png"')],
  ])("of %p is %p", (url, expected) => {
    expect(named(url)).toBe(expected);
  });

  test.each([
    ["cat", 'inline; filename="cat.png"'],
    ["cat.jpg", 'inline; filename="cat.jpg.png"'],
    ["a b", 'inline; filename="a b.png"'],
    ["", 'inline; filename="ok.png"'],
  ])("with the filename option %p is %p", (filename, expected) => {
    expect(named("http://h/ok.png", filename)).toBe(expected);
  });

  test("can be an attachment", () => {
    const name = { sourceUrl: "http://h/a.png", filename: null, extension: ".webp", isAttachment: true };
    expect(contentDisposition(name)).toBe('attachment; filename="a.webp"');
  });

  test("is not as long as a megabyte of source URL", () => {
    expect(named(`http://h/${"a".repeat(1_000_000)}.png`).length).toBeLessThan(300);
  });
});

describe("the name of a raw answer", () => {
  test.each([
    ["http://h/ok.png", ".jpg", null, 'inline; filename="ok.png"'],
    ["http://h/ok", ".png", null, 'inline; filename="ok.png"'],
    ["http://h/302", "", null, 'inline; filename="302"'],
    ["http://h/ok.png?v=1.2", "", null, 'inline; filename="ok.png"'],
    ["http://h.example", ".png", null, 'inline; filename="image.png"'],
    ["http://h/noct", "", "zz", 'inline; filename="zz"'],
    ["http://h/noct.gif", "", "zz", 'inline; filename="zz.gif"'],
  ])("of %p with %p for its type and filename %p is %p", (url, extension, filename, expected) => {
    expect(raw(url, extension, filename)).toBe(expected);
  });
});
