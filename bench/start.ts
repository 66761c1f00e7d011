/**
 * From exec to listening, and from exec to the first image, of one or more executables; the first is the yardstick of the ratios.
 *
 *   bun bench/start.ts [EXECUTABLE ...]        default: dist/imgproxy
 */
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";

const RUNS = 15;
const executables = process.argv.slice(2);
if (executables.length === 0) executables.push(join(import.meta.dir, "../dist/imgproxy"));

const folder = mkdtempSync(join(tmpdir(), "imgproxy-start-"));
await sharp({ create: { width: 600, height: 450, channels: 3, background: "#369" } })
  .jpeg()
  .toFile(join(folder, "x.jpg"));

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("close", () => socket.destroy());
    socket.once("connect", () => socket.end());
  });
}

async function measure(executable: string): Promise<{ listening: number; image: number }> {
  // Below the ports that the system hands out: a client that tries too early could else connect to itself.
  const port = 10_000 + Math.floor(Math.random() * 20_000);
  const startedAt = performance.now();
  const server = Bun.spawn([executable], {
    env: {
      HOME: folder,
      IMGPROXY_BIND: `127.0.0.1:${port}`,
      IMGPROXY_LOCAL_FILESYSTEM_ROOT: folder,
      IMGPROXY_LOG_LEVEL: "error",
    },
    stdout: "ignore",
    stderr: "inherit",
  });
  try {
    while (!(await isListening(port))) await Bun.sleep(1);
    const listening = performance.now() - startedAt;
    const answer = await fetch(`http://127.0.0.1:${port}/unsafe/rs:fit:200:200/plain/local:///x.jpg`);
    await answer.arrayBuffer();
    if (answer.status !== 200) throw new Error(`status ${answer.status}`);
    return { listening, image: performance.now() - startedAt };
  } finally {
    server.kill();
    await server.exited;
  }
}

const sorted = (values: number[]) => values.toSorted((a, b) => a - b);
const describe = (values: number[]) => {
  const all = sorted(values);
  const at = (share: number) => (all[Math.floor(share * (all.length - 1))] ?? 0).toFixed(0);
  return `median ${at(0.5)} ms (${at(0)} to ${at(1)})`;
};

try {
  const runs = new Map(
    executables.map((executable) => [executable, { listening: [] as number[], image: [] as number[] }]),
  );
  // The first round unpacks the libraries and does not count.
  for (let round = 0; round <= RUNS; round++) {
    for (const [executable, { listening, image }] of runs) {
      const run = await measure(executable);
      if (round === 0) continue;
      listening.push(run.listening);
      image.push(run.image);
    }
  }
  for (const [executable, { listening, image }] of runs) {
    console.log(`${executable}: listening ${describe(listening)}, first image ${describe(image)}, ${RUNS} starts`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
