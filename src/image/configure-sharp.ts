import sharp from "sharp";

/** The unit in which sharp tells sizes. */
const MEGABYTE = 2 ** 20;

/**
 * Loaders by file name that are never used: what they load comes from memory. Before libvips comes to the one that does load a file,
 * it opens it for each of the others to ask whether it is theirs, and all that twice.
 */
const NEVER_BY_NAME = [
  "VipsForeignLoadVipsFile",
  "VipsForeignLoadPngFile",
  "VipsForeignLoadNsgifFile",
  "VipsForeignLoadTiffFile",
  "VipsForeignLoadUhdrFile",
];
/** Not by a process that opens nothing but drawings. */
const NO_DRAWINGS = ["VipsForeignLoadJpegFile", "VipsForeignLoadWebpFile", "VipsForeignLoadHeifFile"];

/**
 * Sets sharp up for a server, once, by whoever composes the program: a job uses one thread, since many jobs run side by side,
 * libvips keeps no finished operations, since no two requests share any, and by name it opens only what needs a name
 * (`createExactLoader`).
 */
export function configureSharp(opensByName: "what needs a name" | "drawings" = "what needs a name"): void {
  sharp.concurrency(1);
  sharp.cache(false);
  sharp.block({ operation: opensByName === "drawings" ? [...NEVER_BY_NAME, ...NO_DRAWINGS] : NEVER_BY_NAME });
}

/** Bytes that libvips holds now and held at most. */
export function readVipsMemory(): { readonly current: number; readonly high: number } {
  const { current, high } = sharp.cache().memory;
  return { current: current * MEGABYTE, high: high * MEGABYTE };
}
