import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";

/**
 * CPUs this process may use, at least 1: the affinity mask, lowered by the CPU quotas of its cgroup and the groups above
 * it (cgroup v2, `cpu.max`). Quotas are rounded down as the reference does.
 */
export function availableCpus(root = "/"): number {
  const quotas = groupFolders(root).map(readQuota);
  return Math.max(1, Math.floor(Math.min(availableParallelism(), ...quotas)));
}

/** The folder of this process's group and of every group above it; a container usually sees only the top one. */
function groupFolders(root: string): string[] {
  const own = /^0::(\/.*)$/m.exec(read(join(root, "proc/self/cgroup")))?.[1] ?? "/";
  const names = own.split("/").filter((name) => name !== "");
  return Array.from({ length: names.length + 1 }, (_, depth) => join(root, "sys/fs/cgroup", ...names.slice(0, depth)));
}

/** `QUOTA PERIOD` in microseconds, `max PERIOD` when there is no limit. */
function readQuota(folder: string): number {
  const [quota = Number.NaN, period = Number.NaN] = read(join(folder, "cpu.max")).trim().split(" ").map(Number);
  return quota > 0 && period > 0 ? quota / period : Number.POSITIVE_INFINITY;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Not Linux, cgroup v1, or hidden from this process: no quota that could be known.
    return "";
  }
}
