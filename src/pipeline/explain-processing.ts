import { animationFrames } from "../image/limits.ts";
import type { SourceImage } from "../image/types.ts";
import type { ProcessingOptions } from "../options/types.ts";
import { explainPlan } from "./plan/explain.ts";
import { decideFormat } from "./plan/output-format.ts";
import { planImage } from "./plan/plan.ts";
import type { AcceptedFormats, PipelineSettings } from "./types.ts";

export type ExplainInput = {
  readonly source: Pick<SourceImage, "meta">;
  readonly options: ProcessingOptions;
  readonly accepted: AcceptedFormats;
  readonly settings: PipelineSettings;
  readonly hasWatermark: boolean;
};

/**
 * What `processImage` would do, in words, from the header alone. Throws `unsupported_target` as it would. Sizes behind a trim
 * are those without it, since only the pixels tell what it cuts.
 */
export function explainProcessing(input: ExplainInput): string {
  const { source, options, settings } = input;
  const { meta } = source;
  const decision = decideFormat({ meta, options, accepted: input.accepted, settings });
  if (decision.kind === "source") return `the ${meta.format} source is handed on as it is\n`;
  const plan = planImage({
    meta,
    source: { kind: "source" },
    size: { width: meta.width, height: meta.height },
    options,
    format: decision.format,
    useLinearColorspace: settings.useLinearColorspace,
    disableShrinkOnLoad: settings.disableShrinkOnLoad,
    watermark: input.hasWatermark ? { isGrey: false } : null,
  });
  const frames = decision.isAnimated ? animationFrames(meta, options) : 1;
  const [pipeline] = options.pipelines;
  return [
    explainPlan(plan),
    frames > 1 ? `all of this for each of ${frames} frames\n` : "",
    pipeline.trim.isEnabled && frames === 1 ? "trim comes first; all sizes then start from what it leaves\n" : "",
  ].join("");
}
