/**
 * A long load of good and bad work, good and bad clients, with and without kept results.
 *
 *   nice bun bench/soak.ts [--minutes 20] [--seed 1] [--clients 12] [--rude 6] [--executable PATH] [--keep off,memory,fs]
 *
 * The time is shared by the given ways to keep results. Prints a line every ten seconds, whatever is answered wrongly, and at
 * the end the table of docs/robustness.md.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { memoryLevels } from "../tests/soak/memory-level.ts";
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

/** What the table has no column for. */
function tell(name: string, report: SoakReport): void {
  const statuses = [...report.statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${count} × ${status}`);
  const idle = `${megabytes(report.before.residentBytes)} before, ${megabytes(report.after.residentBytes)} after`;
  console.log(
    `results kept ${name}: ${statuses.join(", ")}; slowest ${(report.slowestMs / 1000).toFixed(1)} s; idle ${idle}`,
  );
  console.log(`  ${report.errorLines.length} lines at level error`);
  for (const text of report.errorLines.slice(0, 20)) console.log(`    ${text.slice(0, 400)}`);
}

const NAMES: Readonly<Record<string, string>> = { off: "none", memory: "in memory", fs: "in a folder" };

function row(way: string, { answers, faults, refused, samples, before, after, stop }: SoakReport): string {
  const { firstHalf, secondHalf, peak } = memoryLevels(samples);
  const cells = [
    NAMES[way] ?? way,
    answers,
    faults.length,
    refused,
    `${megabytes(firstHalf)}, ${megabytes(secondHalf)}, ${megabytes(peak)}`,
    `${before.descriptors}, ${after.descriptors}`,
    `${stop.seconds.toFixed(1)} s, status ${stop.status}`,
  ];
  return `| ${cells.join(" | ")} |`;
}

function tableHead(seconds: number): string {
  const columns = [
    "kept results",
    `answers in ${seconds.toFixed(0)} s`,
    "wrong",
    "refused with 429",
    "memory: first half, second half, peak",
    "descriptors before, after",
    "stop under load",
  ];
  return `| ${columns.join(" | ")} |\n|${"---|".repeat(columns.length)}`;
}

const ways = values.keep.split(",");
const folder = mkdtempSync(join(tmpdir(), "imgproxy-soak-"));
const seconds = (Number(values.minutes) * 60) / ways.length;
const rows: string[] = [];
let isGood = true;
try {
  for (const way of ways) {
    const kept = { IMGPROXY_CACHE_USE: way, IMGPROXY_CACHE_FS_ROOT: folder, IMGPROXY_CACHE_FS_SIZE: "20M" };
    const env = way === "off" ? {} : { ...kept, IMGPROXY_CACHE_MEMORY_SIZE: "20M" };
    let printedAt = 0;
    const report = await runSoak({
      seconds,
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
    rows.push(row(way, report));
    isGood &&= report.faults.length === 0 && report.errorLines.length === 0 && report.stop.status === 0;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log([tableHead(seconds), ...rows].join("\n"));
process.exit(isGood ? 0 : 1);
