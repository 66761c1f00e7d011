import { describe, expect, test } from "bun:test";
import { seededRandom } from "../url/seeded-random.ts";
import { type BarrageReport, runBarrage } from "./mutation/barrage.ts";
import { mutateFile } from "./mutation/mutate-file.ts";
import { makeSeedFiles } from "./mutation/seed-files.ts";

/** `bun bench/mutate.ts` sends 10 000 and more; see docs/robustness.md. */
const COUNT = 400;
/** What is loaded once, and what the C library keeps of the largest picture. */
const KEPT_BYTES = 150 * 2 ** 20;
/** Idle connections to the origin and to us. */
const KEPT_DESCRIPTORS = 12;

const told = ({ findings }: BarrageReport) =>
  findings.map(
    ({ what, shot }) => `${what}: file ${shot.number} from ${shot.seedFile} (${shot.ways.join(", ")}) ${shot.path}`,
  );

test("damaged files of every format are pictures or 4xx, and leave nothing behind", async () => {
  const report = await runBarrage({ count: COUNT, seed: 20_261_124, parallel: 4, maxMegapixels: 10 });
  expect(told(report)).toEqual([]);
  const { before, after, statuses } = report;
  expect([...statuses.values()].reduce((sum, count) => sum + count, 0)).toBe(COUNT);
  // Both outcomes are met often, or the damage is too small or too great to test anything.
  for (const status of [200, 422]) expect(statuses.get(status)).toBeGreaterThan(COUNT / 10);
  expect(after.residentBytes - before.residentBytes).toBeLessThan(KEPT_BYTES);
  expect(after.descriptors - before.descriptors).toBeLessThan(KEPT_DESCRIPTORS);
  expect(report.exitStatus).toBe(0);
}, 120_000);

describe("the damage", () => {
  test("is the same for the same seed, and another one for another", async () => {
    const [file, donor] = await makeSeedFiles();
    if (file === undefined || donor === undefined) throw new Error("there are no files to begin with");
    const damage = (seed: number) => mutateFile(file.bytes, donor.bytes, seededRandom(seed));
    expect(damage(1)).toEqual(damage(1));
    const distinct = new Set(Array.from({ length: 50 }, (_, seed) => damage(seed).bytes.toString("latin1")));
    expect(distinct.size).toBeGreaterThan(40);
  });
});
