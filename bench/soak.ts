/**
 * A long load of good and bad work, good and bad clients, with and without kept results.
 *
 *   nice bun bench/soak.ts [--minutes 20] [--seed 1] [--clients 12] [--rude 6] [--executable PATH] [--keep off,memory,fs]
 *
 * The time is shared by the given ways to keep results. Prints a line every ten seconds, and whatever is answered wrongly.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { secondHalf } from "../tests/soak/memory-level.ts";
import { runSoak, type Sample, type SoakReport } from "../tests/soak/run-soak.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
    clients: { type: "string", default: "12" },
    rude: { type: "string", default: "6" },
    executable: { type: "string" },
    keep: { type: "string", default: "off,memory,fs" },
  },
});

const PRINTED_EVERY_SECONDS = 10;
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;

function line({ seconds, answers, residentBytes, descriptors, threads, children }: Sample): string {
  const state = `${megabytes(residentBytes)}, ${descriptors} descriptors, ${threads} threads, ${children.length} children`;
  return `${seconds.toFixed(0).padStart(5)} s  ${answers} answers  ${state}`;
}

function tell(name: string, report: SoakReport): void {
  const { before, after, stop } = report;
  const { third, last } = secondHalf(report.samples);
  const statuses = [...report.statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${count} × ${status}`);
  console.log(`results kept: ${name}`);
  console.log(`  ${report.answers} answers: ${statuses.join(", ")}; slowest ${(report.slowestMs / 1000).toFixed(1)} s`);
  console.log(`  memory: third quarter ${megabytes(third)}, last quarter ${megabytes(last)}`);
  console.log(`  idle: ${megabytes(before.residentBytes)} before, ${megabytes(after.residentBytes)} after`);
  console.log(`  descriptors: ${before.descriptors} before, ${after.descriptors} after`);
  console.log(`  stop under load: status ${stop.status} after ${stop.seconds.toFixed(1)} s`);
  console.log(`  ${report.faults.length} wrong answers, ${report.errorLines.length} lines at level error`);
  for (const text of report.errorLines.slice(0, 20)) console.log(`    ${text.slice(0, 400)}`);
}

const ways = values.keep.split(",");
const folder = mkdtempSync(join(tmpdir(), "imgproxy-soak-"));
let isGood = true;
try {
  for (const way of ways) {
    const kept = { IMGPROXY_CACHE_USE: way, IMGPROXY_CACHE_FS_ROOT: folder, IMGPROXY_CACHE_FS_SIZE: "20M" };
    const env = way === "off" ? {} : { ...kept, IMGPROXY_CACHE_MEMORY_SIZE: "20M" };
    let printedAt = 0;
    const report = await runSoak({
      seconds: (Number(values.minutes) * 60) / ways.length,
      seed: Number(values.seed),
      clients: Number(values.clients),
      rudeClients: Number(values.rude),
      env,
      ...(values.executable !== undefined && { executable: values.executable }),
      onSample: (sample) => {
        if (sample.seconds - printedAt < PRINTED_EVERY_SECONDS) return;
        printedAt = sample.seconds;
        console.log(line(sample));
      },
      onFault: (fault) => console.log(`! ${fault}`),
    });
    tell(way, report);
    isGood &&= report.faults.length === 0 && report.stop.status === 0;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(isGood ? 0 : 1);
