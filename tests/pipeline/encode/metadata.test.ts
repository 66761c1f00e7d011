import { describe, expect, test } from "bun:test";
import sharp, { type Exif } from "sharp";
import { readExifFields } from "../../../src/image/exif.ts";
import { buildExif } from "../../../src/pipeline/encode/metadata/exif-block.ts";
import { insertIntoWebp } from "../../../src/pipeline/encode/metadata/webp-metadata.ts";
import { corners, decode, largestDifference, noise, open, quarters } from "../pictures.ts";
import { run } from "../requests.ts";

const EXIF: Exif = {
  IFD0: { Copyright: "Jane Doe 2024", Artist: "Jane Doe", Make: "Acme", Software: "Editor" },
  IFD3: { GPSLatitudeRef: "N", GPSLatitude: "51/1 30/1 3230/100" },
};
const XMP = `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"><dc:rights><rdf:Alt><rdf:li xml:lang="x-default">Jane's rights</rdf:li></rdf:Alt></dc:rights><photoshop:City>Secretville</photoshop:City></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`;

function photograph(orientation = 1): Promise<Buffer> {
  return open(quarters(80, 60))
    .withExif(EXIF)
    .withXmp(XMP)
    .withMetadata({ orientation, exif: EXIF })
    .withXmp(XMP)
    .jpeg({ quality: 95 })
    .toBuffer();
}

async function kept(bytes: Uint8Array) {
  const { exif, xmpAsString, orientation, width, height } = await sharp(bytes).metadata();
  const text = exif?.toString("latin1") ?? "";
  return {
    ...(exif === undefined ? { artist: null, copyright: null } : readExifFields(exif)),
    hasMake: text.includes("Acme"),
    xmp: xmpAsString ?? "",
    tag: orientation,
    size: [width, height],
  };
}

const SOURCE = await photograph();

describe("by default", () => {
  test.each(["jpg", "png", "webp", "avif"])("%s keeps names and rights and nothing else", async (format) => {
    const facts = await kept((await run(SOURCE, `w:40@${format}`)).bytes);
    expect([facts.artist, facts.copyright]).toEqual(["Jane Doe", "Jane Doe 2024"]);
    expect(facts.hasMake).toBe(false);
    expect(facts.xmp).toContain("Jane&apos;s rights".replace("&apos;", "'"));
    expect(facts.xmp).not.toContain("Secretville");
  });

  test.each(["jpg", "png", "webp", "avif", "tiff"])("%s of a turned source is turned once", async (format) => {
    for (const text of ["", "w:30/", "w:31/dpr:1.5/", "mb:90000/"]) {
      const { bytes } = await run(await photograph(6), `${text}@${format}`);
      const facts = await kept(bytes);
      expect([undefined, 1]).toContain(facts.tag);
      const [width = 0, height = 0] = facts.size;
      expect(width).toBeLessThan(height);
    }
  });

  test("an animated result keeps them too", async () => {
    const strip = noise({ width: 20, height: 40, channels: 3 });
    const animated = await sharp(strip.data, { raw: { width: 20, height: 40, channels: 3, pageHeight: 20 } })
      .withExif(EXIF)
      .webp({ delay: [50, 50] })
      .toBuffer();
    const { bytes } = await run(animated, "maf:5@webp");
    expect((await sharp(bytes, { animated: true }).metadata()).pages).toBe(2);
    expect((await kept(bytes)).copyright).toBe("Jane Doe 2024");
  });
});

