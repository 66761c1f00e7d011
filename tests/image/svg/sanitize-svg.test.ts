import { describe, expect, test } from "bun:test";
import sharp from "sharp";
import { sanitizeSvg } from "../../../src/image/svg/sanitize-svg.ts";
import { NEVER } from "../samples.ts";

const clean = async (svg: string | Uint8Array) =>
  new TextDecoder().decode(await sanitizeSvg(typeof svg === "string" ? Buffer.from(svg) : svg, NEVER));
/** What becomes of content within a root element. */
const cleanInside = async (content: string) => {
  const [, inside = ""] = /^<svg>(.*)<\/svg>$|^<svg\/>$/s.exec(await clean(`<svg>${content}</svg>`)) ?? [];
  return inside;
};

describe("sanitizeSvg removes", () => {
  test.each([
    ["scripts", "<script>alert(1)</script><g/>", "<g/>"],
    ["scripts in any case", "<SCRIPT>alert(1)</SCRIPT><g/>", "<g/>"],
    ["scripts under any prefix", '<x:script xmlns:x="http://www.w3.org/2000/svg"/><g/>', "<g/>"],
    ["what is in a removed element", "<script><g/><![CDATA[x]]>text</script><g/>", "<g/>"],
    ["frames, forms and embedded documents", "<iframe/><FORM><g/></FORM><object/><embed/><frame/><g/>", "<g/>"],
    ["elements that change where references lead", '<meta http-equiv="refresh"/><base href="/"/><link/><g/>', "<g/>"],
    ["event handlers", '<g onclick="a()" onbegin="b()" ONLOAD="c()" x:onfoo="d()" id="i"/>', '<g id="i"/>'],
    ["script references", '<a href="javascript:alert(1)"/>', "<a/>"],
    [
      "script references in disguise",
      '<a href=" java&#115;cr&#9;ipt&#58;x"/><a xlink:HREF="JavaScript:x"/>',
      "<a/><a/>",
    ],
    ["data references of links", '<a href="data:text/html,x"/>', "<a/>"],
    ["other schemes", '<a href="file:///etc/passwd"/><image href="ftp://x/"/>', "<a/><image/>"],
    ["what is not a part of the document from use", '<use href="/a.svg#b"/><use href="http://x/#b"/>', "<use/><use/>"],
    [
      "addresses of HTML",
      '<img src="javascript:x"/><button formaction="javascript:x"/><i srcdoc="x"/>',
      "<img/><button/><i/>",
    ],
    [
      "animations of references",
      '<a><set attributeName="href" to="javascript:x"/><animate attributeName="xlink:HREF" values="javascript:x"/></a>',
      "<a/>",
    ],
    ["animations of event handlers", '<set attributeName="onclick" to="x()"/><g/>', "<g/>"],
    ["comments and processing instructions", '<!--x--><?xml-stylesheet href="http://x/"?><g/>', "<g/>"],
  ])("%s", async (_, content, expected) => {
    expect(await cleanInside(content)).toBe(expected);
  });

  test("style sheets named before the root, and the document type", async () => {
    const svg =
      '<?xml version="1.0"?><?xml-stylesheet href="http://x/a.xsl"?><!DOCTYPE svg SYSTEM "http://x/a.dtd"><svg/>';
    expect((await clean(svg)).replace(/\s+/g, " ")).toBe('<?xml version="1.0" encoding="UTF-8"?> <svg/>');
  });
});

describe("sanitizeSvg keeps", () => {
  test.each([
    ["web links and relative ones", '<a href="https://e.org/?a=1&amp;b=2"/><a href="//e.org/"/><a href="b.svg"/>'],
    ["parts of the document", '<use href="#a"/><use xlink:href=""/>'],
    ["pictures in data URLs", '<image href="data:image/gif;base64,R0lGOD=="/><feImage href="data:image/png,x"/>'],
    ["animations", '<animate attributeName="x" values="0;1"/><set attributeName="fill" to="red"/>'],
    ["foreign objects", '<foreignObject><p xmlns="http://www.w3.org/1999/xhtml">a</p></foreignObject>'],
    ["local paint servers", '<g fill="url(#a)" style="filter:url(#b);fill:url(\'#c\')"/>'],
    ["text as it is", '<text xml:space="preserve">  a &lt;b&gt; &amp; c ü </text>'],
    ["line breaks in attributes", '<g d="M0&#10;L1"/>'],
  ])("%s", async (_, content) => {
    expect(await cleanInside(content)).toBe(content);
  });

  test("the text of CDATA sections", async () => {
    expect(await cleanInside("<text><![CDATA[a < b]]></text>")).toBe("<text>a &lt; b</text>");
  });

  test("namespaces whatever their prefix is called", async () => {
    const svg = '<svg xmlns:src="javascript:x" xmlns="http://www.w3.org/2000/svg"/>';
    expect(await clean(svg)).toBe(svg);
  });
});

