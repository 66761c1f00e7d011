import { readFileSync } from "node:fs";
import { freemem, release, totalmem } from "node:os";
import { availableCpus } from "../../config/available-cpus.ts";
import { BUILD_INFO } from "../../native/build-info.ts";
import { TUNED_MARK } from "../../native/tuning.ts";
import { type Check, type Finding, fail, ok, warn } from "./finding.ts";

const MEBIBYTE = 2 ** 20;
/** Peak of one large image in work, by measurement: 50 megapixels of RGBA and room for the encoder. */
const BYTES_PER_WORKER = 96 * MEBIBYTE;
const FEW_OPEN_FILES = 4096;

/** Processors, memory, open files, and what the executable sets for itself. */
export const machineCheck: Check = {
  name: "machine",
  run: ({ config, environment: { variables } }) => [
    ok(`imgproxy ${BUILD_INFO.version} (${BUILD_INFO.target}) on ${process.platform} ${release()}, ${process.arch}`),
    ok(`${availableCpus()} processors for this process, ${config.workers} images in work at once`),
    memory(config.workers),
    openFiles(),
    tuning(variables),
  ],
};

function memory(workers: number): Finding {
  const limit = Math.min(totalmem(), groupLimit());
  const text = `${mebibytes(limit)} of memory (${mebibytes(freemem())} free on the machine)`;
  if (limit >= workers * BYTES_PER_WORKER) return ok(text);
  return warn(
    `${text}, little for ${workers} images in work`,
    "Lower IMGPROXY_WORKERS or IMGPROXY_MAX_SRC_RESOLUTION.",
  );
}

/** The memory limit of this control group (cgroup v2), in bytes. */
function groupLimit(): number {
  const bytes = Number(readOr("/sys/fs/cgroup/memory.max", "max").trim());
  return bytes > 0 ? bytes : Number.POSITIVE_INFINITY;
}

function openFiles(): Finding {
  const limit = /^Max open files\s+(\d+|unlimited)/m.exec(readOr("/proc/self/limits", ""))?.[1];
  if (limit === undefined) return ok("the limit of open files is not known on this system");
  if (limit === "unlimited" || Number(limit) >= FEW_OPEN_FILES) return ok(`${limit} open files allowed`);
  return warn(
    `only ${limit} open files allowed`,
    "Raise it: LimitNOFILE= in the unit, or `ulimit -n` before the start.",
  );
}

function tuning(variables: Readonly<Record<string, string | undefined>>): Finding {
  if (!BUILD_INFO.isCompiled) return ok("run from source: start settings are not set");
  const set = variables[TUNED_MARK];
  if (set !== undefined) return ok(`start settings: ${set} set by this program, the others by you`);
  return fail(
    "the start settings could not be set",
    "Allow the execve system call, or set them yourself (docs/executable.md).",
  );
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / MEBIBYTE)} MiB`;
}

function readOr(path: string, fallback: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return fallback; // not Linux, or hidden from this process
  }
}
