import type { ImageFormat } from "../../formats.ts";
import type { ExactLoader, SourceImage } from "../../image/types.ts";
import type { ImageCodecs } from "../../image/wasm/image-codecs.ts";
import type { ProcessingOptions } from "../../options/types.ts";
import { type PipelineSettings, unlimitedFormats } from "../types.ts";
import type { Watermark } from "./overlay.ts";
import type { OpenParts } from "./picture.ts";

/** Everything one result is made from. */
export type RenderJob = {
  readonly source: SourceImage;
  readonly options: ProcessingOptions;
  readonly format: ImageFormat;
  readonly settings: PipelineSettings;
  readonly watermark: Watermark | null;
  /** null = load from buffers only, a little less exact and slower for JPEG. */
  readonly exactLoader: ExactLoader | null;
  readonly codecs: ImageCodecs;
  readonly signal: AbortSignal;
};

/** What opening a picture needs of a job. */
export function openParts(job: Pick<RenderJob, "settings" | "exactLoader">): OpenParts {
  return { unlimited: unlimitedFormats(job.settings), exactLoader: job.exactLoader };
}
