import { describe, expect, test } from "bun:test";
import { filterXmpCopyright } from "../../src/image/xmp.ts";

const packet = (attributes: string, properties: string) =>
  `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
  <r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><r:Description r:about="" xmlns:d="http://purl.org/dc/elements/1.1/"
  xmlns:xr="http://ns.adobe.com/xap/1.0/rights/" xmlns:cc="http://creativecommons.org/ns#" xmlns:xmp="http://ns.adobe.com/xap/1.0/" ${attributes}>${properties}</r:Description></r:RDF></x:xmpmeta><?xpacket end="w"?>${" ".repeat(20)}\0`;
const alt = (value: string) => `<r:Alt><r:li xml:lang="x-default">${value}</r:li></r:Alt>`;

describe("filterXmpCopyright", () => {
  test("keeps rights and authors under their usual prefixes, whatever the packet called them", () => {
    const kept = filterXmpCopyright(
      packet("", `<d:rights>${alt("© me &amp; you")}</d:rights><d:title>${alt("no")}</d:title>`),
    );
    expect(kept).toContain(
      '<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">© me &amp; you</rdf:li></rdf:Alt></dc:rights>',
    );
    expect(kept).not.toContain("title");
  });

  test.each(["contributor", "creator", "publisher"])("keeps dc:%s", (name) => {
    expect(filterXmpCopyright(packet("", `<d:${name}><r:Seq><r:li>me</r:li></r:Seq></d:${name}>`))).toContain(
      `<dc:${name}>`,
    );
  });

  test("keeps xmpRights and cc whole", () => {
    const kept = filterXmpCopyright(
      packet("", '<xr:WebStatement>http://x/</xr:WebStatement><cc:license r:resource="http://y/"/>'),
    );
    expect(kept).toContain("<xmpRights:WebStatement>http://x/</xmpRights:WebStatement>");
    expect(kept).toContain('<cc:license rdf:resource="http://y/"></cc:license>');
  });

  test("keeps simple properties written as attributes", () => {
    const kept = filterXmpCopyright(packet('xr:Marked="True" xmp:CreatorTool="x" d:rights="&lt;me&gt;"', ""));
    expect(kept).toContain('xmpRights:Marked="True" dc:rights="&lt;me&gt;"');
    expect(kept).not.toContain("CreatorTool");
  });

  test("declares foreign names within kept properties", () => {
    const kept = filterXmpCopyright(
      packet("", '<cc:morePermissions xmlns:o="urn:o" o:a="1"><o:b/></cc:morePermissions>'),
    );
    expect(kept).toMatch(/xmlns:ns\d="urn:o"/);
    expect(filterXmpCopyright(kept ?? "")).toBe(kept);
  });

  test.each([
    ["nothing is left", packet('xmp:CreatorTool="x"', `<d:title>${alt("no")}</d:title>`)],
    ["a kept name is not a property", packet("", `<d:title><d:rights>no</d:rights></d:title>`)],
    ["it is not XML", "<x:xmpmeta>"],
    ["it is empty", ""],
    ["a prefix is not declared", "<q:a/>"],
    ["an entity is not defined", packet("", "<d:rights>&bomb;</d:rights>")],
  ])("gives null when %s", (_, text) => {
    expect(filterXmpCopyright(text)).toBeNull();
  });
});
