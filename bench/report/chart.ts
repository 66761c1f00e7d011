import type { KindResult, Report, Run } from "./report.ts";

const WIDTH = 860;
const LABELS = 390;
const RIGHT = 50;
const ROW = 26;
const TOP = 64;
const BOTTOM = 40;
/** The axis goes this much beyond the greatest and the least ratio. */
const MARGIN = 0.05;

const STYLE = `text{font:13px system-ui,sans-serif;fill:#24292f}.faint{fill:#656d76;font-size:12px}.title{font-size:15px;font-weight:600}
.bar{fill:#2f81f7}.behind{fill:#9a6700}.spread{stroke:#24292f;stroke-width:1}.grid{stroke:#d0d7de}.one{stroke:#656d76;stroke-dasharray:3 3}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.faint{fill:#8d96a0}.spread{stroke:#e6edf3}.grid{stroke:#30363d}.one{stroke:#8d96a0}.behind{fill:#d29922}}`;

/** One run as an SVG: a bar a kind of work from 1 to its ratio of throughput, with the spread of the pairs as a line. */
export function renderChart(run: Run, names: Report["names"]): string {
  const ratios = run.kinds.flatMap(({ throughput }) => [throughput.least, throughput.most]);
  const from = Math.floor((Math.min(1, ...ratios) - MARGIN) * 10) / 10;
  const to = Math.ceil((Math.max(1, ...ratios) + MARGIN) * 10) / 10;
  const x = (ratio: number) => LABELS + ((ratio - from) / (to - from)) * (WIDTH - LABELS - RIGHT);
  const height = TOP + run.kinds.length * ROW + BOTTOM;
  const bottom = height - BOTTOM;
  const ticks = Array.from({ length: Math.round((to - from) * 10) + 1 }, (_, index) => from + index / 10);
  const grid = ticks.map(
    (tick) =>
      `<line class="${Math.abs(tick - 1) < 0.01 ? "one" : "grid"}" x1="${at(x(tick))}" x2="${at(x(tick))}" y1="${TOP - 8}" y2="${bottom}"/>` +
      `<text class="faint" x="${at(x(tick))}" y="${bottom + 18}" text-anchor="middle">${tick.toFixed(1)}</text>`,
  );
  const title = `Throughput of ${names.ours} as a ratio to ${names.theirs}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(title)}">`,
    `<style>${STYLE}</style>`,
    `<text class="title" x="12" y="24">${escaped(title)}</text>`,
    `<text class="faint" x="12" y="44">${run.parallel} requests at a time; right of 1.0 is faster; the thin lines are the spread</text>`,
    ...grid,
    ...run.kinds.map((kind, index) => bar(kind, TOP + index * ROW, x)),
    "</svg>",
    "",
  ].join("\n");
}

function bar({ title, throughput: { median, least, most } }: KindResult, top: number, x: (ratio: number) => number) {
  const [left, right] = [Math.min(x(1), x(median)), Math.max(x(1), x(median))];
  const middle = top + ROW / 2;
  return (
    `<text x="${LABELS - 12}" y="${middle + 4}" text-anchor="end">${escaped(title)}</text>` +
    `<rect class="${median < 1 ? "behind" : "bar"}" x="${at(left)}" y="${top + 5}" width="${at(Math.max(1, right - left))}" height="${ROW - 10}" rx="2"/>` +
    `<line class="spread" x1="${at(x(least))}" x2="${at(x(most))}" y1="${middle}" y2="${middle}"/>` +
    `<text class="faint" x="${WIDTH - RIGHT + 12}" y="${middle + 4}">${median.toFixed(2)}</text>`
  );
}

function at(position: number): string {
  return position.toFixed(1);
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
