import { readFileSync } from "node:fs";
import { FOREIGN_FUNCTIONS } from "./foreign-functions.ts";

/** What libvips counts of its memory. */
export type VipsCounters = {
  /** Bytes held now. */
  readonly current: number;
  /** Bytes held at most so far. */
  readonly high: number;
  /** Blocks held now. */
  readonly allocations: number;
};

/**
 * Reads libvips' own counters from the library that sharp has loaded: sharp tells its memory in whole megabytes and its
 * allocations not at all. Undefined where the library cannot be found by its path (macOS, loaded from memory).
 */
export function bindVipsCounters(): (() => VipsCounters) | undefined {
  if (process.platform !== "linux" || FOREIGN_FUNCTIONS === undefined) return undefined;
  const path = /\/\S*libvips-cpp\S*$/m.exec(readFileSync("/proc/self/maps", "utf8"))?.[0];
  if (path === undefined) return undefined;
  try {
    // Of a library that is there already the loader hands out the same one.
    const { symbols } = FOREIGN_FUNCTIONS.dlopen(path, {
      vips_tracked_get_mem: { args: [], returns: "u64" },
      vips_tracked_get_mem_highwater: { args: [], returns: "u64" },
      vips_tracked_get_allocs: { args: [], returns: "i32" },
    });
    return () => ({
      current: Number(symbols.vips_tracked_get_mem()),
      high: Number(symbols.vips_tracked_get_mem_highwater()),
      allocations: symbols.vips_tracked_get_allocs(),
    });
  } catch {
    return undefined; // The metrics do without.
  }
}
