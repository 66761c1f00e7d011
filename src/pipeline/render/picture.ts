import sharp, { type Sharp, type SharpOptions } from "sharp";
import { releaseBytes } from "../../image/release-bytes.ts";
import { sharpOpenOptions, type UnlimitedFormats } from "../../image/sharp-metadata.ts";
import { withDrawing } from "../../image/svg/open-drawing.ts";
import type { ExactLoader, ImageMetadata, RawImage } from "../../image/types.ts";
import { asTiff } from "../encode/tiff-pixels.ts";
import type { Size } from "../plan/gravity.ts";
import type { LoadShrink } from "../plan/shrink-on-load.ts";
import { samplesOf } from "./pixel-work.ts";

/** What a pass starts from. Drawings are pixels by then, see `renderSvg`. */
export type Picture =
  | { readonly kind: "file"; readonly bytes: Uint8Array; readonly meta: ImageMetadata }
  /** With a profile where one must reach the encoder: raw pixels alone cannot carry it. */
  | { readonly kind: "pixels"; readonly image: RawImage; readonly icc?: Uint8Array };

export type OpenParts = {
  readonly unlimited: UnlimitedFormats;
  readonly exactLoader: ExactLoader | null;
};

export type OpenPictureOptions = {
  /** How the decoder delivers the picture; `thumbnail` is the small one inside, or the picture where there is none. */
  readonly load: LoadShrink | { readonly kind: "thumbnail" };
  /** Whether the embedded profile is applied while loading; otherwise the pixels keep their numbers. */
  readonly appliesProfile: boolean;
  /** Frames to open as one tall strip. */
  readonly pages?: number;
  /** Whether the pixels will be sharpened: libvips does that in a fifth less time on those of a file than on raw ones. */
  readonly isSharpened?: boolean;
};

/** A pipeline's beginning, and the size that it delivers. */
export type Opened = { readonly image: Sharp; readonly size: Size };

/** Raw pixels as sharp's input; nothing is copied. */
export function openPixels(raw: RawImage, pageHeight?: number): Sharp {
  const { width, height, channels } = raw;
  const shape = { width, height, channels, ...(pageHeight !== undefined && { pageHeight }) };
  return sharp(samplesOf(raw), { raw: shape, limitInputPixels: false });
}

/** Loader options behind a file name, for what sharp cannot ask of a buffer; null when the buffer does as well. */
function loaderOptions(load: OpenPictureOptions["load"]): string | null {
  switch (load.kind) {
    case "jpeg":
      return `[shrink=${load.factor}]`;
    case "webp":
      return `[scale=${load.scale}]`;
    case "thumbnail":
      return "[thumbnail]";
    default:
      return null;
  }
}

/** Opens a picture for one pipeline; the file name it may need lives as long as `use`. */
export async function withPicture<Result>(
  picture: Picture,
  parts: OpenParts,
  options: OpenPictureOptions,
  use: (opened: Opened) => Promise<Result>,
): Promise<Result> {
  if (picture.kind === "pixels") {
    const { image, icc } = picture;
    const size = { width: image.width, height: image.height };
    if (icc === undefined && options.isSharpened !== true) return await use({ image: openPixels(image), size });
    const file = asTiff(image, icc ?? null);
    const result = await use({
      image: sharp(file, { limitInputPixels: false, unlimited: true, ignoreIcc: true }),
      size,
    });
    releaseBytes(file);
    return result;
  }
  const { bytes, meta } = picture;
  const { load } = options;
  const open: SharpOptions = {
    ...sharpOpenOptions(meta.format, parts.unlimited),
    ignoreIcc: !options.appliesProfile,
    ...(options.pages !== undefined && { pages: options.pages }),
  };
  const suffix = loaderOptions(load);
  const size = load.kind === "thumbnail" ? meta : load.size;
  if (meta.format === "svg") {
    const scale = load.kind === "svg" ? load.scale : 1;
    const drawing = { density: meta.svgDensity ?? 72, unlimited: parts.unlimited, scale, ...size };
    return await withDrawing(bytes, drawing, parts.exactLoader, (image) => use({ image, size }));
  }
  if (suffix === null) return await use({ image: sharp(bytes, open), size });
  if (parts.exactLoader !== null) {
    return await parts.exactLoader.withFile(bytes, (path) => use({ image: sharp(`${path}${suffix}`, open), size }));
  }
  // Without a file name the decoder is made to scale by a resize of the whole picture to the same size.
  const scaled = sharp(bytes, open).resize(size.width, size.height, { fit: "fill" });
  return await use({ image: scaled, size });
}
