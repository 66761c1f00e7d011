import sharp, { type Sharp } from "sharp";
import { sharpOpenOptions, type UnlimitedFormats } from "../sharp-metadata.ts";
import type { ExactLoader, RawImage } from "../types.ts";

/** What opening a drawing depends on. */
export type DrawingKind = {
  /** As `readSvgSize` tells it. */
  readonly density: 72 | 96;
  readonly unlimited: UnlimitedFormats;
};

/** How large a drawing is to be. */
export type DrawingScale = {
  /** Of its natural size. */
  readonly scale: number;
  /** The size in pixels that should come out; librsvg decides. */
  readonly width: number;
  readonly height: number;
};

/** Everything that decides about a drawing's pixels. */
export type Drawing = DrawingKind & DrawingScale;

/** How a drawing is written. */
export type DrawingOutput = {
  readonly format: "jpeg" | "png" | "webp" | "avif" | "gif" | "tiff";
  /** sharp's, as JSON. */
  readonly options: object;
  /** Under the drawing; null = it stays transparent. */
  readonly background: { readonly r: number; readonly g: number; readonly b: number } | null;
};

/** A drawing's own size assumes 96 pixels an inch where libvips assumes 72. */
const SVG_DENSITY = 96;
const SVG_SCALE = 72 / SVG_DENSITY;

/** Opens a drawing at a scale, as the beginning of one pipeline; the file name that it needs lives as long as `use`. */
export async function withDrawing<Result>(
  bytes: Uint8Array,
  { density, unlimited, scale, width, height }: Drawing,
  files: ExactLoader | null,
  use: (image: Sharp) => Promise<Result>,
): Promise<Result> {
  const open = { ...sharpOpenOptions("svg", unlimited), ignoreIcc: true };
  if (files !== null) {
    const exact = { ...open, density: SVG_DENSITY };
    return await files.withFile(bytes, (path) => use(sharp(`${path}[scale=${scale * SVG_SCALE}]`, exact)));
  }
  // Without a file name the drawing is made to scale by a resize to the same size.
  return await use(sharp(bytes, { ...open, density }).resize(width, height, { fit: "fill" }));
}

/** What librsvg makes of a drawing: RGBA, 8 bits. Throws what sharp throws. Nothing can stop it. */
export async function renderDrawing(bytes: Uint8Array, drawing: Drawing, files: ExactLoader | null): Promise<RawImage> {
  const { data, info } = await withDrawing(bytes, drawing, files, (image) =>
    image.toColourspace("srgb").raw().toBuffer({ resolveWithObject: true }),
  );
  return { data, width: info.width, height: info.height, channels: info.channels, bits: 8 };
}

/** What librsvg makes of a drawing, as a file; null = in another size than expected. Throws what sharp throws. Nothing can stop it. */
export async function encodeDrawing(
  bytes: Uint8Array,
  { drawing, output }: { readonly drawing: Drawing; readonly output: DrawingOutput },
  files: ExactLoader | null,
): Promise<Uint8Array | null> {
  const { format, options, background } = output;
  const { data, info } = await withDrawing(bytes, drawing, files, (image) =>
    (background === null ? image : image.flatten({ background }))
      .toColourspace("srgb")
      .toFormat(format, options)
      .toBuffer({ resolveWithObject: true }),
  );
  return info.width === drawing.width && info.height === drawing.height ? data : null;
}

/** A drawing's size at its density, as librsvg tells it. Throws what sharp throws. Nothing can stop it. */
export async function measureDrawing(
  bytes: Uint8Array,
  { density, unlimited }: DrawingKind,
): Promise<{ readonly width: number; readonly height: number }> {
  const { width, height } = await sharp(bytes, { ...sharpOpenOptions("svg", unlimited), density }).metadata();
  return { width, height };
}
