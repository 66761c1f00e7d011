import type { Sample } from "./run-soak.ts";

/** Resident bytes in the third and in the last quarter of a soak: medians, since single pictures make peaks. */
export function secondHalf(samples: readonly Sample[]): { readonly third: number; readonly last: number } {
  const quarter = Math.floor(samples.length / 4);
  return {
    third: median(samples.slice(2 * quarter, 3 * quarter)),
    last: median(samples.slice(3 * quarter)),
  };
}

function median(samples: readonly Sample[]): number {
  const sorted = samples.map(({ residentBytes }) => residentBytes).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
