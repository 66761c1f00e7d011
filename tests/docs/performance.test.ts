import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { renderChart } from "../../bench/report/chart.ts";
import type { KindResult, Report } from "../../bench/report/report.ts";
import { CHART, chartOf, FIGURES, PAGE, withTables } from "../../bench/report/save.ts";
import { renderReport } from "../../bench/report/table.ts";

const ROOT = join(import.meta.dir, "../..");

const load = { perSecond: 120.4, p50Ms: 31.25, p99Ms: 80, cpuMs: 9.876, bytes: 1000 };

function result(title: string, ratio: number): KindResult {
  const throughput = { median: ratio, least: ratio - 0.1, most: ratio + 0.1 };
  const cpu = { median: 1 / ratio, least: 0.8, most: 1.2 };
  return { name: title, title, ours: load, theirs: load, throughput, cpu, difference: 0 };
}

const report: Report = {
  date: "2026-01-02",
  machine: { processor: "a processor", cores: 2, system: "Linux 6" },
  versions: { Bun: "1" },
  names: { ours: "ours", theirs: "theirs" },
  settings: { rounds: 5, seconds: 1 },
  runs: [{ place: "folder", parallel: 4, kinds: [result("<one>", 2), result("two", 0.5)] }],
  memory: {
    parallel: 8,
    ours: { idle: 80e6, peak: 200e6, settled: [{ afterSeconds: 2, bytes: 90e6 }] },
    theirs: { idle: 60e6, peak: 300e6, settled: [{ afterSeconds: 2, bytes: 250e6 }] },
  },
};

test("a report has a row for each kind of work, the geometric mean, and memory", () => {
  const lines = renderReport(report).split("\n");
  expect(lines).toContain(
    "| two | 120 / 120 | 31.3, 80.0 / 31.3, 80.0 | 0.50 (0.40–0.60) | 9.88 / 9.88 | 2.00 (0.80–1.20) |",
  );
  expect(lines).toContain("| **geometric mean** | | | **1.00** | | **1.00** |");
  expect(lines).toContain("| ours | 80 MB | 200 MB | 90 MB |");
});

test("where a process cannot be looked at, its CPU time is left out", () => {
  const kinds = [{ ...result("two", 0.5), cpu: null }];
  const lines = renderReport({ ...report, runs: [{ place: "s3", parallel: 1, kinds }], memory: null });
  expect(lines).toContain("| two | 120 / 120 | 31.3, 80.0 / 31.3, 80.0 | 0.50 (0.40–0.60) |  |  |");
});

test("a chart has a bar for each kind, to the right of 1 or to its left", () => {
  const [run] = report.runs;
  if (run === undefined) throw new TypeError("the report has a run");
  const chart = renderChart(run, report.names);
  const [faster, slower] = [...chart.matchAll(/<rect class="(\w+)" x="([\d.]+)" y="\d+" width="([\d.]+)"/g)];
  const one = Number(/class="one" x1="([\d.]+)"/.exec(chart)?.[1]);
  expect(faster?.[1]).toBe("bar");
  expect(Number(faster?.[2])).toBeCloseTo(one, 0);
  expect(slower?.[1]).toBe("behind");
  expect(Number(slower?.[2]) + Number(slower?.[3])).toBeCloseTo(one, 0);
  expect(chart).toContain("&#60;one&#62;");
});

test("tables go where the page has a place for them", () => {
  const page = "# Speed\n\n<!-- begin: made by `bun run bench --save` -->\nold\n<!-- end -->\nafter\n";
  const filled = withTables(page, report);
  expect(filled).toContain("| two |");
  expect(filled).not.toContain("old");
  expect(filled).toEndWith("<!-- end -->\nafter\n");
  expect(withTables(filled, report)).toBe(filled);
  expect(() => withTables("# Speed", report)).toThrow("no place");
});

test("the page and its chart show the figures that are kept beside them", () => {
  expect(existsSync(join(ROOT, FIGURES))).toBe(true);
  // Written by the same code; what changed since shows in the comparison below.
  const kept = JSON.parse(readFileSync(join(ROOT, FIGURES), "utf8")) as Report;
  const page = readFileSync(join(ROOT, PAGE), "utf8");
  expect(withTables(page, kept)).toBe(page);
  expect(readFileSync(join(ROOT, CHART), "utf8")).toBe(chartOf(kept));
});
