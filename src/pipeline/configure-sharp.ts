import sharp from "sharp";

/** The unit in which sharp tells sizes. */
const MEGABYTE = 2 ** 20;

/**
 * Loaders by file name for formats that are only ever opened from memory. libvips opens a file once for every loader that it asks
 * whether the file is its own, these before the one for JPEG, and twice over.
 */
const LOADERS_WITHOUT_USE = [
  "VipsForeignLoadVipsFile",
  "VipsForeignLoadPngFile",
  "VipsForeignLoadNsgifFile",
  "VipsForeignLoadTiffFile",
  "VipsForeignLoadUhdrFile",
];

/**
 * Sets sharp up for a server, once, by whoever composes the program: a job uses one thread, since many jobs run side by side,
 * libvips keeps no finished operations, since no two requests share any, and by name it opens only what needs a name
 * (`createExactLoader`).
 */
export function configureSharp(): void {
  sharp.concurrency(1);
  sharp.cache(false);
  sharp.block({ operation: LOADERS_WITHOUT_USE });
}

/** Bytes that libvips holds now and held at most. */
export function readVipsMemory(): { readonly current: number; readonly high: number } {
  const { current, high } = sharp.cache().memory;
  return { current: current * MEGABYTE, high: high * MEGABYTE };
}
