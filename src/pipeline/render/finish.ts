import type { Sharp } from "sharp";
import { encodeBmp } from "../../image/bmp/encode-bmp.ts";
import { encodeIcon } from "../../image/ico.ts";
import { releaseBytes } from "../../image/release-bytes.ts";
import type { RawImage } from "../../image/types.ts";
import { applyEncoder, asSharpFormat, type EncoderInput, isSharpFormat } from "../encode/encoders.ts";
import { encodeWithin } from "../encode/max-bytes.ts";
import { insertMetadata } from "../encode/metadata/insert-metadata.ts";
import { isSizeLimited, resolveQuality } from "../encode/quality.ts";
import type { ProfileFate } from "../plan/colour.ts";
import { rawSpace, resultSpace } from "../plan/pass.ts";
import { applyMetadata, keptOf } from "./carry-metadata.ts";
import { openPixels, type Picture, withPicture } from "./picture.ts";
import { openParts, type RenderJob } from "./render-job.ts";
import { runJob, runToPixels } from "./sharp-job.ts";
import { type Stage, withStage } from "./stage.ts";

/** Runs the last stage of a still picture into its encoded form. */
export async function finishPicture(stage: Stage, job: RenderJob): Promise<Uint8Array> {
  const { plan } = stage;
  const profiled = withCarriedProfile(stage);
  if (needsPixels(stage, job)) {
    const pixels = await finishToPixels(profiled, job);
    const encoded = await encodePixels(pixels, stage, job);
    releaseBytes(pixels.data);
    return encoded;
  }
  const quality = resolveQuality(plan.format, job.options, job.settings);
  return await withProfileFile(stage, job, (profilePath) =>
    withStage(profiled, job, (image) => {
      const target = { ...encoderInput(stage, job), quality };
      return encodeWithMetadata(applyProfile(image, plan.colour.profile, profilePath), target, stage, job);
    }),
  );
}

/** The end of every pipeline that sharp encodes. */
async function encodeWithMetadata(image: Sharp, target: EncoderInput, { plan }: Stage, job: RenderJob) {
  const kept = keptOf(job, plan);
  const { data } = await runJob(applyEncoder(applyMetadata(image, plan.format, kept), target), "encoding", job);
  return kept === null ? data : insertMetadata(data, plan.format, kept);
}

/** Runs the last stage to raw pixels in their final colours. */
export async function finishToPixels(stage: Stage, job: RenderJob): Promise<RawImage> {
  const { plan, pass } = stage;
  const fate = plan.colour.profile === "convert" ? "convert" : "none";
  const output = rawSpace(plan.result);
  const bits = plan.result.bits;
  const pixels = await withStage({ ...stage, pass: { ...pass, output } }, job, (image) =>
    runToPixels(applyProfile(image, fate, null), bits, "processing", job),
  );
  const { width, height } = plan.result;
  return { ...pixels, width, height };
}

/**
 * Encoders of our own and repeated encoding start from pixels; so does grey that sharp's profile conversion makes RGB. The AVIF
 * and TIFF encoders write the source's orientation, which would turn the pixels a second time: pixels have none.
 */
function needsPixels({ plan, picture }: Stage, { options, source }: RenderJob): boolean {
  const { format, result, colour } = plan;
  const bringsOrientation = (format === "avif" || format === "tiff") && source.meta.orientation !== 1;
  return (
    !isSharpFormat(format) ||
    isSizeLimited(format, options) ||
    (result.isGrey && colour.profile === "convert") ||
    (picture.kind === "file" && bringsOrientation)
  );
}

/** Pixels between passes have lost the profile; where the last pass needs it, it is given back. */
function withCarriedProfile(stage: Stage): Stage {
  const { picture, plan, icc } = stage;
  const isNeeded = plan.colour.profile === "convert" || plan.colour.profile === "keep";
  if (picture.kind === "file" || icc === null || !isNeeded) return stage;
  return { ...stage, picture: { ...picture, icc } };
}

function applyProfile(image: Sharp, fate: ProfileFate, profilePath: string | null): Sharp {
  switch (fate) {
    case "none":
    case "drop":
      return image;
    case "keep":
      return image.keepIccProfile();
    case "convert":
      return image.withIccProfile("srgb", { attach: false });
    case "export":
      return profilePath === null ? image : image.withIccProfile(profilePath);
  }
}

/** Pixels are converted back into a profile by its file name. */
async function withProfileFile<Result>(
  { plan, icc }: Stage,
  { exactLoader }: RenderJob,
  use: (path: string | null) => Promise<Result>,
): Promise<Result> {
  if (plan.colour.profile !== "export" || icc === null || exactLoader === null) return await use(null);
  return await exactLoader.withFile(icc, use);
}

/** What the encoder of a still picture is told. */
export function encoderInput(
  { plan }: Pick<Stage, "plan">,
  { source, settings }: RenderJob,
): Omit<EncoderInput, "quality"> {
  return {
    format: asSharpFormat(plan.format),
    bits: plan.result.bits,
    paletteBits: source.meta.paletteBits,
    settings,
    animation: null,
  };
}

async function encodePixels(pixels: RawImage, stage: Stage, job: RenderJob): Promise<Uint8Array> {
  const { format } = stage.plan;
  const quality = resolveQuality(format, job.options, job.settings);
  switch (format) {
    case "bmp":
      return encodeBmp(pixels);
    case "ico":
      return await encodeIco(pixels, job);
    default: {
      const encode = (tried: number) => encodeOnce(pixels, tried, stage, job);
      if (!isSizeLimited(format, job.options)) return await encode(quality);
      return await encodeWithin(job.options.maxBytes, quality, encode);
    }
  }
}

async function encodeOnce(pixels: RawImage, quality: number, stage: Stage, job: RenderJob): Promise<Uint8Array> {
  const { plan, icc } = stage;
  if (plan.format === "jxl") {
    return await job.codecs.encodeJxl(pixels, { quality, effort: job.settings.jxlEffort, signal: job.signal });
  }
  const fate = plan.colour.profile === "convert" ? "none" : plan.colour.profile;
  const picture: Picture = { kind: "pixels", image: pixels, ...(fate === "keep" && icc !== null && { icc }) };
  const target = { ...encoderInput(stage, job), quality };
  const load = { kind: "none", size: plan.result } as const;
  return await withProfileFile(stage, job, (profilePath) =>
    withPicture(picture, openParts(job), { load, appliesProfile: false }, ({ image }) => {
      const profiled = applyProfile(image.toColourspace(resultSpace(plan.result)), fate, profilePath);
      return encodeWithMetadata(profiled, target, stage, job);
    }),
  );
}

/** An icon holds one PNG in colour, never with a palette. */
async function encodeIco(pixels: RawImage, job: RenderJob): Promise<Uint8Array> {
  const settings = { ...job.settings, pngQuantize: false };
  const target: EncoderInput = { format: "png", quality: 0, bits: 8, paletteBits: 0, settings, animation: null };
  const image = applyEncoder(openPixels(pixels).toColourspace("srgb"), target);
  const { data: png } = await runJob(image, "encoding", job);
  const channels = pixels.channels === 2 || pixels.channels === 4 ? 4 : 3;
  return encodeIcon({ png, width: pixels.width, height: pixels.height, channels });
}
