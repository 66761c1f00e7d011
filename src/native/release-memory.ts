import { bindLibc } from "./libc.ts";

/**
 * Makes the call that collects garbage and hands what is free back to the system. It takes 5 to 40 ms, in which nothing else
 * happens, so it is for idle times. On musl, macOS and under another runtime it does as much of that as there is.
 */
export function bindMemoryRelease(): () => void {
  const trim = bindLibc("malloc_trim");
  const collect = process.versions["bun"] === undefined ? undefined : () => Bun.gc(true);
  return () => {
    // Buffers of finished requests are only free for the C library once their objects are gone.
    collect?.();
    trim?.(0);
  };
}
