import { addressOf } from "./foreign-functions.ts";
import { bindLibc } from "./libc.ts";

const CLOCK_MONOTONIC = 1;

/**
 * Microseconds of the system's CLOCK_MONOTONIC, which other processes read, too; undefined where it is not Linux's.
 * The runtime's own clocks (`performance.now`, `process.hrtime`) count from the start of the process.
 */
export function monotonicMicroseconds(): bigint | undefined {
  const clockGettime = process.platform === "linux" ? bindLibc("clock_gettime") : undefined;
  // struct timespec of the 64-bit platforms: seconds, then nanoseconds.
  const time = new BigInt64Array(2);
  if (clockGettime?.(CLOCK_MONOTONIC, addressOf(time)) !== 0) return undefined;
  const [seconds = 0n, nanoseconds = 0n] = time;
  return seconds * 1_000_000n + nanoseconds / 1000n;
}
