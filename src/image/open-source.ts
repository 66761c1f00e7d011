import { decodeBitmap, decodeBmp } from "./bmp/decode-bmp.ts";
import { readIcon } from "./ico.ts";
import { readJxlDecoding } from "./jxl-metadata.ts";
import { unpackPng } from "./sharp-metadata.ts";
import type { ImageMetadata, RawImage, SourceImage } from "./types.ts";
import type { ImageCodecs } from "./wasm/image-codecs.ts";

/** What sharp is given: a file it can decode itself, or pixels with their profile. */
export type PixelSource =
  | { readonly kind: "encoded"; readonly bytes: Uint8Array }
  | { readonly kind: "raw"; readonly image: RawImage; readonly icc: Uint8Array | null };

export type OpenSourceOptions = {
  readonly codecs: ImageCodecs;
  /** HEIC: take the embedded thumbnail where there is one (`enforce_thumbnail`). */
  readonly wantsThumbnail?: boolean;
  readonly signal: AbortSignal;
};

/**
 * Brings a source into a form that sharp takes. JPEG, PNG, WebP, GIF, TIFF, AVIF, SVG and the PNG inside an icon stay
 * encoded; BMP, icon bitmaps, HEIC and JPEG XL are decoded. The limits must have been checked. Throws `invalid_image`,
 * or the signal's reason.
 */
export async function openSource(source: SourceImage, options: OpenSourceOptions): Promise<PixelSource> {
  const { bytes, meta } = source;
  const { codecs, signal } = options;
  switch (meta.format) {
    case "bmp":
      return { kind: "raw", image: await decodeBmp(bytes, signal), icc: null };
    case "ico": {
      const entry = readIcon(bytes);
      if (entry.kind === "png") return { kind: "encoded", bytes: entry.bytes };
      return { kind: "raw", image: await decodeBitmap(entry.bytes, entry.header, signal), icc: null };
    }
    case "jxl":
      return await openJxl(source, options);
    case "heic": {
      if (meta.compression === "av1") return { kind: "encoded", bytes };
      const wantsThumbnail = options.wantsThumbnail ?? false;
      const image = await codecs.decodeHeic(bytes, { maxPixels: largestHeicPicture(meta), wantsThumbnail, signal });
      return { kind: "raw", image, icc: meta.icc };
    }
    default:
      return { kind: "encoded", bytes };
  }
}

async function openJxl({ bytes, meta }: SourceImage, { codecs, signal }: OpenSourceOptions): Promise<PixelSource> {
  const settings = readJxlDecoding(bytes);
  const decoded = await codecs.decodeJxl(bytes, { ...settings, maxPixels: meta.width * meta.height, signal });
  const icc = settings.profile === "known" ? meta.icc : decoded.icc;
  if (decoded.kind === "raw") return { kind: "raw", image: decoded.image, icc };
  return { kind: "raw", image: await unpackPng(decoded.bytes), icc };
}

/** Tiles may reach beyond the picture, and small pictures are padded to whole coding blocks. */
function largestHeicPicture({ width, height }: ImageMetadata): number {
  return Math.max(2 * width * height, 2 ** 20);
}
