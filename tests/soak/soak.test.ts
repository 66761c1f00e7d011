import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memoryLevels } from "./memory-level.ts";
import { runSoak, type SoakReport } from "./run-soak.ts";

/** `bun bench/soak.ts` goes on for twenty minutes; see docs/robustness.md. */
const SECONDS = 20;
const MEGABYTE = 2 ** 20;
/** Single pictures make peaks of that size, and so little time does not level them out. */
const PEAKS_BYTES = 90 * MEGABYTE;
const KEPT_BYTES = 120 * MEGABYTE;
const KEPT_DESCRIPTORS = 12;
/** So many at least, or it was no load. */
const LEAST_ANSWERS = 100;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "imgproxy-soak-test-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function expectSoundness(report: SoakReport): void {
  expect(report.faults).toEqual([]);
  expect(report.errorLines).toEqual([]);
  expect(report.answers).toBeGreaterThan(LEAST_ANSWERS);
  const count = (status: number) => report.statuses.get(status) ?? 0;
  for (const status of [200, 404, 422]) expect(count(status)).toBeGreaterThan(0);
  // Each comes once in a hundred answers or so, and a busy machine gives few more than that.
  expect(count(403) + count(502)).toBeGreaterThan(0);
  const { thirdQuarter, lastQuarter } = memoryLevels(report.samples);
  expect(lastQuarter - thirdQuarter).toBeLessThan(PEAKS_BYTES);
  expect(report.after.residentBytes - report.before.residentBytes).toBeLessThan(KEPT_BYTES);
  expect(report.after.descriptors - report.before.descriptors).toBeLessThan(KEPT_DESCRIPTORS);
  expect(report.stop.status).toBe(0);
  expect(report.stop.seconds).toBeLessThan(15);
}

describe("under mixed work at saturation, bad sources and rude clients, every answer is right and nothing piles up", () => {
  test.concurrent(
    "without kept results",
    async () => expectSoundness(await runSoak({ seconds: SECONDS, seed: 1, clients: 6, rudeClients: 3 })),
    180_000,
  );

  test.concurrent("with results kept in memory and on disk", async () => {
    const env = {
      IMGPROXY_CACHE_USE: "memory,fs",
      IMGPROXY_CACHE_MEMORY_SIZE: "10M",
      IMGPROXY_CACHE_FS_ROOT: folder,
      IMGPROXY_CACHE_FS_SIZE: "10M",
    };
    expectSoundness(await runSoak({ seconds: SECONDS, seed: 2, clients: 6, rudeClients: 3, env }));
  }, 180_000);
});
