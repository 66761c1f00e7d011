import sharp from "sharp";

/** The unit in which sharp tells sizes. */
const MEGABYTE = 2 ** 20;

/**
 * Sets sharp up for a server, once, by whoever composes the program: a job uses one thread, since many jobs run side by side,
 * and libvips keeps no finished operations, since no two requests share any.
 */
export function configureSharp(): void {
  sharp.concurrency(1);
  sharp.cache(false);
}

/** Bytes that libvips holds now and held at most. */
export function readVipsMemory(): { readonly current: number; readonly high: number } {
  const { current, high } = sharp.cache().memory;
  return { current: current * MEGABYTE, high: high * MEGABYTE };
}
