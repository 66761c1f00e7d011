import { throwIfAborted } from "../image/in-turns.ts";
import { animationFrames, checkResolution } from "../image/limits.ts";
import { sanitizeSvg } from "../image/svg/sanitize-svg.ts";
import type { ExactLoader, SourceImage } from "../image/types.ts";
import type { ImageCodecs } from "../image/wasm/image-codecs.ts";
import type { ProcessingOptions } from "../options/types.ts";
import { decideFormat } from "./plan/output-format.ts";
import type { Plan } from "./plan/plan.ts";
import { renderAnimation } from "./render/animation.ts";
import type { Watermark } from "./render/overlay.ts";
import type { RenderJob } from "./render/render-job.ts";
import { renderStill } from "./render/render-picture.ts";
import type { AcceptedFormats, PipelineSettings, RenderedImage } from "./types.ts";

export type ProcessInput = {
  /** From `readSourceImage`: its limits have been checked. */
  readonly source: SourceImage;
  readonly options: ProcessingOptions;
  readonly accepted: AcceptedFormats;
  readonly settings: PipelineSettings;
  /** null = none is configured; the `watermark` option then does nothing. */
  readonly watermark: Watermark | null;
  /** null = no anonymous files here: JPEG is loaded a little less exactly. */
  readonly exactLoader: ExactLoader | null;
  readonly codecs: ImageCodecs;
  readonly signal: AbortSignal;
};

/**
 * Makes the result of a request from its source: decides the format, checks the resolution of what will be loaded, renders and
 * encodes; or hands the source on where nothing is to be done. Throws `invalid_image` for sources above the limits,
 * `broken_image` for those that cannot be decoded, `unsupported_target` for what cannot be made of them, `timeout`, or the
 * signal's reason.
 */
export async function processImage(input: ProcessInput): Promise<RenderedImage> {
  const { source, options, accepted, settings, signal } = input;
  throwIfAborted(signal);
  const decision = decideFormat({ meta: source.meta, options, accepted, settings });
  if (decision.kind === "source") return await handOn(input);
  const frames = decision.isAnimated ? animationFrames(source.meta, options) : 1;
  checkResolution(source.meta, frames, options);
  const started = performance.now();
  const job: RenderJob = { ...input, format: decision.format };
  const rendered = frames > 1 ? await renderAnimation(job, frames) : { ...(await renderStill(job)), frames: 1 };
  return describe(rendered, source, performance.now() - started);
}

function describe(
  rendered: { readonly plan: Plan; readonly bytes: Uint8Array; readonly frames: number },
  { meta }: SourceImage,
  milliseconds: number,
): RenderedImage {
  const { plan, bytes, frames } = rendered;
  return {
    bytes,
    format: plan.format,
    isSource: false,
    width: plan.result.width,
    height: plan.result.height,
    frames,
    sourceWidth: meta.width,
    sourceHeight: meta.height,
    timings: { render: milliseconds },
  };
}

/** The source as it is; an SVG made safe unless the configuration trusts its sources. */
async function handOn({ source, settings, signal }: ProcessInput): Promise<RenderedImage> {
  const { bytes, meta } = source;
  const { format, width, height, pages } = meta;
  const isSanitized = format === "svg" && settings.sanitizeSvg;
  return {
    bytes: isSanitized ? await sanitizeSvg(bytes, signal) : bytes,
    format,
    isSource: true,
    width,
    height,
    frames: pages,
    sourceWidth: width,
    sourceHeight: height,
    timings: {},
  };
}
