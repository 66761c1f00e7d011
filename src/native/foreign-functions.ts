/**
 * Bun's foreign function interface, or undefined where another runtime carries the program from source (Deno): what
 * needs the C library then counts as not available. The only place that imports it.
 */
export const FOREIGN_FUNCTIONS = process.versions["bun"] === undefined ? undefined : await import("bun:ffi");

/** The address of some memory. Only called with functions that were bound, so the interface is there. */
export function addressOf(memory: NodeJS.TypedArray): import("bun:ffi").Pointer {
  if (FOREIGN_FUNCTIONS === undefined) throw new TypeError("no foreign functions in this runtime");
  return FOREIGN_FUNCTIONS.ptr(memory);
}