describe("styles", () => {
  test.each([
    ["<style>@import url(http://x/a.css);g{fill:red}</style>", "<style>g{fill:red}</style>"],
    ["<style>@\\69mport 'http://x/a;b.css';g{fill:red}</style>", "<style>g{fill:red}</style>"],
    ["<style><![CDATA[g>a{fill:url(http://x/)}]]></style>", "<style>g&gt;a{fill:url(#)}</style>"],
    ["<style>a{fill:u\\72l(https\\3a //x/)}</style>", "<style>a{fill:u\\72l(#)}</style>"],
    ["<style>a{background:image-set('//x/a.png' 1x)}</style>", '<style>a{background:image-set("#" 1x)}</style>'],
    ["<style>a{content:'\n;b:url(http://x/);c:'}</style>", "<style>a{content:'\n;b:url(#);c:'}</style>"],
    ["<style>/* url(http://x/) */a{fill:url(#b)}</style>", "<style>/* url(http://x/) */a{fill:url(#b)}</style>"],
    [
      "<style>@font-face{src:url(data:font/woff2;base64,AA==)}</style>",
      "<style>@font-face{src:url(data:font/woff2;base64,AA==)}</style>",
    ],
    ["<style>a{b:c}<script>x</script></style>", "<style>a{b:c}</style>"],
    ['<g style="fill:url(http://x/)" fill="url( &quot;//x/&quot; )"/>', '<g style="fill:url(#)" fill="url(#)"/>'],
  ])("%s", async (content, expected) => {
    expect(await cleanInside(content)).toBe(expected);
  });
});

describe("entities", () => {
  const withDoctype = (subset: string, content: string) => clean(`<!DOCTYPE svg [${subset}]><svg>${content}</svg>`);

  test("of text are resolved", async () => {
    expect(await withDoctype("<!ENTITY a \"1 &#38; &b;\"><!ENTITY b '2'>", '<g id="&b;">&a;</g>')).toBe(
      '<svg><g id="2">1 &amp; 2</g></svg>',
    );
  });

  test("cannot smuggle a script reference", async () => {
    expect(await withDoctype('<!ENTITY a "javascript">', '<a href="&a;:x"/>')).toBe("<svg><a/></svg>");
  });

  test("from outside stand for nothing", async () => {
    expect(await withDoctype('<!ENTITY a SYSTEM "file:///etc/passwd">', "<text>[&a;]</text>")).toBe(
      "<svg><text>[]</text></svg>",
    );
  });

  const bomb = Array.from({ length: 12 }, (_, i) => `<!ENTITY a${i + 1} "${`&a${i};`.repeat(10)}">`).join("");
  test.each([
    ["a billion laughs", `<!ENTITY a0 "lol">${bomb}`, "<text>&a12;</text>"],
    ["an entity in itself", '<!ENTITY a "&b;"><!ENTITY b "&a;">', "<text>&a;</text>"],
    ["one that holds markup", '<!ENTITY a "<script/>">', "&a;"],
    ["one that is not defined", "", "<text>&nbsp;</text>"],
    ["many uses of a long one", `<!ENTITY a "${"x".repeat(60_000)}">`, "&a;".repeat(500)],
  ])("refuses %s", async (_, subset, content) => {
    const startedAt = performance.now();
    await expect(withDoctype(subset, content)).rejects.toMatchObject({ kind: "invalid_image" });
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});

describe("sanitizeSvg", () => {
  test.each(["<svg>", "<svg></g>", "<svg a=b/>", "<svg/><svg/>", "text", '<svg a="1" a="2"/>'])(
    "refuses %s",
    async (svg) => {
      await expect(clean(svg)).rejects.toMatchObject({ kind: "invalid_image" });
    },
  );

  test("reads other encodings and writes UTF-8", async () => {
    expect(await clean(Buffer.from("\ufeff<svg>ü</svg>", "utf16le"))).toBe("<svg>ü</svg>");
    const latin1 = Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><svg>ü</svg>', "latin1");
    expect(await clean(latin1)).toEndWith("<svg>ü</svg>");
  });

  test("leaves the drawing as it was", async () => {
    const svg = Buffer.from(`<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY ink "#c04">]>
      <svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="60" height="40" onload="x()">
      <style>.a { fill: url(#g) } @media (min-width: 1px) { .b { stroke: blue } }</style>
      <defs><linearGradient id="g"><stop offset="0" stop-color="&ink;"/><stop offset="1" stop-color="#0a0"/></linearGradient>
      <clipPath id="c"><circle cx="30" cy="20" r="18"/></clipPath></defs><script>x()</script>
      <g clip-path="url(#c)"><rect id="r" class="a" width="60" height="20"/><use xlink:href="#r" y="22" transform="skewX(10)"/></g>
      <text x="5" y="35" class="b" font-size="12">a&lt;b</text></svg>`);
    const cleaned = await sanitizeSvg(svg, NEVER);
    expect(await sharp(cleaned).raw().toBuffer()).toEqual(await sharp(svg).raw().toBuffer());
  });

  test("stops when its signal fires", async () => {
    const svg = Buffer.from(`<svg>${"<g/>".repeat(200_000)}</svg>`);
    const controller = new AbortController();
    const work = sanitizeSvg(svg, controller.signal);
    controller.abort(new Error("gone"));
    await expect(work).rejects.toMatchObject({ kind: "cancelled" });
  });

  test("takes linear time for styles made to be slow", async () => {
    const styles = [
      "url(".repeat(50_000),
      "\\".repeat(100_000),
      "image-set(".repeat(30_000),
      `"${"\\\n".repeat(50_000)}`,
      "/*".repeat(50_000),
      "@import ".repeat(30_000),
    ];
    const startedAt = performance.now();
    for (const css of styles) await clean(`<svg><style>${css}</style></svg>`);
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });
});
