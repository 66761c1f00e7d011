/**
 * Damaged files of every format through the executable: no crash, no hang, no 5xx, no memory or descriptor that stays.
 *
 *   bun bench/mutate.ts [--count 10000] [--seed 1] [--first 0] [--formats jpeg,png] [--parallel 6] [--executable PATH] [--keep FOLDER]
 *
 * What goes wrong is printed with the number of its file, and the file is kept in FOLDER: `--first NUMBER --count 1` sends it again.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { formatFromName, type ImageFormat } from "../src/formats.ts";
import { type Finding, runBarrage } from "../tests/security/mutation/barrage.ts";
import type { ProcessState } from "../tests/support/process-watch.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "10000" },
    seed: { type: "string", default: "1" },
    first: { type: "string", default: "0" },
    formats: { type: "string" },
    parallel: { type: "string", default: "6" },
    executable: { type: "string" },
    keep: { type: "string", default: join(tmpdir(), "imgproxy-mutated") },
  },
});

function readFormats(text: string): ImageFormat[] {
  return text.split(",").map((name) => {
    const format = formatFromName(name);
    if (format === undefined) throw new Error(`no format is called ${name}`);
    return format;
  });
}

const describe = (state: ProcessState | undefined) =>
  state === undefined
    ? "gone"
    : `${(state.residentBytes / 1e6).toFixed(0)} MB, ${state.descriptors} descriptors, ${state.threads} threads, ${state.children.length} children`;

function tell({ what, shot }: Finding): void {
  mkdirSync(values.keep, { recursive: true });
  writeFileSync(join(values.keep, `${values.seed}-${shot.number}`), shot.bytes);
  console.log(`! ${what}\n  file ${shot.number} from ${shot.seedFile}: ${shot.ways.join(", ")}; ${shot.path}`);
}

const startedAt = performance.now();
const report = await runBarrage({
  count: Number(values.count),
  seed: Number(values.seed),
  first: Number(values.first),
  parallel: Number(values.parallel),
  ...(values.formats !== undefined && { formats: readFormats(values.formats) }),
  ...(values.executable !== undefined && { executable: values.executable }),
  onProgress: (done, state) => console.log(`${done} files, ${describe(state)}`),
  onFinding: tell,
});
const statuses = [...report.statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${count} × ${status}`);
console.log(
  `${statuses.join(", ")}; slowest ${report.slowestMs.toFixed(0)} ms; ${((performance.now() - startedAt) / 1000).toFixed(0)} s`,
);
console.log(`before: ${describe(report.before)}\nafter:  ${describe(report.after)}\nexit status ${report.exitStatus}`);
process.exit(report.findings.length === 0 && report.exitStatus === 0 ? 0 : 1);
