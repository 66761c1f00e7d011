import type { Sharp } from "sharp";
import { inTurns } from "../../image/in-turns.ts";
import { releaseBytes } from "../../image/release-bytes.ts";
import type { RawImage } from "../../image/types.ts";
import type { Box } from "../plan/gravity.ts";
import type { Pass } from "../plan/pass.ts";
import type { Plan } from "../plan/plan.ts";
import { type LoadShrink, sharpJpegFactor } from "../plan/shrink-on-load.ts";
import { applyPass } from "./apply-pass.ts";
import { type Picture, withPicture } from "./picture.ts";
import { doPixelWork } from "./pixel-work.ts";
import { openParts, type RenderJob } from "./render-job.ts";
import { runToPixels } from "./sharp-job.ts";

/** One pass of a plan and the picture it runs on. */
export type Stage = {
  readonly plan: Plan;
  readonly pass: Pass;
  readonly picture: Picture;
  /** The part of the picture that counts, where a trim has found one. */
  readonly window: Box | null;
  /** The profile that describes the picture's numbers; the plan's colour says what becomes of it. */
  readonly icc: Uint8Array | null;
};

/** Opens the stage's picture and puts the pass onto it; `use` adds the output and runs it. */
export async function withStage<Result>(
  stage: Stage,
  job: RenderJob,
  use: (image: Sharp) => Promise<Result>,
): Promise<Result> {
  const { plan, pass, picture, window } = stage;
  const overlay = pass.hasWatermark ? await prepareOverlay(stage, job) : null;
  const isLeftToSharp = leavesShrinkToSharp(stage);
  const load: LoadShrink = isLeftToSharp ? { kind: "none", size: plan.source } : plan.load;
  const isDrawing = picture.kind === "file" && picture.meta.format === "svg";
  const isShrunk = load.kind !== "none" || job.settings.disableShrinkOnLoad || isDrawing;
  const isSharpened = pass.sharpen > 0;
  return await withPicture(picture, openParts(job), { load, appliesProfile: false, isSharpened }, ({ image, size }) =>
    use(
      applyPass(image, {
        pass: window === null ? pass : inWindow(pass, window),
        inputSize: size,
        forbidsReload: picture.kind === "file" && isShrunk,
        overlay,
      }),
    ),
  );
}

/** Whether sharp, given the whole JPEG in memory and this pass, shrinks it while decoding just as planned. */
function leavesShrinkToSharp({ plan, pass, picture, window }: Stage): boolean {
  const { load, source } = plan;
  if (picture.kind !== "file" || load.kind !== "jpeg" || pass.resize === null) return false;
  const isWhole = pass.crop === null && window === null && pass.convertTo === null;
  return isWhole && sharpJpegFactor(source, pass.resize) === load.factor;
}

/** A pass on a part of its picture: the part is cut out in the same run. */
function inWindow(pass: Pass, window: Box): Pass {
  const { crop } = pass;
  if (crop === null) return { ...pass, crop: window };
  return { ...pass, crop: { ...crop, left: crop.left + window.left, top: crop.top + window.top } };
}

async function prepareOverlay({ plan, pass }: Stage, job: RenderJob) {
  const [{ watermark }] = job.options.pipelines;
  if (job.watermark === null) return null;
  const opacity = watermark.opacity * job.settings.watermarkOpacity;
  const { width, height } = pass.result;
  return await job.watermark.overlay({
    canvas: { width, height },
    options: watermark,
    opacity,
    dprScale: plan.geometry.dprScale,
    signal: job.signal,
  });
}

/** Runs a stage to raw pixels, the work on them included. */
export async function runStage(stage: Stage, job: RenderJob): Promise<RawImage> {
  const { pass } = stage;
  const bits = pass.output === "rgb16" || pass.output === "grey16" ? 16 : 8;
  const pixels = await withStage(stage, job, (image) => runToPixels(image, bits, "processing", job));
  if (pass.afterwards.length === 0) return { ...pixels, ...sizeOf(pass) };
  let worked = pixels;
  for (const work of pass.afterwards) {
    const before = worked;
    worked = await inTurns(doPixelWork(before, work), job.signal);
    if (worked.data !== before.data) releaseBytes(before.data);
  }
  return worked;
}

/** The plan's size: the one sharp reports is that of an earlier step when a cut and a border meet in one pass. */
function sizeOf({ result: { width, height } }: Pass): { width: number; height: number } {
  return { width, height };
}
