import sharp, { type Metadata, type SharpOptions } from "sharp";
import { AppError, messageOf } from "../errors.ts";
import type { ImageFormat } from "../formats.ts";
import type { ImageMetadata, RawImage } from "./types.ts";

/** Formats whose decoder's safety limits the operator has lifted (`IMGPROXY_PNG_UNLIMITED` and its like). */
export type UnlimitedFormats = {
  readonly png: boolean;
  readonly svg: boolean;
  readonly tiff: boolean;
};

/**
 * How sharp opens a source: broken tails give partial pictures, and the resolution is ours to check. The same options
 * must be used for the header and for the pixels.
 */
export function sharpOpenOptions(format: ImageFormat, unlimited: UnlimitedFormats): SharpOptions {
  const isUnlimited = (format === "png" || format === "svg" || format === "tiff") && unlimited[format];
  return { failOn: "none", limitInputPixels: false, unlimited: isUnlimited };
}

/** Reads the header of a file that sharp knows. Throws `broken_image` when it cannot. */
export async function readSharpMetadata(
  bytes: Uint8Array,
  format: ImageFormat,
  options: SharpOptions,
): Promise<ImageMetadata> {
  try {
    return toImageMetadata(format, await sharp(bytes, options).metadata());
  } catch (error) {
    throw new AppError("broken_image", `${format} header cannot be read: ${firstLine(error)}`, { cause: error });
  }
}

/** The pixels of a PNG that a codec of ours has made, in its own numbers. */
export async function unpackPng(png: Uint8Array): Promise<RawImage> {
  const { depth, channels } = await sharp(png).metadata();
  const bits = depth === "ushort" ? 16 : 8;
  // sharp's raw output of a grey picture loses the alpha channel: with one, grey becomes RGB.
  const isGrey = channels === 1;
  const space = bits === 16 ? (isGrey ? "grey16" : "rgb16") : isGrey ? "b-w" : "srgb";
  const { data, info } = await sharp(png, { ignoreIcc: true, limitInputPixels: false })
    .toColourspace(space)
    .raw({ depth: bits === 16 ? "ushort" : "uchar" })
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: info.channels, bits };
}

function toImageMetadata(format: ImageFormat, meta: Metadata): ImageMetadata {
  const pages = meta.pages ?? 1;
  const isAnimation = pages > 1 && meta.delay !== undefined && meta.loop !== undefined;
  return {
    format,
    width: meta.width,
    height: meta.height,
    orientation: meta.orientation ?? 1,
    pages,
    isAnimation,
    delays: isAnimation ? (meta.delay ?? []) : [],
    loop: isAnimation ? (meta.loop ?? 0) : 0,
    hasAlpha: meta.hasAlpha,
    space: meta.space,
    depth: meta.depth,
    channels: meta.channels,
    paletteBits: meta.isPalette ? paletteDepth(meta.bitsPerSample ?? 8) : 0,
    icc: meta.icc ?? null,
    exif: meta.exif ?? null,
    xmp: meta.xmpAsString ?? null,
    iptc: meta.iptc ?? null,
    compression: meta.compression ?? null,
    svgDensity: null,
  };
}

/** Palettes are written with 1, 2, 4 or 8 bits: anything else rounds up. */
function paletteDepth(bits: number): number {
  return [1, 2, 4].find((depth) => bits <= depth) ?? 8;
}

function firstLine(error: unknown): string {
  const message = messageOf(error);
  return message.split("\n", 1)[0] ?? "";
}
