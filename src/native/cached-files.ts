import { constants } from "node:fs";
import { addressOf } from "./foreign-functions.ts";
import { bindLibc } from "./libc.ts";

/** The same number on every architecture (Linux 5.6). */
const OPENAT2 = 437n;
/** `struct open_how`: flags, mode, resolve. */
const OPEN_HOW_BYTES = 24n;
const CLOSE_ON_EXEC = 0o2_000_000;
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW | CLOSE_ON_EXEC;
/** `RESOLVE_…`: no other mount, no magic links, nothing above the folder, and only what the kernel knows by heart (Linux 5.12). */
const RESOLVE = 0x01n | 0x02n | 0x08n | 0x20n;
/** `RWF_NOWAIT`: only what is in the page cache. */
const NO_WAIT = 8;

/**
 * Binds what Linux has for opening and reading files on the main thread where that cannot make it wait. Whoever asks goes the slow way
 * on undefined and false. Undefined elsewhere, and where the C library has no `preadv2` (musl). A kernel that does not know the
 * calls, or a filter that forbids them, makes every call fail, which costs a microsecond.
 */
export function bindCachedFiles() {
  if (process.platform !== "linux") return undefined;
  const call = bindLibc("syscall");
  const preadv2 = bindLibc("preadv2");
  if (call === undefined || preadv2 === undefined) return undefined;
  const how = BigUint64Array.of(BigInt(OPEN_FLAGS), 0n, RESOLVE);
  // `struct iovec`: address and length.
  const place = new BigUint64Array(2);
  return {
    /**
     * A descriptor of a file, which is no link, at a relative path below an open folder; links on the way may not leave the folder.
     * undefined when there is none, when it lies on another mount, or when the kernel would have to look on the disk.
     */
    open(folder: number, path: string): number | undefined {
      // The C library would see the path end there.
      if (path.includes("\0")) return undefined;
      const descriptor = Number(call(OPENAT2, folder, Buffer.from(`${path}\0`), how, OPEN_HOW_BYTES));
      return descriptor < 0 ? undefined : descriptor;
    },
    /** Fills all of `bytes` from a position of the file; false when not all of that is in memory. */
    read(descriptor: number, bytes: Uint8Array, position: number): boolean {
      if (bytes.length === 0) return true;
      place[0] = BigInt(addressOf(bytes));
      place[1] = BigInt(bytes.length);
      return Number(preadv2(descriptor, place, 1, position, NO_WAIT)) === bytes.length;
    },
  };
}
