import { isDrawnQuickly } from "../../image/svg/drawing-effort.ts";
import { encoderOptions, isSharpFormat } from "../encode/encoders.ts";
import { isSizeLimited, resolveQuality } from "../encode/quality.ts";
import type { Size } from "../plan/gravity.ts";
import { type Canvas, doesOnly } from "../plan/pass.ts";
import type { Plan } from "../plan/plan.ts";
import { roundHalfAway } from "../plan/rounding.ts";
import { keptOf } from "./carry-metadata.ts";
import { encoderInput } from "./finish.ts";
import { naturalSize, planPicture } from "./prologue.ts";
import type { RenderJob } from "./render-job.ts";
import { drawingOf } from "./render-svg.ts";

/**
 * A drawing that may take long and is nothing but drawn: its process writes the result, too, so that no pixels cross over. null for
 * everything else. Throws as `renderSvg` does.
 */
export async function encodeDrawing(
  job: RenderJob,
): Promise<{ readonly plan: Plan; readonly bytes: Uint8Array } | null> {
  const { source, options, settings, signal } = job;
  if (source.meta.format !== "svg" || job.exactLoader === null || options.pipelines[0].trim.isEnabled) return null;
  const plan = planDrawn(job);
  if (plan === null || isDrawnQuickly(source.bytes, plan.load.size)) return null;
  if (!isSharpFormat(plan.format) || isSizeLimited(plan.format, options) || keptOf(job, plan) !== null) return null;
  const [pass, ...more] = plan.passes;
  if (pass === undefined || more.length > 0 || !doesOnly(pass, ["flatten"]) || pass.output !== "srgb") return null;
  const quality = resolveQuality(plan.format, options, settings);
  const output = {
    format: plan.format,
    options: encoderOptions({ ...encoderInput({ plan }, job), quality }),
    background: pass.flatten,
  };
  const drawing = drawingOf(job, plan.load);
  const written = await job.codecs.encodeSvg(source.bytes, { drawing, output, signal });
  return written === null ? null : { plan, bytes: written };
}

/** The plan for a drawing of the size that it will have; null where only librsvg knows that. */
function planDrawn(job: RenderJob): Plan | null {
  const { meta } = job.source;
  const size = naturalSize(meta, job);
  const { declaredSize } = meta;
  if (declaredSize === undefined || size.width !== meta.width || size.height !== meta.height) return null;
  const { load, colour } = planPicture(job, { meta, size, source: { kind: "source" } });
  const scale = load.kind === "svg" ? load.scale : 1;
  const drawn: Size = {
    width: roundHalfAway(declaredSize.width * scale),
    height: roundHalfAway(declaredSize.height * scale),
  };
  const canvas: Canvas = { ...drawn, hasAlpha: true, isGrey: false, bits: colour.bits };
  const plan = planPicture(job, { meta, size, source: { kind: "pixels", canvas, isLoadShrunk: true } });
  return { ...plan, load: { ...load, size: drawn } };
}
