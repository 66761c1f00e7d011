import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { renderChart } from "./chart.ts";
import type { Report } from "./report.ts";
import { renderReport } from "./table.ts";

/** The page of the documentation that holds the tables, its chart, and the figures they are made of. */
export const PAGE = "docs/performance.md";
export const FIGURES = "docs/performance.json";
export const CHART = "docs/images/performance.svg";

const BEGIN = "<!-- begin: made by `bun run bench --save` -->";
const END = "<!-- end -->";

/** The page with the tables of a report in place of those it has. Throws when the page lacks the marks of their place. */
export function withTables(page: string, report: Report): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END, begin);
  if (begin === -1 || end === -1) throw new Error(`${PAGE} has no place for the tables: ${BEGIN} … ${END}`);
  return `${page.slice(0, begin)}${BEGIN}\n\n${renderReport(report)}\n${page.slice(end)}`;
}

/** The chart of a report: its first run, which is the one at saturation. */
export function chartOf(report: Report): string {
  const [first] = report.runs;
  if (first === undefined) throw new Error("nothing was measured");
  return renderChart(first, report.names);
}

/** Writes figures, tables and chart into the documentation below `root`. */
export function saveReport(root: string, report: Report): void {
  const page = join(root, PAGE);
  writeFileSync(page, withTables(readFileSync(page, "utf8"), report));
  writeFileSync(join(root, FIGURES), `${JSON.stringify(report, null, 2)}\n`);
  mkdirSync(dirname(join(root, CHART)), { recursive: true });
  writeFileSync(join(root, CHART), chartOf(report));
}
