import { geometricMean, type Spread } from "../measure/statistics.ts";
import type { KindResult, MemoryResult, Report, Run } from "./report.ts";

/** The whole report as Markdown: where and with what it was measured, a table a run, and one of memory. */
export function renderReport(report: Report): string {
  const { date, machine, versions, names, settings } = report;
  const { processor, cores, system } = machine;
  const parts = [
    `Measured on ${date}: ${processor}, ${cores} cores, ${system}; ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(
        ", ",
      )}. ${settings.rounds} pairs of runs of about ${settings.seconds} s for each row, in turns; medians, and in brackets the least and the greatest ratio of a pair.`,
    ...report.runs.map((run) => renderRun(run, names)),
  ];
  if (report.memory !== null) parts.push(renderMemory(report.memory, names));
  return `${parts.join("\n\n")}\n`;
}

function renderRun(run: Run, names: Report["names"]): string {
  const load = run.parallel === 1 ? "one request at a time" : `${run.parallel} requests at a time`;
  const from = run.place === "folder" ? "from disk" : "from S3 (MinIO on the same cores)";
  const rows = run.kinds.map((kind) => `| ${kindCells(kind).join(" | ")} |`);
  const means = `| **geometric mean** | | | **${mean(run.kinds.map((kind) => kind.throughput))}** | | **${mean(
    run.kinds.flatMap((kind) => kind.cpu ?? []),
  )}** |`;
  return [
    `**${capital(load)}, sources ${from}.** Requests per second and milliseconds, ${names.ours} / ${names.theirs}; throughput above 1 and CPU time below 1 are in favour of ${names.ours}.`,
    "",
    "| work | req/s | p50, p99 ms | throughput | CPU ms | CPU time |",
    "|---|---|---|---|---|---|",
    ...rows,
    means,
  ].join("\n");
}

function kindCells({ title, ours, theirs, throughput, cpu }: KindResult): readonly string[] {
  return [
    title,
    `${figure(ours.perSecond)} / ${figure(theirs.perSecond)}`,
    `${figure(ours.p50Ms)}, ${figure(ours.p99Ms)} / ${figure(theirs.p50Ms)}, ${figure(theirs.p99Ms)}`,
    ratio(throughput),
    cpu === null ? "" : `${figure(ours.cpuMs)} / ${figure(theirs.cpuMs)}`,
    cpu === null ? "" : ratio(cpu),
  ];
}

function renderMemory({ parallel, ours, theirs }: NonNullable<Report["memory"]>, names: Report["names"]): string {
  const after = ours.settled.map(({ afterSeconds }) => `${afterSeconds} s after`);
  const row = (name: string, { idle, peak, settled }: MemoryResult) =>
    `| ${[name, idle, peak, ...settled.map(({ bytes }) => bytes)].map((cell) => (typeof cell === "number" ? `${Math.round(cell / 1e6)} MB` : cell)).join(" | ")} |`;
  return [
    `**Memory**, a mixed load with ${parallel} requests at a time, resident, children included.`,
    "",
    `| server | idle | peak | ${after.join(" | ")} |`,
    `|---|---|---|${after.map(() => "---|").join("")}`,
    row(names.ours, ours),
    row(names.theirs, theirs),
  ].join("\n");
}

/** Three significant digits, and no more behind the point than mean something. */
export function figure(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function ratio({ median, least, most }: Spread): string {
  return `${median.toFixed(2)} (${least.toFixed(2)}–${most.toFixed(2)})`;
}

function mean(ratios: readonly Spread[]): string {
  return ratios.length === 0 ? "" : geometricMean(ratios.map(({ median }) => median)).toFixed(2);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
