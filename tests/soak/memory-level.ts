import type { Sample } from "./run-soak.ts";

/** Resident bytes of the server: medians of a time, since single pictures make peaks, and the highest of these. */
export type MemoryLevels = {
  readonly firstHalf: number;
  readonly secondHalf: number;
  readonly thirdQuarter: number;
  readonly lastQuarter: number;
  readonly peak: number;
};

/** Levels in the course of a soak. */
export function memoryLevels(samples: readonly Sample[]): MemoryLevels {
  const resident = samples.map(({ residentBytes }) => residentBytes);
  const at = (part: number) => Math.floor(resident.length * part);
  return {
    firstHalf: median(resident.slice(0, at(1 / 2))),
    secondHalf: median(resident.slice(at(1 / 2))),
    thirdQuarter: median(resident.slice(at(1 / 2), at(3 / 4))),
    lastQuarter: median(resident.slice(at(3 / 4))),
    peak: resident.reduce((highest, bytes) => Math.max(highest, bytes), 0),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
