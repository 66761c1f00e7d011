/**
 * What IMGPROXY_PROCESSES costs and brings: CPU time a request, how much of it is the JavaScript thread's, and memory, with one
 * process, two, and so on; in turns, over the loopback interface, with the log written to a file.
 *
 *   bun bench/processes.ts [--executable FILE] [--rounds N] [PROCESSES ...]      default: dist/imgproxy, 5 rounds, 1 and 2
 *
 * CPU time is comparable on a machine where others work, too; answers a second are not. The ratio of all CPU time to that of the
 * JavaScript thread is the number of cores that one process keeps busy.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { EXECUTABLE, freePort } from "../tests/support/executable.ts";
import { processState } from "../tests/support/process-watch.ts";
import { answersPerSecond } from "./cache/loopback.ts";
import { drive } from "./measure/load.ts";
import { cpuSeconds, threadSeconds } from "./measure/process-usage.ts";
import { spread } from "./measure/statistics.ts";
import { photo } from "./work/photo.ts";

const { values, positionals } = parseArgs({
  options: { executable: { type: "string", default: EXECUTABLE }, rounds: { type: "string", default: "5" } },
  allowPositionals: true,
});
const counts = positionals.length > 0 ? positionals.map(Number) : [1, 2];
const THUMBNAILS = 400;
const PHOTOS = 100;
const CONNECTIONS = 16;
const HIT_SECONDS = 2;
/** Unused memory is handed back every IMGPROXY_FREE_MEMORY_INTERVAL, 10 seconds. */
const SETTLING_MS = 22_000;

const folder = mkdtempSync(join(tmpdir(), "imgproxy-bench-processes-"));
await (await photo({ width: 600, height: 450 })).jpeg({ quality: 85 }).toFile(join(folder, "small.jpg"));
await (await photo({ width: 2725, height: 2225 })).jpeg({ quality: 85 }).toFile(join(folder, "large.jpg"));

/** What one request of a kind costs. */
type Cost = { readonly cpuMs: number; readonly threadMs: number; readonly parentMs: number };
type Server = {
  readonly processes: number;
  readonly port: number;
  readonly pid: number;
  /** Those that answer requests. */
  readonly answering: readonly number[];
};

async function launch(processes: number): Promise<Server & { stop(): Promise<unknown> }> {
  const port = await freePort();
  const child = Bun.spawn([values.executable], {
    env: {
      HOME: folder,
      IMGPROXY_BIND: `127.0.0.1:${port}`,
      IMGPROXY_PROCESSES: String(processes),
      IMGPROXY_LOCAL_FILESYSTEM_ROOT: folder,
      IMGPROXY_CACHE_USE: "memory",
      // Room for the one result that is asked for again.
      IMGPROXY_CACHE_MEMORY_SIZE: `${processes}M`,
    },
    stdout: Bun.file(join(folder, `${processes}.log`)),
    stderr: "inherit",
  });
  const stop = () => {
    child.kill();
    return child.exited;
  };
  const answering = () => (processes === 1 ? [child.pid] : (processState(child.pid)?.children ?? []));
  for (const until = Date.now() + 15_000; Date.now() < until; await Bun.sleep(50)) {
    const isUp = readFileSync(join(folder, `${processes}.log`), "utf8").split("Starting server at").length > processes;
    if (isUp) return { processes, port, pid: child.pid, answering: answering(), stop };
  }
  await stop();
  throw new Error(`${processes} processes did not start`);
}

async function costOf({ pid, answering, processes }: Server, work: () => Promise<number>): Promise<Cost> {
  const look = () => ({
    all: cpuSeconds(pid),
    threads: answering.reduce((sum, each) => sum + threadSeconds(each), 0),
    parent: processes === 1 ? 0 : threadSeconds(pid),
  });
  const before = look();
  const requests = await work();
  const after = look();
  const perRequest = (name: keyof typeof before) => ((after[name] - before[name]) * 1000) / requests;
  return { cpuMs: perRequest("all"), threadMs: perRequest("threads"), parentMs: perRequest("parent") };
}

let fresh = 0;
const urlOf = (port: number, options: string, name: number | string) =>
  `http://127.0.0.1:${port}/unsafe/${options}/cachebuster:${name}/plain/local:///${options === "w:200" ? "small" : "large"}.jpg`;

const driven =
  (options: string, requests: number) =>
  async ({ port, pid }: Server) => {
    await drive({ url: () => urlOf(port, options, fresh++), requests, parallel: CONNECTIONS, pid });
    return requests;
  };

const KINDS: Readonly<Record<string, (server: Server) => Promise<number>>> = {
  "photo 2725×2225 → 720": driven("w:720", PHOTOS),
  "thumbnail 600×450 → 200": driven("w:200", THUMBNAILS),
  "result in memory": async ({ port }) => {
    const path = new URL(urlOf(port, "w:200", "kept")).pathname;
    // Each process has to have it before hits are counted.
    for (let times = 0; times < 50; times++)
      await fetch(`http://127.0.0.1:${port}${path}`, { headers: { Connection: "close" } });
    return (await answersPerSecond({ port, path, connections: CONNECTIONS, seconds: HIT_SECONDS })).answers;
  },
};

/** Memory that is this server's alone and its share of what is not: what another process costs. */
function ownBytes({ pid, answering }: Server): number {
  return [...new Set([pid, ...answering])].reduce(
    (sum, each) => sum + Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${each}/smaps_rollup`, "utf8"))?.[1]) * 1024,
    0,
  );
}

const results = new Map<string, Cost[]>();
const servers = await Promise.all(counts.map(launch));
try {
  const idle = servers.map(ownBytes);
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [kind, work] of Object.entries(KINDS)) {
      for (const server of servers) {
        const cost = await costOf(server, () => work(server));
        const name = `${kind} | ${server.processes}`;
        results.set(name, [...(results.get(name) ?? []), cost]);
      }
    }
  }
  console.log("kind | processes | CPU ms | JavaScript thread ms | parent ms");
  for (const [name, costs] of results) {
    const show = (part: keyof Cost) => {
      const { median, least, most } = spread(costs.map((cost) => cost[part]));
      return `${median.toFixed(3)} (${least.toFixed(3)}–${most.toFixed(3)})`;
    };
    console.log([name, show("cpuMs"), show("threadMs"), show("parentMs")].join(" | "));
  }
  const busy = servers.map(ownBytes);
  await Bun.sleep(SETTLING_MS);
  for (const [at, server] of servers.entries()) {
    const [first, after, settled] = [idle[at] ?? 0, busy[at] ?? 0, ownBytes(server)].map((bytes) =>
      (bytes / 1e6).toFixed(0),
    );
    console.log(
      `memory of ${server.processes}: ${first} MB at the start, ${after} MB after the work, ${settled} MB when idle`,
    );
  }
} finally {
  for (const server of servers) await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
