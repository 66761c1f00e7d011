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

/** What a field holds, wherever it stands. */
export function fieldValue(options: ProcessingOptions, field: OptionField): unknown {
  const pipeline = options.pipelines[0];
  // A name is that of a field of the one or of the other, and every field is present.
  return field in pipeline ? pipeline[field as keyof PipelineOptions] : options[field as keyof ProcessingOptions];
}
