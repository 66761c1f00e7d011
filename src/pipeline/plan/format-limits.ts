import type { ImageFormat } from "../../formats.ts";
import type { Size } from "./gravity.ts";

/** Longest side that a format can hold. JPEG and PNG are not checked, as in the reference: their encoders say no themselves. */
const MOST_SIDE: Readonly<Partial<Record<ImageFormat, number>>> = {
  webp: 16_383,
  avif: 16_384,
  heic: 16_384,
  ico: 256,
  gif: 65_535,
};

const MOST_GIF_PIXELS = 536_870_912;

/** Below this side the AV1 encoder fails. */
const LEAST_AVIF_SIDE = 16;

/** The scale that makes a picture fit into its format; 1 when it does already. */
export function sizeLimit(format: ImageFormat, { width, height }: Size): number {
  const most = MOST_SIDE[format];
  if (most === undefined) return 1;
  const bySide = Math.min(1, most / Math.max(width, height));
  const byPixels = format === "gif" ? Math.min(1, Math.sqrt(MOST_GIF_PIXELS / (width * height))) : 1;
  return Math.min(bySide, byPixels);
}

/** What a finished picture is really written as: AVIF below 16 pixels becomes PNG or JPEG. */
export function writableFormat(format: ImageFormat, picture: Size & { readonly hasAlpha: boolean }): ImageFormat {
  if (format !== "avif" || Math.min(picture.width, picture.height) >= LEAST_AVIF_SIDE) return format;
  return picture.hasAlpha ? "png" : "jpeg";
}
