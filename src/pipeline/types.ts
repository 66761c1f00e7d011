import type { ImageFormat } from "../formats.ts";
import type { UnlimitedFormats } from "../image/sharp-metadata.ts";

/** Which newer formats the client said it accepts (substring search in `Accept`, as the reference does). */
export type AcceptedFormats = { readonly webp: boolean; readonly avif: boolean; readonly jxl: boolean };

/** The part of the configuration that decides what a result looks like. `Config` fits it as it is. */
export type PipelineSettings = {
  readonly preferredFormats: readonly ImageFormat[];
  readonly autoWebp: boolean;
  readonly enforceWebp: boolean;
  readonly autoAvif: boolean;
  readonly enforceAvif: boolean;
  readonly autoJxl: boolean;
  readonly enforceJxl: boolean;
  readonly alwaysRasterizeSvg: boolean;
  readonly sanitizeSvg: boolean;
  /** 1…100, for formats that `formatQuality` does not name. */
  readonly quality: number;
  readonly formatQuality: Readonly<Partial<Record<ImageFormat, number>>>;
  readonly jpegProgressive: boolean;
  readonly pngInterlaced: boolean;
  readonly pngQuantize: boolean;
  /** 2…256. */
  readonly pngQuantizationColors: number;
  /** 1…6. */
  readonly webpEffort: number;
  readonly webpPreset: "default" | "photo" | "picture" | "drawing" | "icon" | "text";
  /** 0…9. */
  readonly avifSpeed: number;
  /** 1…9. */
  readonly jxlEffort: number;
  readonly useLinearColorspace: boolean;
  readonly disableShrinkOnLoad: boolean;
  /** Above 0, at most 1. */
  readonly watermarkOpacity: number;
  readonly pngUnlimited: boolean;
  readonly svgUnlimited: boolean;
  readonly tiffUnlimited: boolean;
  /** Longest that one sharp pipeline may run: the time of the whole request is a fair upper bound. */
  readonly timeoutSeconds: number;
};

/** The decoders whose limits are lifted, in the form the image room takes. */
export function unlimitedFormats(settings: PipelineSettings): UnlimitedFormats {
  return { png: settings.pngUnlimited, svg: settings.svgUnlimited, tiff: settings.tiffUnlimited };
}

/** An encoded answer and what the headers need to say of it. */
export type RenderedImage = {
  readonly bytes: Uint8Array;
  readonly format: ImageFormat;
  /** Whether the source goes out unprocessed (skipped format, SVG; the latter may be sanitised). */
  readonly isSource: boolean;
  /** Pixels of one frame; 0 for an SVG that says no size. */
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** Pixels of the source as stored, for debug headers. */
  readonly sourceWidth: number;
  readonly sourceHeight: number;
  /** Milliseconds by stage name, for Server-Timing and metrics. */
  readonly timings: Readonly<Record<string, number>>;
};
