import type { PipelineOptions, ProcessingOptions } from "./types.ts";

/** A field of the request, or one of the pipeline; no two have one name. */
export type OptionField = Exclude<keyof ProcessingOptions, "pipelines"> | keyof PipelineOptions;

/**
 * The fields of `options` that do not hold the very value of `base`, in the order of the types. Two objects count as different
 * though they say the same.
 */
export function changedFields(options: ProcessingOptions, base: ProcessingOptions): readonly OptionField[] {
  const changed: OptionField[] = [];
  const pipeline = options.pipelines[0];
  const basePipeline = base.pipelines[0];
  // `for in` widens to string; the keys are the type's own.
  for (const name in pipeline) {
    const field = name as keyof PipelineOptions;
    if (pipeline[field] !== basePipeline[field]) changed.push(field);
  }
  for (const name in options) {
    const field = name as keyof ProcessingOptions;
    if (field !== "pipelines" && options[field] !== base[field]) changed.push(field);
  }
  return changed;
}
