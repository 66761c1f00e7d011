import sharp, { type Sharp } from "sharp";
import type { SourceName } from "./sources.ts";

/**
 * The kinds of work. Each is a request to an imgproxy-compatible server and, as the floor that no server can go below, the least that
 * one can write with sharp for the same picture.
 */
export type Kind = {
  readonly name: string;
  /** What a reader of the report sees. */
  readonly title: string;
  readonly source: SourceName;
  /** Processing options and format of the URL. */
  readonly options: string;
  readonly format: "jpg" | "webp" | "avif" | "png" | "gif";
  readonly bare: (bytes: Buffer, watermark: Buffer) => Promise<Buffer>;
};

const OPEN = { failOn: "none", limitInputPixels: false } as const;
const AVIF = { quality: 63, effort: 1, chromaSubsampling: "4:2:0" } as const;
const WEBP = { quality: 79 } as const;
const JPEG = { quality: 80 } as const;
const PNG = { compressionLevel: 6, adaptiveFiltering: true } as const;

/** A picture and nothing else of its file, scaled to whole numbers that were worked out beforehand. */
function scaled(bytes: Buffer, width: number, height: number): Sharp {
  return sharp(bytes, { ...OPEN, ignoreIcc: true }).resize(width, height, { fit: "fill" });
}

