import { isDrawnQuickly } from "../../image/svg/drawing-effort.ts";
import { encoderOptions, isSharpFormat } from "../encode/encoders.ts";
import { isSizeLimited, resolveQuality } from "../encode/quality.ts";
import { doesOnly } from "../plan/pass.ts";
import type { Plan } from "../plan/plan.ts";
import { keptOf } from "./carry-metadata.ts";
import { encoderInput } from "./finish.ts";
import { isRenderedAsPlanned, naturalSize, planPicture } from "./prologue.ts";
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
  const { bytes, meta } = source;
  if (meta.format !== "svg" || options.pipelines[0].trim.isEnabled) return null;
  const plan = planPicture(job, { meta, size: naturalSize(meta, job), source: { kind: "source" } });
  if (!isRenderedAsPlanned(job, plan) || isDrawnQuickly(bytes, plan.load.size)) return null;
  if (!isSharpFormat(plan.format) || isSizeLimited(plan.format, options) || keptOf(job, plan) !== null) return null;
  const [pass, ...more] = plan.passes;
  if (pass === undefined || more.length > 0 || !doesOnly(pass, ["flatten"]) || pass.output !== "srgb") return null;
  const quality = resolveQuality(plan.format, options, settings);
  const output = {
    format: plan.format,
    options: encoderOptions({ ...encoderInput({ plan }, job), quality }),
    background: pass.flatten,
  };
  return { plan, bytes: await job.codecs.encodeSvg(bytes, { drawing: drawingOf(job, plan.load), output, signal }) };
}
