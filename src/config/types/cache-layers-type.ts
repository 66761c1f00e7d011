import { nearestWord } from "../../text/nearest.ts";
import { bad, good, type ValueType } from "./value-type.ts";

/** Where results are kept, fastest first: this is also the order in which they are asked. */
const CACHE_LAYERS = ["memory", "fs", "s3"] as const;

export type CacheLayer = (typeof CACHE_LAYERS)[number];

/** Stores that imgproxy's paid edition can keep results in and this program cannot. */
const OTHER_STORES: readonly string[] = ["gcs", "abs", "swift"];

/** Any of the layers, separated by commas, in any order; one alone is what the paid edition takes. */
export const cacheLayers: ValueType<readonly CacheLayer[]> = {
  name: "list",
  expected: `any of ${CACHE_LAYERS.join(", ")}, separated by commas`,
  parse: (text) => {
    const words = text.split(",").map((word) => word.trim().toLowerCase());
    const unknown = words.find((word) => !CACHE_LAYERS.some((layer) => layer === word));
    if (unknown === undefined) return good(CACHE_LAYERS.filter((layer) => words.includes(layer)));
    if (OTHER_STORES.includes(unknown)) return bad(`"${unknown}" is not built; s3 speaks to every compatible store`);
    const near = nearestWord(unknown, CACHE_LAYERS);
    return bad(near === undefined ? `"${unknown}" is none of them` : `did you mean "${near}"?`);
  },
  print: (layers) => layers.join(","),
};
