/**
 * Two imgproxy-compatible servers at the same work, in turns: requests per second, response times, CPU time and memory, as ratios with
 * their spread. Without a peer the other side is bare sharp: the least that one can write with sharp for the same picture, with nothing
 * around it, which no server can go below.
 *
 *   bun run bench --help
 */
import { execFileSync } from "node:child_process";
import { cpus, release, type } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import sharp from "sharp";
import {
  type Contestant,
  runningImgproxy,
  type SourcePlace,
  startBareSharp,
  startImgproxy,
} from "./measure/contestant.ts";
import { duel, warmUp } from "./measure/duel.ts";
import { compareAnswers } from "./measure/likeness.ts";
import { measureMemory } from "./measure/memory-load.ts";
import type { KindResult, Report, Run } from "./report/report.ts";
import { saveReport } from "./report/save.ts";
import { figure, renderReport } from "./report/table.ts";
import { KINDS } from "./work/kinds.ts";
import { folderPlace, S3_KINDS, s3Place } from "./work/place.ts";

const HELP = `Compares two imgproxy-compatible servers, in turns.

  bun run bench [options]

  --ours COMMAND|URL   the one side; default dist/imgproxy
  --peer COMMAND|URL   the other: an earlier build, another server; default bare sharp
  --ours-pid, --peer-pid PID
                       processes behind URLs, for their CPU time and memory
  --name NAME          what the peer is called in the report
  --only KIND,KIND     of: ${KINDS.map(({ name }) => name).join(", ")}
  --from folder,s3     where sources are read from; default folder
  --parallel N,N       requests at a time, a run for each; default 4
  --rounds N           pairs of runs for each kind; default 5
  --seconds S          length of one run; default 1
  --memory             measure memory too, under a mixed load, 8 at a time
  --full               what docs/performance.md shows: 4 at a time and 1 at a time from disk, 4 from S3, memory
  --json               print the figures instead of tables
  --save               write docs/performance.md, its figures and its chart

A server behind a URL must read local:/// from the folder that is printed first, and have its watermark.
`;

const { values } = parseArgs({
  options: {
    help: { type: "boolean", short: "h" },
    ours: { type: "string", default: "dist/imgproxy" },
    peer: { type: "string" },
    "ours-pid": { type: "string" },
    "peer-pid": { type: "string" },
    name: { type: "string" },
    only: { type: "string" },
    from: { type: "string", default: "folder" },
    parallel: { type: "string", default: "4" },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "1" },
    memory: { type: "boolean", default: false },
    full: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    save: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}

const ROOT = resolve(import.meta.dir, "..");
const MEMORY_LOAD = { parallel: 8, seconds: 20 };
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const only = values.only?.split(",");
const unknown = only?.filter((name) => KINDS.every((kind) => kind.name !== name)) ?? [];
if (unknown.length > 0) {
  console.error(`There is no kind of work called ${unknown.join(", ")}; see --help.`);
  process.exit(2);
}
const names = { ours: "imgproxy on Bun", theirs: values.name ?? (values.peer === undefined ? "bare sharp" : "peer") };

type Pair = readonly [Contestant, Contestant];

async function withPair<T>(place: SourcePlace, work: (pair: Pair) => Promise<T>): Promise<T> {
  const ours = await contestant(names.ours, values.ours, values["ours-pid"], place);
  const theirs =
    values.peer === undefined
      ? await startBareSharp(place)
      : await contestant(names.theirs, values.peer, values["peer-pid"], place);
  try {
    return await work([ours, theirs]);
  } finally {
    await Promise.all([ours.stop(), theirs.stop()]);
  }
}

function contestant(name: string, server: string, pid: string | undefined, place: SourcePlace): Promise<Contestant> {
  if (!/^https?:/.test(server)) return startImgproxy(name, server, place);
  return Promise.resolve(runningImgproxy(name, server, pid === undefined ? undefined : Number(pid), place));
}

async function measure(place: SourcePlace, parallel: number, kinds: typeof KINDS): Promise<Run> {
  tell(`\nfrom ${place.kind}, ${parallel} at a time`);
  return await withPair(place, async (pair) => {
    await warmUp(pair);
    const results: KindResult[] = [];
    for (const kind of kinds) {
      const { sizes, difference } = await compareAnswers(kind, pair);
      const { ours, theirs, throughput, cpu } = await duel(kind, pair, { rounds, seconds, parallel });
      const isKnown = !Number.isNaN(cpu.median);
      const result = { name: kind.name, title: kind.title, ours, theirs, throughput, cpu: isKnown ? cpu : null };
      results.push({ ...result, difference: sizes[0] === sizes[1] ? difference : null });
      const pictures = sizes[0] === sizes[1] ? `pictures differ by ${difference.toFixed(2)}` : sizes.join(" against ");
      const speed = `${figure(ours.perSecond)} / ${figure(theirs.perSecond)} req/s = ${throughput.median.toFixed(3)}`;
      const effort = isKnown
        ? `, CPU ${figure(ours.cpuMs)} / ${figure(theirs.cpuMs)} ms = ${cpu.median.toFixed(3)}`
        : "";
      const range = ` (${throughput.least.toFixed(2)}–${throughput.most.toFixed(2)})`;
      tell(`  ${kind.name.padEnd(14)}${speed}${range}${effort}, ${pictures}`);
    }
    return { place: place.kind, parallel, kinds: results };
  });
}

/** Progress goes to standard error, so that the report can be piped. */
function tell(line: string): void {
  console.error(line);
}

async function version(): Promise<Readonly<Record<string, string>>> {
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: ROOT, encoding: "utf8" }).trim();
  return { commit, Bun: Bun.version, sharp: sharp.versions.sharp ?? "", libvips: sharp.versions.vips };
}

const folder = await folderPlace();
tell(`sources in ${folder.folder}`);
const wanted = KINDS.filter((kind) => only === undefined || only.includes(kind.name));
const places = values.full ? ["folder", "s3"] : values.from.split(",");
const runs: Run[] = [];
for (const name of places) {
  const place = name === "s3" ? await s3Place() : folder;
  const isPart = name === "s3" && only === undefined;
  const kinds = isPart ? wanted.filter((kind) => S3_KINDS.includes(kind.name)) : wanted;
  const loads = values.full ? (name === "s3" ? [4] : [4, 1]) : values.parallel.split(",").map(Number);
  for (const parallel of loads) runs.push(await measure(place, parallel, kinds));
}
const memory =
  values.memory || values.full
    ? await withPair(folder, async ([ours, theirs]) => {
        tell(`\nmemory, ${MEMORY_LOAD.parallel} at a time for ${MEMORY_LOAD.seconds} s each`);
        const inTurn = {
          ours: await measureMemory(ours, MEMORY_LOAD),
          theirs: await measureMemory(theirs, MEMORY_LOAD),
        };
        return { parallel: MEMORY_LOAD.parallel, ...inTurn };
      })
    : null;
const report: Report = {
  date: new Date().toISOString().slice(0, 10),
  machine: { processor: cpus()[0]?.model ?? "unknown", cores: cpus().length, system: `${type()} ${release()}` },
  versions: await version(),
  names,
  settings: { rounds, seconds },
  runs,
  memory,
};
console.log(values.json ? JSON.stringify(report, null, 2) : `\n${renderReport(report)}`);
if (values.save) saveReport(ROOT, report);
process.exit(0);
