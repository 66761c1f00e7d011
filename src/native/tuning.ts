import { availableCpus } from "../config/available-cpus.ts";
import { addressOf } from "./foreign-functions.ts";
import { bindLibc } from "./libc.ts";

/**
 * Settings that a process can only be given before it starts, and the values we choose for them.
 *
 * - `UV_THREADPOOL_SIZE`: Bun runs as many native jobs at once as this says (default: CPUs). One image is one job, and twice as
 *   many images as cores in work brought 15–18 % more throughput on two cores, since no core waits for the next job.
 *   IMGPROXY_WORKERS, when set, says how many images are in work, so it wins.
 * - `BUN_CONFIG_MAX_HTTP_REQUESTS`: at most this many source downloads run at once (default 256).
 * - `MALLOC_ARENA_MAX`: glibc otherwise keeps an arena a thread, and the large short-lived buffers of libvips never go back to
 *   the system: about 50 MB of 290 MB peak under a mixed load, at the same speed.
 * - `MIMALLOC_PURGE_DELAY`: a thread of Bun's allocator hands freed memory back every 100 ms, which the next request takes again, page
 *   by page. With more patience thumbnails gain about one percent at four at a time, hardly more than the noise, and the peak
 *   stays (13 pairs, 0.5 to 2 s, November 2026).
 */
export function chosenSettings(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const workers = Number(env["IMGPROXY_WORKERS"]);
  const jobs = Number.isInteger(workers) && workers > 0 ? workers : 2 * availableCpus();
  const chosen: Record<string, string> = {
    UV_THREADPOOL_SIZE: nativeJobs(jobs),
    BUN_CONFIG_MAX_HTTP_REQUESTS: "4096",
    MIMALLOC_PURGE_DELAY: "500",
  };
  if (process.platform === "linux") chosen["MALLOC_ARENA_MAX"] = "2";
  return chosen;
}

/** `UV_THREADPOOL_SIZE` for so many images in work: two more, for file reads and name look-ups beside them. */
export function nativeJobs(workers: number): string {
  return String(Math.min(Math.max(workers, 2) + 2, 1024));
}

/** Name of the variable that marks a process that has already replaced itself; its value lists what was chosen for the user. */
export const TUNED_MARK = "IMGPROXY_TUNED_AT_START";

/**
 * Replaces the process by itself, once, with the settings above in its environment: same process id, same arguments.
 * What the user has set wins. Returns (instead of not returning) when there is nothing to do: already done, not a compiled
 * executable, every setting given, or no `execve` on this platform.
 */
export function tuneProcess(isCompiled: boolean): void {
  const env = process.env;
  if (!isCompiled || env[TUNED_MARK] !== undefined) return;
  const missing = Object.entries(chosenSettings(env)).filter(([name]) => env[name] === undefined);
  if (missing.length === 0) return;
  const execve = bindLibc("execve");
  if (execve === undefined) return;
  const additions = [...missing, [TUNED_MARK, missing.map(([name]) => name).join(",")] as const];
  const environment = Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
  const argv = cStrings([process.argv0, ...process.argv.slice(2)]);
  const envp = cStrings([...environment, ...additions.map(([name, value]) => `${name}=${value}`)]);
  // By its path first, since the end of that becomes the name that `ps` shows; by the system's link to it where the file was moved.
  // Both return only on failure (a seccomp filter, a vanished /proc); the program then simply runs untuned.
  for (const path of [process.execPath, "/proc/self/exe"]) {
    const file = cString(path);
    execve(addressOf(file), addressOf(argv.pointers), addressOf(envp.pointers));
  }
}

function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`, "utf8");
}

/** A NULL-terminated array of C strings; `strings` keeps the memory alive while the pointers are in use. */
function cStrings(texts: readonly string[]): { pointers: BigUint64Array; strings: Buffer[] } {
  const strings = texts.map(cString);
  const pointers = new BigUint64Array(strings.length + 1);
  for (const [index, text] of strings.entries()) pointers[index] = BigInt(addressOf(text));
  return { pointers, strings };
}
