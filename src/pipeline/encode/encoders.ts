import type { AvifOptions, GifOptions, JpegOptions, PngOptions, Sharp, TiffOptions, WebpOptions } from "sharp";
import { AppError } from "../../errors.ts";
import type { ImageFormat } from "../../formats.ts";
import type { PipelineSettings } from "../types.ts";

/** Formats that sharp writes; the others have encoders of our own. */
export type SharpFormat = "jpeg" | "png" | "webp" | "avif" | "gif" | "tiff";

export type EncoderSettings = Pick<
  PipelineSettings,
  | "jpegProgressive"
  | "pngInterlaced"
  | "pngQuantize"
  | "pngQuantizationColors"
  | "webpEffort"
  | "webpPreset"
  | "avifSpeed"
  | "jxlEffort"
>;

export type EncoderInput = {
  readonly format: SharpFormat;
  /** 1…100; ignored by formats without one. */
  readonly quality: number;
  readonly bits: 8 | 16;
  /** Bits a sample of the source's palette, 0 when it had none: palettes survive whatever was done to the pixels. */
  readonly paletteBits: number;
  readonly settings: EncoderSettings;
  readonly animation: { readonly delays: readonly number[]; readonly loop: number } | null;
};

/** From this quality on colour keeps its full resolution. */
const FULL_CHROMA_QUALITY = 90;
const PNG_COMPRESSION = 6;
/** libvips' own default for palettes and GIF. */
const QUANTISER_EFFORT = 7;
/** 72 dots an inch, in dots a millimetre. */
const RESOLUTION = 72 / 25.4;

/** Whether sharp writes a format. */
export function isSharpFormat(format: ImageFormat): format is SharpFormat {
  return ["jpeg", "png", "webp", "avif", "gif", "tiff"].includes(format);
}

/** Puts the reference's encoder settings onto a pipeline. */
export function applyEncoder(image: Sharp, input: EncoderInput): Sharp {
  return image.toFormat(input.format, encoderOptions(input));
}

type EncoderOptions = JpegOptions | PngOptions | WebpOptions | AvifOptions | GifOptions | TiffOptions;

/** The reference's encoder settings in sharp's words; every one of sharp's defaults that differs is named. */
export function encoderOptions(input: EncoderInput): EncoderOptions {
  const { quality, settings } = input;
  const chromaSubsampling = quality < FULL_CHROMA_QUALITY ? "4:2:0" : "4:4:4";
  switch (input.format) {
    case "jpeg":
      return { quality, chromaSubsampling, progressive: settings.jpegProgressive, optimiseCoding: true };
    case "png":
      return pngOptions(input);
    case "webp":
      return { ...webpOptions(input), ...animationOptions(input) };
    case "avif": {
      const effort = 9 - settings.avifSpeed;
      return { quality, effort, chromaSubsampling, bitdepth: input.bits === 16 ? 12 : 8, tune: "auto" };
    }
    case "gif":
      return { ...gifOptions(input), ...animationOptions(input) };
    case "tiff":
      return { compression: "none", predictor: "none", xres: RESOLUTION, yres: RESOLUTION };
  }
}

function pngOptions({ paletteBits, settings }: EncoderInput): PngOptions {
  const bits = paletteBits > 0 ? paletteBits : settings.pngQuantize ? quantisedBits(settings.pngQuantizationColors) : 0;
  const progressive = settings.pngInterlaced;
  if (bits === 0) return { compressionLevel: PNG_COMPRESSION, adaptiveFiltering: true, progressive };
  return {
    compressionLevel: PNG_COMPRESSION,
    progressive,
    palette: true,
    colours: 2 ** bits,
    effort: QUANTISER_EFFORT,
    dither: 1,
    adaptiveFiltering: false,
  };
}

/** A number of colours only chooses the depth of the palette. */
export function quantisedBits(colours: number): 1 | 2 | 4 | 8 {
  if (colours > 16) return 8;
  if (colours > 4) return 4;
  return colours > 2 ? 2 : 1;
}

function webpOptions({ quality, settings }: EncoderInput): WebpOptions {
  return { quality, effort: settings.webpEffort, preset: settings.webpPreset };
}

function gifOptions({ paletteBits }: EncoderInput): GifOptions {
  return { colours: 2 ** (paletteBits || 8), reuse: false, effort: QUANTISER_EFFORT, dither: 1 };
}

function animationOptions({ animation }: EncoderInput): { loop?: number; delay?: number[] } {
  return animation === null ? {} : { loop: animation.loop, delay: [...animation.delays] };
}

/** For callers that have already ruled the other formats out. */
export function asSharpFormat(format: ImageFormat): SharpFormat {
  if (isSharpFormat(format)) return format;
  throw new AppError("unsupported_target", `results cannot be written as ${format}`);
}