/** Frame by frame: as one tall picture they are scaled for a third less, and the edges of frames bleed into each other. */
async function frames(bytes: Buffer, width: number, height: number): Promise<Sharp> {
  const { data, info } = await sharp(bytes, { ...OPEN, animated: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { channels, pages = 1 } = info;
  const frame = { width: info.width, height: info.height / pages, channels };
  const size = frame.width * frame.height * channels;
  const scaledFrames: Buffer[] = [];
  for (let index = 0; index < pages; index++) {
    const pixels = data.subarray(index * size, (index + 1) * size);
    scaledFrames.push(await sharp(pixels, { raw: frame }).resize(width, height, { fit: "fill" }).raw().toBuffer());
  }
  const raw = { width, height: height * pages, channels, pageHeight: height };
  return sharp(Buffer.concat(scaledFrames), { raw });
}

async function marked(bytes: Buffer, watermark: Buffer): Promise<Buffer> {
  const { data, info } = await scaled(bytes, 720, 588).raw().toBuffer({ resolveWithObject: true });
  return await sharp(data, { raw: { width: info.width, height: info.height, channels: 3 } })
    .composite([{ input: watermark, left: 566, top: 530 }])
    .removeAlpha()
    .jpeg(JPEG)
    .toBuffer();
}

export const KINDS: readonly Kind[] = [
  {
    name: "photo-jpeg",
    title: "6 MP JPEG → 720 px JPEG",
    source: "photo.jpg",
    options: "rs:fit:720:720",
    format: "jpg",
    bare: (bytes) => scaled(bytes, 720, 588).jpeg(JPEG).toBuffer(),
  },
  {
    name: "photo-webp",
    title: "6 MP JPEG → 300 px WebP",
    source: "photo.jpg",
    options: "rs:fit:300:300",
    format: "webp",
    bare: (bytes) => scaled(bytes, 300, 245).webp(WEBP).toBuffer(),
  },
  {
    name: "photo-avif",
    title: "6 MP JPEG → 720 px AVIF",
    source: "photo.jpg",
    options: "rs:fit:720:720",
    format: "avif",
    bare: (bytes) => scaled(bytes, 720, 588).avif(AVIF).toBuffer(),
  },
  {
    name: "large-jpeg",
    title: "24 MP JPEG → 1200 px JPEG",
    source: "large.jpg",
    options: "rs:fit:1200:1200",
    format: "jpg",
    bare: (bytes) => scaled(bytes, 1200, 800).jpeg(JPEG).toBuffer(),
  },
  {
    name: "large-webp",
    title: "24 MP JPEG → 1200 px WebP",
    source: "large.jpg",
    options: "rs:fit:1200:1200",
    format: "webp",
    bare: (bytes) => scaled(bytes, 1200, 800).webp(WEBP).toBuffer(),
  },
  {
    name: "thumb-jpeg",
    title: "600×450 JPEG → 200 px JPEG",
    source: "small.jpg",
    options: "rs:fit:200:200",
    format: "jpg",
    bare: (bytes) => scaled(bytes, 200, 150).jpeg(JPEG).toBuffer(),
  },
  {
    name: "thumb-webp",
    title: "600×450 JPEG → 200 px WebP",
    source: "small.jpg",
    options: "rs:fit:200:200",
    format: "webp",
    bare: (bytes) => scaled(bytes, 200, 150).webp(WEBP).toBuffer(),
  },
  {
    name: "turned",
    title: "1.1 MP JPEG turned by EXIF → 400 px JPEG",
    source: "turned.jpg",
    options: "rs:fit:400:400",
    format: "jpg",
    bare: (bytes) => scaled(bytes, 400, 300).rotate(90).jpeg(JPEG).toBuffer(),
  },
  {
    name: "grey",
    title: "grey JPEG 600×800 → 200 px JPEG",
    source: "grey.jpg",
    options: "rs:fit:200:200",
    format: "jpg",
    bare: (bytes) => scaled(bytes, 150, 200).toColourspace("b-w").jpeg(JPEG).toBuffer(),
  },
  {
    name: "cmyk",
    title: "CMYK JPEG 1200×900 → 400 px JPEG",
    source: "cmyk.jpg",
    options: "rs:fit:400:400",
    format: "jpg",
    bare: (bytes) => sharp(bytes, OPEN).resize(400, 300, { fit: "fill" }).jpeg(JPEG).toBuffer(),
  },
  {
    name: "srgb-profile",
    title: "JPEG 1200×900 with an sRGB profile → 400 px WebP",
    source: "srgb.jpg",
    options: "rs:fit:400:400",
    format: "webp",
    bare: (bytes) => scaled(bytes, 400, 300).webp(WEBP).toBuffer(),
  },
  {
    name: "display-p3",
    title: "Display P3 JPEG 1200×900 → 400 px JPEG",
    source: "p3.jpg",
    options: "rs:fit:400:400",
    format: "jpg",
    bare: (bytes) => sharp(bytes, OPEN).resize(400, 300, { fit: "fill" }).jpeg(JPEG).toBuffer(),
  },
  {
    name: "png-alpha",
    title: "3 MP RGBA PNG → 600 px PNG",
    source: "alpha.png",
    options: "rs:fit:600:600",
    format: "png",
    bare: (bytes) => scaled(bytes, 600, 450).png(PNG).toBuffer(),
  },
  {
    name: "webp-avif",
    title: "WebP 1200×900 → 400 px AVIF",
    source: "photo.webp",
    options: "rs:fit:400:400",
    format: "avif",
    bare: (bytes) => scaled(bytes, 400, 300).avif(AVIF).toBuffer(),
  },
  {
    name: "gif-gif",
    title: "GIF animation, 16 frames → 160 px GIF",
    source: "anim.gif",
    options: "rs:fit:160:160",
    format: "gif",
    bare: async (bytes) => (await frames(bytes, 160, 120)).gif({ reuse: false }).toBuffer(),
  },
  {
    name: "gif-webp",
    title: "GIF animation, 16 frames → 160 px WebP",
    source: "anim.gif",
    options: "rs:fit:160:160",
    format: "webp",
    bare: async (bytes) => (await frames(bytes, 160, 120)).webp(WEBP).toBuffer(),
  },
  {
    name: "webp-webp",
    title: "WebP animation, 16 frames → 160 px WebP",
    source: "anim.webp",
    options: "rs:fit:160:160",
    format: "webp",
    bare: async (bytes) => (await frames(bytes, 160, 120)).webp(WEBP).toBuffer(),
  },
  {
    name: "svg",
    title: "SVG 400×300 → 600 px PNG",
    source: "drawing.svg",
    options: "rs:fit:600:600",
    format: "png",
    bare: (bytes) =>
      sharp(bytes, { ...OPEN, density: 108 })
        .png(PNG)
        .toBuffer(),
  },
  {
    name: "crop-sharpen",
    title: "6 MP JPEG, crop 1400×1000 → 500 px, sharpened, JPEG",
    source: "photo.jpg",
    options: "c:1400:1000/rs:fit:500:500/sh:0.7",
    format: "jpg",
    bare: (bytes) =>
      sharp(bytes, { ...OPEN, ignoreIcc: true })
        .extract({ left: 663, top: 613, width: 1400, height: 1000 })
        .resize(500, 357, { fit: "fill" })
        .sharpen({ sigma: 0.7, m1: 0, m2: 3, x1: 2, y2: 10, y3: 20 })
        .jpeg(JPEG)
        .toBuffer(),
  },
  {
    name: "smart-crop",
    title: "6 MP JPEG → 300×300 smart crop, WebP",
    source: "photo.jpg",
    options: "rs:fill:300:300/g:sm",
    format: "webp",
    bare: (bytes) =>
      sharp(bytes, { ...OPEN, ignoreIcc: true })
        .resize(300, 300, { fit: "cover", position: "attention" })
        .webp(WEBP)
        .toBuffer(),
  },
  {
    name: "watermark",
    title: "6 MP JPEG → 720 px JPEG with a watermark",
    source: "photo.jpg",
    options: "rs:fit:720:720/wm:1:soea:10:10:0.2",
    format: "jpg",
    bare: marked,
  },
  {
    name: "padding",
    title: "6 MP JPEG → 400 px, padding and background, JPEG",
    source: "photo.jpg",
    options: "rs:fit:400:400/ex:1/pd:20/bg:ffeedd",
    format: "jpg",
    bare: (bytes) =>
      scaled(bytes, 400, 327)
        .extend({ top: 57, bottom: 56, left: 20, right: 20, background: "#ffeedd" })
        .jpeg(JPEG)
        .toBuffer(),
  },
];

/** Kinds that the mixed load of the memory measurement takes in turn. */
export const MIXED_LOAD = [
  "large-webp",
  "large-jpeg",
  "png-alpha",
  "photo-avif",
  "thumb-jpeg",
  "gif-webp",
  "thumb-webp",
];

/** Throws for a name that no kind has. */
export function requireKind(name: string): Kind {
  const found = KINDS.find((kind) => kind.name === name);
  if (found === undefined) throw new Error(`there is no kind of work called ${name}`);
  return found;
}
