import { AppError } from "../errors.ts";
import { FORMAT_NAMES, type ImageFormat } from "../formats.ts";
import { readBmpHeader } from "./bmp/bmp-header.ts";
import { detectFormat, type FormatHint } from "./detect-format.ts";
import { readHeader } from "./header/read-header.ts";
import { readIcon } from "./ico.ts";
import { throwIfAborted } from "./in-turns.ts";
import { readJxlMetadata } from "./jxl-metadata.ts";
import { checkFileSize, checkSmallestLoad, type SourceLimits } from "./limits.ts";
import { readSharpMetadata, sharpOpenOptions, type UnlimitedFormats } from "./sharp-metadata.ts";
import { declaredSize, isMeasuredQuickly } from "./svg/drawing-effort.ts";
import { readSvgSize } from "./svg/svg-size.ts";
import type { ImageMetadata, SourceImage } from "./types.ts";
import type { ImageCodecs } from "./wasm/image-codecs.ts";

/** What reading a source needs besides its bytes. */
export type ReadSourceOptions = {
  readonly hint: FormatHint;
  readonly limits: SourceLimits;
  readonly unlimited: UnlimitedFormats;
  /** For drawings that may take long to measure. */
  readonly codecs: Pick<ImageCodecs, "measureSvg">;
  readonly signal: AbortSignal;
};

/**
 * Detects the format, reads the header and checks the limits, all before a pixel is decoded. An animation is only
 * refused here when it would be too large however it is loaded: call `checkResolution` once the number of frames is
 * known. Throws `invalid_image`, or the signal's reason.
 */
export async function readSourceImage(bytes: Uint8Array, options: ReadSourceOptions): Promise<SourceImage> {
  const { hint, limits, signal } = options;
  throwIfAborted(signal);
  checkFileSize(bytes.length, limits);
  const format = detectFormat(bytes, hint);
  if (format === undefined) throw unknownFormat(bytes);
  const meta = await readMetadata(bytes, format, options);
  throwIfAborted(signal);
  checkSmallestLoad(meta, limits);
  return { bytes, meta };
}

async function readMetadata(bytes: Uint8Array, format: ImageFormat, options: ReadSourceOptions) {
  const { unlimited } = options;
  switch (format) {
    case "bmp":
      return readBmpMetadata(bytes);
    case "ico":
      return readIconMetadata(bytes, unlimited);
    case "svg":
      return readSvgMetadata(bytes, options);
    case "heic":
      return readHeicMetadata(bytes, unlimited);
    case "jxl":
      return readJxlMetadata(bytes);
    default:
      return await readFileMetadata(bytes, format, unlimited);
  }
}

/** By our own eyes where they see as much as libvips does. */
async function readFileMetadata(
  bytes: Uint8Array,
  format: ImageFormat,
  unlimited: UnlimitedFormats,
): Promise<ImageMetadata> {
  return readHeader(bytes, format) ?? (await readSharpMetadata(bytes, format, sharpOpenOptions(format, unlimited)));
}

function readBmpMetadata(bytes: Uint8Array): ImageMetadata {
  const header = readBmpHeader(bytes);
  const paletteBits = header.bitsPerPixel <= 8 ? header.bitsPerPixel : 0;
  return plainMetadata({
    format: "bmp",
    width: header.width,
    height: header.height,
    hasAlpha: header.hasAlpha,
    paletteBits,
  });
}

/** Facts of a PNG entry are those of the PNG; a bitmap entry passes no palette on, as in the reference. */
async function readIconMetadata(bytes: Uint8Array, unlimited: UnlimitedFormats): Promise<ImageMetadata> {
  const entry = readIcon(bytes);
  if (entry.kind === "bitmap") {
    const { width, height, hasAlpha } = entry.header;
    return plainMetadata({ format: "ico", width, height, hasAlpha, paletteBits: 0 });
  }
  const meta = await readFileMetadata(entry.bytes, "png", unlimited);
  return { ...meta, format: "ico" };
}

async function readSvgMetadata(
  bytes: Uint8Array,
  { unlimited, codecs, signal }: ReadSourceOptions,
): Promise<ImageMetadata> {
  const root = readSvgSize(bytes);
  const { density } = root;
  const declared = declaredSize(bytes, root);
  if (declared !== null) return { ...svgMetadata(scaleSize(declared, 1), density), declaredSize: declared };
  const measured = isMeasuredQuickly(bytes, root)
    ? await readSharpMetadata(bytes, "svg", { ...sharpOpenOptions("svg", unlimited), density })
    : await codecs.measureSvg(bytes, { kind: { density, unlimited }, signal });
  const size = root.size ?? scaleSize(measured, 72 / density);
  return svgMetadata(size, density);
}

function svgMetadata(size: { readonly width: number; readonly height: number }, svgDensity: 72 | 96): ImageMetadata {
  return { ...plainMetadata({ format: "svg", ...size, hasAlpha: true, paletteBits: 0 }), svgDensity };
}

/** libheif turns the picture while it decodes, so the orientation tag has already been obeyed. */
async function readHeicMetadata(bytes: Uint8Array, unlimited: UnlimitedFormats): Promise<ImageMetadata> {
  const meta = await readSharpMetadata(bytes, "heic", sharpOpenOptions("heic", unlimited));
  return { ...meta, orientation: 1 };
}

function scaleSize({ width, height }: { readonly width: number; readonly height: number }, factor: number) {
  return {
    width: Math.max(1, Math.floor(width * factor + 0.5)),
    height: Math.max(1, Math.floor(height * factor + 0.5)),
  };
}

type PlainFacts = Pick<ImageMetadata, "format" | "width" | "height" | "hasAlpha" | "paletteBits">;

/** Metadata of a still 8-bit RGB picture that carries nothing else. */
function plainMetadata(facts: PlainFacts): ImageMetadata {
  return {
    ...facts,
    orientation: 1,
    pages: 1,
    isAnimation: false,
    delays: [],
    loop: 0,
    space: "srgb",
    depth: "uchar",
    channels: facts.hasAlpha ? 4 : 3,
    icc: null,
    exif: null,
    xmp: null,
    iptc: null,
    compression: null,
    svgDensity: null,
  };
}

function unknownFormat(bytes: Uint8Array): AppError {
  const start = [...bytes.subarray(0, 12)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const what = bytes.length === 0 ? "the source is empty" : `the source is of no known format; it begins with ${start}`;
  return new AppError("invalid_image", what, { hint: `Known formats: ${FORMAT_NAMES.join(", ")}.` });
}
