import { afterEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { availableCpus } from "../../src/config/available-cpus.ts";

const ALL = availableParallelism();
let roots: string[] = [];
afterEach(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
  roots = [];
});

/** A file system with these files only. */
function rootWith(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "config-cpus-"));
  roots.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

describe("availableCpus", () => {
  const own = "0::/a/b\n";
  const cases: readonly (readonly [string, Record<string, string>, number])[] = [
    ["no cgroup at all", {}, ALL],
    ["no quota", { "sys/fs/cgroup/cpu.max": "max 100000\n" }, ALL],
    ["one CPU of a container", { "sys/fs/cgroup/cpu.max": "100000 100000\n" }, 1],
    ["half a CPU", { "sys/fs/cgroup/cpu.max": "50000 100000\n" }, 1],
    ["one and a half, rounded down", { "sys/fs/cgroup/cpu.max": "150000 100000\n" }, 1],
    ["more than there are", { "sys/fs/cgroup/cpu.max": "99900000 100000\n" }, ALL],
    ["the own group's quota", { "proc/self/cgroup": own, "sys/fs/cgroup/a/b/cpu.max": "100000 100000\n" }, 1],
    ["a quota of a group above", { "proc/self/cgroup": own, "sys/fs/cgroup/a/cpu.max": "100000 100000\n" }, 1],
    ["another group's quota", { "proc/self/cgroup": own, "sys/fs/cgroup/c/cpu.max": "100000 100000\n" }, ALL],
    ["cgroup v1 beside an empty v2", { "proc/self/cgroup": "1:cpu:/x\n0::/\n" }, ALL],
    ["nonsense", { "sys/fs/cgroup/cpu.max": "what\n" }, ALL],
  ];
  test.each(cases)("with %s", (_, files, cpus) => {
    expect(availableCpus(rootWith(files))).toBe(cpus);
  });

  test("on this machine gives a whole number from 1 to all CPUs", () => {
    expect(Number.isInteger(availableCpus())).toBe(true);
    expect(availableCpus()).toBeGreaterThanOrEqual(1);
    expect(availableCpus()).toBeLessThanOrEqual(ALL);
  });
});
