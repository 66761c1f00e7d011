import { releaseBytes } from "../../image/release-bytes.ts";
import type { ImageMetadata, RawImage } from "../../image/types.ts";
import type { ProcessingOptions } from "../../options/types.ts";
import { applyEncoder, asSharpFormat, type EncoderInput } from "../encode/encoders.ts";
import { encodeWithin } from "../encode/max-bytes.ts";
import { insertMetadata } from "../encode/metadata/insert-metadata.ts";
import { isSizeLimited, resolveQuality } from "../encode/quality.ts";
import { type Canvas, rawSpace } from "../plan/pass.ts";
import { type Plan, planImage } from "../plan/plan.ts";
import { checkPlan } from "../plan/plan-limits.ts";
import { keptOf } from "./carry-metadata.ts";
import { finishToPixels } from "./finish.ts";
import { openPixels, withPicture } from "./picture.ts";
import { openParts, type RenderJob } from "./render-job.ts";
import { runToLastStage } from "./render-picture.ts";
import { scaleFrames } from "./scale-frames.ts";
import { runJob, runToPixels } from "./sharp-job.ts";

/** What the reference gives a frame that says nothing, in milliseconds. */
const DEFAULT_DELAY_MS = 40;

export type RenderedAnimation = { readonly plan: Plan; readonly bytes: Uint8Array; readonly frames: number };

/**
 * An animation: all frames are decoded once into a strip, and each goes through the whole pipeline as if alone, so that nothing
 * bleeds over its edges. Trim is ignored.
 */
export async function renderAnimation(job: RenderJob, frames: number): Promise<RenderedAnimation> {
  const strip = await decodeStrip(job, frames);
  const frameJob: RenderJob = { ...job, options: withoutTrim(job.options), source: withoutProfile(job) };
  const first = frameOf(strip, 0, job.source.meta);
  const plan = planFrame(frameJob, first);
  const count = Math.floor(strip.height / first.height);
  checkPlan(plan, count);
  const results =
    (await renderTogether(strip, { count, height: first.height }, plan, job)) ??
    (await renderOneByOne(strip, count, plan, frameJob));
  releaseBytes(strip.data);
  return { plan, bytes: await encodeFrames(results, plan, job), frames: count };
}

/** Frames that are only scaled and cut; null for all others. */
async function renderTogether(
  strip: RawImage,
  frames: { readonly count: number; readonly height: number },
  { passes, result }: Plan,
  job: RenderJob,
): Promise<readonly RawImage[] | null> {
  const [pass, ...more] = passes;
  if (pass === undefined || more.length > 0) return null;
  return await scaleFrames(strip, frames, { ...pass, output: rawSpace(result) }, job);
}

async function renderOneByOne(strip: RawImage, count: number, plan: Plan, job: RenderJob): Promise<RawImage[]> {
  const results: RawImage[] = [];
  for (let index = 0; index < count; index++) {
    const image = frameOf(strip, index, job.source.meta);
    const stage = await runToLastStage({ plan, picture: { kind: "pixels", image }, window: null, icc: null }, job);
    results.push(await finishToPixels(stage, job));
  }
  return results;
}

/** The profile is applied while decoding: frames are too many to carry it along. */
async function decodeStrip(job: RenderJob, frames: number): Promise<RawImage> {
  const { bytes, meta } = job.source;
  const load = { kind: "none", size: { width: meta.width, height: meta.height } } as const;
  const options = { load, appliesProfile: true, pages: frames };
  return await withPicture({ kind: "file", bytes, meta }, openParts(job), options, ({ image }) =>
    runToPixels(image.toColourspace("srgb"), 8, "decoding", job),
  );
}

function withoutProfile({ source }: RenderJob): RenderJob["source"] {
  return { ...source, meta: { ...source.meta, icc: null } };
}

function withoutTrim(options: ProcessingOptions): ProcessingOptions {
  const [pipeline, ...others] = options.pipelines;
  return { ...options, pipelines: [{ ...pipeline, trim: { ...pipeline.trim, isEnabled: false } }, ...others] };
}

/** One frame of the strip, without a copy. */
function frameOf(strip: RawImage, index: number, { height }: ImageMetadata): RawImage {
  const bytes = strip.width * height * strip.channels;
  return { ...strip, height, data: strip.data.subarray(index * bytes, (index + 1) * bytes) };
}

function planFrame(job: RenderJob, { width, height, channels }: RawImage): Plan {
  const canvas: Canvas = { width, height, hasAlpha: channels === 4, isGrey: false, bits: 8 };
  const { useLinearColorspace, disableShrinkOnLoad } = job.settings;
  return planImage({
    meta: { ...job.source.meta, hasAlpha: channels === 4, space: "srgb", depth: "uchar", channels },
    source: { kind: "pixels", canvas, isLoadShrunk: false },
    size: { width, height },
    options: job.options,
    format: job.format,
    useLinearColorspace,
    disableShrinkOnLoad,
    watermark: job.watermark,
  });
}

async function encodeFrames(frames: readonly RawImage[], plan: Plan, job: RenderJob): Promise<Uint8Array> {
  const [first] = frames;
  if (first === undefined) throw new TypeError("an animation has frames");
  const { meta } = job.source;
  const strip: RawImage = {
    ...first,
    height: first.height * frames.length,
    data: Buffer.concat(frames.map(({ data }) => data)),
  };
  // Each frame, or the stack that several are parts of, was made for this.
  for (const buffer of new Set(frames.map(({ data }) => data.buffer))) releaseBytes(new Uint8Array(buffer));
  const delays = frames.map((_, index) => meta.delays[index] ?? DEFAULT_DELAY_MS);
  const target: Omit<EncoderInput, "quality"> = {
    format: asSharpFormat(plan.format),
    bits: 8,
    paletteBits: meta.paletteBits,
    settings: job.settings,
    animation: { delays, loop: meta.loop },
  };
  const kept = keptOf(job, plan);
  const encode = async (quality: number) => {
    const image = openPixels(strip, first.height).toColourspace("srgb");
    const { data } = await runJob(applyEncoder(image, { ...target, quality }), "encoding", job);
    return kept === null ? data : insertMetadata(data, plan.format, kept);
  };
  const quality = resolveQuality(plan.format, job.options, job.settings);
  const isLimited = isSizeLimited(plan.format, job.options);
  const encoded = isLimited ? await encodeWithin(job.options.maxBytes, quality, encode) : await encode(quality);
  releaseBytes(strip.data);
  return encoded;
}
