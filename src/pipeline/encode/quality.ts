import { IMAGE_FORMATS, type ImageFormat } from "../../formats.ts";
import type { ProcessingOptions } from "../../options/types.ts";
import type { PipelineSettings } from "../types.ts";

/**
 * Quality 1…100 of a result. The URL's `quality` wins, then its `format_quality`, then the configuration's per format, then
 * its general one; 0 means "not set" everywhere.
 */
export function resolveQuality(
  format: ImageFormat,
  options: Pick<ProcessingOptions, "quality" | "formatQuality">,
  settings: Pick<PipelineSettings, "quality" | "formatQuality">,
): number {
  return options.quality || options.formatQuality[format] || settings.formatQuality[format] || settings.quality;
}

/** Whether `max_bytes` applies: only encoders with a quality can make a result smaller. */
export function isSizeLimited(format: ImageFormat, options: Pick<ProcessingOptions, "maxBytes">): boolean {
  return options.maxBytes > 0 && IMAGE_FORMATS[format].hasQuality;
}
