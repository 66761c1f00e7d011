import type { Config } from "../../config/config.ts";
import type { ImageJob } from "../../http/services.ts";
import { readSourceImage } from "../../image/read-source-image.ts";
import type { ExactLoader } from "../../image/types.ts";
import type { ImageCodecs } from "../../image/wasm/image-codecs.ts";
import { processImage } from "../../pipeline/process-image.ts";
import { loadWatermark } from "../../pipeline/render/watermark.ts";
import { type RenderedImage, unlimitedFormats } from "../../pipeline/types.ts";

export type ProcessorParts = {
  readonly config: Config;
  /** Bytes of the configured watermark image. */
  readonly watermark: Uint8Array | undefined;
  readonly codecs: ImageCodecs;
  readonly exactLoader: ExactLoader | null;
  readonly signal: AbortSignal;
};

/** Joins reading an image and processing it, for one configuration. Throws `AppError` when the watermark is no good. */
export async function createImageProcessor(parts: ProcessorParts): Promise<(job: ImageJob) => Promise<RenderedImage>> {
  const { config, codecs, exactLoader } = parts;
  const unlimited = unlimitedFormats(config);
  const watermark =
    parts.watermark === undefined
      ? null
      : await loadWatermark(parts.watermark, { ...parts, hint: {}, limits: config, settings: config });
  return async ({ bytes, hint, options, accepted, signal }) => {
    const source = await readSourceImage(bytes, { hint, limits: options, unlimited, codecs, signal });
    return processImage({ source, options, accepted, settings: config, watermark, codecs, exactLoader, signal });
  };
}
