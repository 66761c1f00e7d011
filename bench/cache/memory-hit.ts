/**
 * What serving a result out of memory costs, against the floor: Bun's own HTTP server and `node:http` under Bun, both giving the
 * same headers and bytes without a thought. In turns, in one run, over the loopback interface.
 *
 *   bun run build && bun bench/cache/memory-hit.ts [seconds a turn] [rounds]
 *
 * Wanted is at least half of what the bare server of the kind we use does. The whole answer counts: signature, options, freshness,
 * log level and metrics. Lines of log are written in the last column only, since they cost what the disk or the journal costs.
 * Ends with status 1 when the wish is missed.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EXECUTABLE, freePort } from "../../tests/support/executable.ts";
import { cpuSeconds } from "../measure/process-usage.ts";
import { quantile } from "../measure/statistics.ts";
import { photo } from "../work/photo.ts";
import { answersPerSecond } from "./loopback.ts";

const [seconds = 2, rounds = 5] = process.argv.slice(2).map(Number);
const CONNECTIONS = 16;
const WANTED_SHARE = 0.5;

type Server = { readonly name: string; readonly port: number; readonly path: string; readonly pid: number };
type Round = { readonly perSecond: number; readonly cpuMicros: number };

const folder = mkdtempSync(join(tmpdir(), "imgproxy-bench-cache-"));
const running: Bun.Subprocess[] = [];

async function launch(name: string, command: readonly string[], port: number, env: Readonly<Record<string, string>>) {
  const child = Bun.spawn([...command], {
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdout: Bun.file(join(folder, `${name}.log`)),
    stderr: "inherit",
  });
  running.push(child);
  for (const until = Date.now() + 10_000; Date.now() < until; await Bun.sleep(50)) {
    const isUp = await fetch(`http://127.0.0.1:${port}/health`).then(
      () => true,
      () => false,
    );
    if (isUp) return child.pid;
  }
  throw new Error(`${name} did not start`);
}

async function startOurs(name: string, level: string): Promise<Server> {
  const port = await freePort();
  const env = {
    IMGPROXY_BIND: `127.0.0.1:${port}`,
    IMGPROXY_LOCAL_FILESYSTEM_ROOT: folder,
    IMGPROXY_CACHE_USE: "memory",
    IMGPROXY_LOG_LEVEL: level,
    IMGPROXY_KEY: "736563726574",
    IMGPROXY_SALT: "68656c6c6f",
    IMGPROXY_TRUSTED_SIGNATURES: "bench",
  };
  return { name, port, path: "", pid: await launch(name, [EXECUTABLE], port, env) };
}

async function startBare(name: string, kind: "bun" | "node", answer: Response): Promise<Server> {
  const port = await freePort();
  const [bodyFile, headersFile] = [join(folder, `${name}.body`), join(folder, `${name}.json`)];
  const headers = Object.fromEntries(
    [...answer.headers].filter(([header]) => !["date", "connection", "keep-alive"].includes(header)),
  );
  writeFileSync(bodyFile, await answer.bytes());
  writeFileSync(headersFile, JSON.stringify(headers));
  const command = [
    process.execPath,
    join(import.meta.dir, "bare-server.ts"),
    kind,
    String(port),
    bodyFile,
    headersFile,
  ];
  return { name, port, path: "/", pid: await launch(name, command, port, {}) };
}

async function measure({ port, path, pid }: Server): Promise<Round> {
  const before = cpuSeconds(pid);
  const { perSecond, answers } = await answersPerSecond({ port, path, connections: CONNECTIONS, seconds });
  return { perSecond, cpuMicros: ((cpuSeconds(pid) - before) / answers) * 1e6 };
}

try {
  writeFileSync(
    join(folder, "photo.jpg"),
    await (await photo({ width: 2000, height: 1500 })).jpeg({ quality: 90 }).toBuffer(),
  );
  const ours = [await startOurs("ours", "warn"), await startOurs("ours, logging", "info")];
  let isMissed = false;
  for (const width of [200, 1000]) {
    const path = `/bench/rs:fit:${width}:${width}/plain/local:///photo.jpg`;
    const answers = await Promise.all(
      ours.flatMap(({ port }) => [1, 2].map(() => fetch(`http://127.0.0.1:${port}${path}`))),
    );
    const [first = new Response()] = answers;
    const length = Number(first.headers.get("content-length"));
    const bare = [await startBare("Bun.serve", "bun", first.clone()), await startBare("node:http", "node", first)];
    const servers = [...bare, ...ours.map((server) => ({ ...server, path }))];
    const all = new Map<string, Round[]>(servers.map(({ name }) => [name, []]));
    for (let round = -1; round < rounds; round++) {
      for (const server of servers) {
        const measured = await measure(server);
        // The first round is for warming up.
        if (round >= 0) all.get(server.name)?.push(measured);
      }
    }
    const median = (name: string, field: keyof Round) =>
      quantile(
        (all.get(name) ?? []).map((one) => one[field]),
        0.5,
      );
    console.log(`result of ${(length / 1000).toFixed(1)} kB, ${CONNECTIONS} connections, median of ${rounds} turns`);
    for (const { name } of servers) {
      const share = (floor: string) =>
        `${((median(name, "perSecond") / median(floor, "perSecond")) * 100).toFixed(0)} % of ${floor}`;
      console.log(
        `  ${name.padEnd(14)}${median(name, "perSecond").toFixed(0).padStart(7)}/s ${median(name, "cpuMicros").toFixed(1).padStart(6)} us CPU   ${share("node:http")}, ${share("Bun.serve")}`,
      );
    }
    isMissed ||= median("ours", "perSecond") < WANTED_SHARE * median("node:http", "perSecond");
    for (const server of bare) process.kill(server.pid);
  }
  if (isMissed) process.exitCode = 1;
} finally {
  for (const child of running) child.kill();
  rmSync(folder, { recursive: true, force: true });
}
