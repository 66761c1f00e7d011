import { decodeBitmap, decodeBmp } from "./bmp/decode-bmp.ts";
import { readIcon } from "./ico.ts";
import type { ImageMetadata, RawImage, SourceImage } from "./types.ts";
import type { ImageCodecs } from "./wasm/image-codecs.ts";

/** What sharp is given: a file it can decode itself, or pixels. */
export type PixelSource =
  | { readonly kind: "encoded"; readonly bytes: Uint8Array }
  | { readonly kind: "raw"; readonly image: RawImage };

export type OpenSourceOptions = {
  readonly codecs: ImageCodecs;
  readonly signal: AbortSignal;
};

/**
 * Brings a source into a form that sharp takes. JPEG, PNG, WebP, GIF, TIFF, AVIF, SVG and the PNG inside an icon stay
 * encoded; BMP, icon bitmaps, HEIC and JPEG XL are decoded, and then the metadata's profile still describes the pixels.
 * The limits must have been checked. Throws `invalid_image`, or the signal's reason.
 */
export async function openSource(source: SourceImage, { codecs, signal }: OpenSourceOptions): Promise<PixelSource> {
  const { bytes, meta } = source;
  switch (meta.format) {
    case "bmp":
      return { kind: "raw", image: await decodeBmp(bytes, signal) };
    case "ico": {
      const entry = readIcon(bytes);
      if (entry.kind === "png") return { kind: "encoded", bytes: entry.bytes };
      return { kind: "raw", image: await decodeBitmap(entry.bytes, entry.header, signal) };
    }
    case "jxl":
      return { kind: "raw", image: await codecs.decodeJxl(bytes, { ...jxlSamples(meta), signal }) };
    case "heic":
      if (meta.compression === "av1") return { kind: "encoded", bytes };
      return { kind: "raw", image: await codecs.decodeHeic(bytes, { maxPixels: largestHeicPicture(meta), signal }) };
    default:
      return { kind: "encoded", bytes };
  }
}

/** The samples that the metadata of a JPEG XL file announce. */
function jxlSamples({ space, depth, hasAlpha }: ImageMetadata): Pick<RawImage, "channels" | "bits"> {
  const isGrey = space === "b-w" || space === "grey16";
  const channels = isGrey ? (hasAlpha ? 2 : 1) : hasAlpha ? 4 : 3;
  return { channels, bits: depth === "ushort" ? 16 : 8 };
}

/** Tiles may reach beyond the picture, and small pictures are padded to whole coding blocks. */
function largestHeicPicture({ width, height }: ImageMetadata): number {
  return Math.max(2 * width * height, 2 ** 20);
}
