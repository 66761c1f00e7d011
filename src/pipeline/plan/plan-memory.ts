import { BoundedMap } from "../../bounded-map.ts";
import type { ProcessingOptions } from "../../options/types.ts";
import { type Plan, type PlanInput, type PlannedMeta, planImage } from "./plan.ts";

const MAX_REMEMBERED = 1000;

/** What a plan takes from the header of a picture without a profile; a new field that is missing here does not compile. */
const DECISIVE: Readonly<Record<Exclude<keyof PlannedMeta, "icc">, true>> = {
  format: true,
  orientation: true,
  pages: true,
  hasAlpha: true,
  space: true,
  depth: true,
  channels: true,
};
// Object.keys widens to string.
const FIELDS = Object.keys(DECISIVE) as (keyof typeof DECISIVE)[];

/**
 * Plans as `planImage` does, and remembers plans, since most pictures of a site are of a few sizes and asked for with the same
 * options (the very same, see `createOptionsReader`). Arithmetic of 3 µs in a loop takes a tenth of a millisecond between pictures,
 * which leave nothing of it in the caches of the processor.
 */
export function createPlanner(): (input: PlanInput) => Plan {
  const remembered = new BoundedMap<Plan>({ maxEntries: MAX_REMEMBERED });
  const names = new WeakMap<ProcessingOptions, number>();
  let named = 0;

  function nameOf(options: ProcessingOptions): number {
    const known = names.get(options);
    if (known !== undefined) return known;
    named += 1;
    names.set(options, named);
    return named;
  }

  return (input) => {
    const { meta, source, size, options, format, useLinearColorspace, disableShrinkOnLoad, watermark } = input;
    // Profiles are told apart by their bytes, and raw pixels come in any size.
    if (source.kind !== "source" || meta.icc !== null) return planImage(input);
    let key = `${nameOf(options)} ${format} ${size.width}x${size.height} ${useLinearColorspace} ${disableShrinkOnLoad} ${watermark?.isGrey}`;
    for (const field of FIELDS) key += ` ${meta[field]}`;
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const plan = planImage(input);
    remembered.set(key, plan);
    return plan;
  };
}