describe("with options", () => {
  test.each(["jpg", "png", "webp", "avif"])("kcr:0 keeps nothing in %s", async (format) => {
    const { exif, xmp } = await sharp((await run(SOURCE, `kcr:0@${format}`)).bytes).metadata();
    expect([exif, xmp]).toEqual([undefined, undefined]);
  });

  test.each(["jpg", "png", "webp"])("sm:0 keeps everything in %s", async (format) => {
    const facts = await kept((await run(SOURCE, `sm:0/w:40@${format}`)).bytes);
    expect([facts.artist, facts.hasMake]).toEqual(["Jane Doe", true]);
    expect(facts.xmp).toContain("Secretville");
  });

  test("sm:0 tells the orientation as the pixels now are", async () => {
    const source = await photograph(6);
    expect((await kept((await run(source, "sm:0@jpg")).bytes)).tag).toBe(1);
    expect((await kept((await run(source, "sm:0/ar:0@jpg")).bytes)).tag).toBe(6);
    expect((await kept((await run(source, "sm:0/ar:0/rot:90@jpg")).bytes)).tag).toBe(1);
    expect((await kept((await run(source, "ar:0@jpg")).bytes)).tag).toBeUndefined();
  });

  test("IPTC goes into JPEG", async () => {
    const records = Buffer.concat([
      Buffer.from([0x1c, 2, 116, 0, 4]),
      Buffer.from("Jane"),
      Buffer.from([0x1c, 2, 90, 0, 6]),
      Buffer.from("Hidden"),
    ]);
    const resource = Buffer.concat([
      Buffer.from("Photoshop 3.0\0" + "8BIM\x04\x04\0\0", "latin1"),
      Buffer.from([0, 0, 0, records.length]),
      records,
      Buffer.alloc(records.length % 2),
    ]);
    const head = Buffer.from([0xff, 0xed, 0, resource.length + 2]);
    const source = Buffer.concat([SOURCE.subarray(0, 2), head, resource, SOURCE.subarray(2)]);
    const names = Buffer.from((await run(source, "w:40@jpg")).bytes).toString("latin1");
    expect(names).toContain("Photoshop 3.0");
    expect(names).not.toContain("Hidden");
    expect(Buffer.from((await run(source, "sm:0@jpg")).bytes).toString("latin1")).toContain("Hidden");
    expect(Buffer.from((await run(source, "kcr:0@jpg")).bytes).toString("latin1")).not.toContain("Photoshop 3.0");
  });
});

describe("containers", () => {
  test("results with metadata decode to the same pixels", async () => {
    for (const format of ["jpg", "png", "webp"]) {
      const bare = await decode((await run(SOURCE, `kcr:0@${format}`)).bytes);
      const full = await decode((await run(SOURCE, `sm:0@${format}`)).bytes);
      expect(largestDifference(bare, full)).toBe(0);
    }
  });

  test("every kind of WebP takes EXIF and XMP", async () => {
    const exif = buildExif({ artist: "Jane", copyright: null });
    const picture = open(noise({ width: 33, height: 21, channels: 3 }));
    const alpha = open(noise({ width: 33, height: 21, channels: 4 }));
    const files = [
      await picture.clone().webp().toBuffer(),
      await picture.clone().webp({ lossless: true }).toBuffer(),
      await alpha.clone().webp().toBuffer(),
      await alpha.clone().webp({ lossless: true }).toBuffer(),
      await picture.clone().withIccProfile("p3").webp().toBuffer(),
    ];
    for (const file of files) {
      const written = insertIntoWebp(file, { exif, xmp: XMP, iptc: null, artist: null, copyright: null });
      const before = await sharp(file).metadata();
      const after = await sharp(written).metadata();
      expect([after.width, after.height, after.hasAlpha]).toEqual([33, 21, before.hasAlpha]);
      expect(after.exif && readExifFields(after.exif).artist).toBe("Jane");
      expect(after.xmpAsString).toBe(XMP);
      expect(after.icc?.length).toBe(before.icc?.length);
      expect(largestDifference(await decode(file), await decode(written))).toBe(0);
    }
  });

  test("names keep their letters, short and long", () => {
    for (const [artist, copyright] of [
      ["Ünï", null],
      [null, "©"],
      ["Jane", "All rights reserved by Jane"],
      ["abc", "ab"],
    ] as const) {
      expect(readExifFields(buildExif({ artist, copyright }))).toEqual({ orientation: 1, artist, copyright });
    }
  });
});

test("colours of a turned source stay where they belong when metadata is kept", async () => {
  const image = await decode((await run(await photograph(3), "sm:0@png")).bytes);
  const [first = [], , , last = []] = corners(image);
  expect(first[0]).toBeGreaterThan(200);
  expect(first[1]).toBeGreaterThan(200);
  expect(last[1]).toBeLessThan(60);
});
