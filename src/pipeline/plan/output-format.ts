import { AppError } from "../../errors.ts";
import { IMAGE_FORMATS, type ImageFormat } from "../../formats.ts";
import type { ImageMetadata } from "../../image/types.ts";
import type { ProcessingOptions } from "../../options/types.ts";
import type { AcceptedFormats, PipelineSettings } from "../types.ts";

export type FormatSettings = Pick<
  PipelineSettings,
  | "preferredFormats"
  | "autoJxl"
  | "autoAvif"
  | "autoWebp"
  | "enforceJxl"
  | "enforceAvif"
  | "enforceWebp"
  | "alwaysRasterizeSvg"
>;

export type FormatInput = {
  readonly meta: ImageMetadata;
  readonly options: ProcessingOptions;
  readonly accepted: AcceptedFormats;
  readonly settings: FormatSettings;
};

/** Either the source goes out as it is (an SVG sanitised), or it is processed into a format. */
export type FormatDecision =
  | { readonly kind: "source" }
  | { readonly kind: "process"; readonly format: ImageFormat; readonly isAnimated: boolean };

/** Whether a result made without a named format must be able to hold transparency. `extend_aspect_ratio` does not count. */
function expectsTransparency(meta: ImageMetadata, options: ProcessingOptions): boolean {
  const [pipeline] = options.pipelines;
  if (pipeline.background !== null) return false;
  const { top, right, bottom, left } = pipeline.padding;
  return meta.hasAlpha || top + right + bottom + left > 0 || pipeline.extend.isEnabled;
}

/** Whether the source is handed on unprocessed: skipped formats, and SVG unless pixels are asked for. */
function isHandedOn({ meta, options, settings }: FormatInput): boolean {
  const { format } = options;
  const isSame = format === null || format === meta.format;
  if (isSame && options.skipProcessing.includes(meta.format)) return true;
  if (meta.format !== "svg") return false;
  return format === "svg" || (format === null && !settings.alwaysRasterizeSvg);
}

/** The newer format that the client's `Accept` brings in: JPEG XL before AVIF before WebP, the first two for stills only. */
function negotiated(input: FormatInput, mode: "auto" | "enforce", isAnimated: boolean): ImageFormat | null {
  const { accepted, settings } = input;
  const isOn = (auto: boolean, enforce: boolean) => enforce || (mode === "auto" && auto);
  if (accepted.jxl && !isAnimated && isOn(settings.autoJxl, settings.enforceJxl)) return "jxl";
  if (accepted.avif && !isAnimated && isOn(settings.autoAvif, settings.enforceAvif)) return "avif";
  if (accepted.webp && isOn(settings.autoWebp, settings.enforceWebp)) return "webp";
  return null;
}

function preferred({ meta, options, settings }: FormatInput, isAnimated: boolean): ImageFormat {
  const formats = settings.preferredFormats;
  if (formats.includes(meta.format)) return meta.format;
  const needsAlpha = expectsTransparency(meta, options);
  const fits = (format: ImageFormat) =>
    (!isAnimated || IMAGE_FORMATS[format].savesAnimation) && (!needsAlpha || IMAGE_FORMATS[format].hasAlpha);
  return formats.find(fits) ?? formats[0] ?? "jpeg";
}

function wantedFormat(input: FormatInput, isAnimated: boolean): ImageFormat {
  const { format } = input.options;
  if (format === null) return negotiated(input, "auto", isAnimated) ?? preferred(input, isAnimated);
  // Whoever asks for an SVG wants no pixels: nothing is enforced over it.
  return format === "svg" ? format : (negotiated(input, "enforce", isAnimated) ?? format);
}

/**
 * The result's format. Rules of the reference: skipping comes before everything; a named format is kept unless an ENFORCE
 * setting and the client's `Accept` override it; without a name `Accept`, then the preferred formats decide.
 * Throws `unsupported_target` for a format that cannot be made of this source.
 */
export function decideFormat(input: FormatInput): FormatDecision {
  const { meta, options } = input;
  if (isHandedOn(input)) return { kind: "source" };
  const isAnimatedSource = meta.isAnimation && options.maxAnimationFrames > 1;
  const format = wantedFormat(input, isAnimatedSource);
  if (format === "svg") {
    throw new AppError("unsupported_target", `a ${meta.format} source cannot become an SVG`, {
      hint: "Ask for a raster format, or name an SVG source.",
    });
  }
  if (!IMAGE_FORMATS[format].canSave) {
    throw new AppError("unsupported_target", `results cannot be written as ${format}`, {
      hint: "Ask for another format, such as avif or webp.",
    });
  }
  return { kind: "process", format, isAnimated: isAnimatedSource && IMAGE_FORMATS[format].savesAnimation };
}
