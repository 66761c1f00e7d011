/**
 * Proves that the executable needs nothing beside itself: copied alone into an empty folder and started with an empty
 * environment it serves an image.
 *
 *   bun .ci/lone-executable.ts dist/imgproxy
 */
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [executable] = process.argv.slice(2);
if (executable === undefined) throw new Error("usage: bun .ci/lone-executable.ts EXECUTABLE");
const folder = mkdtempSync(join(tmpdir(), "imgproxy-alone-"));
const copy = join(folder, "imgproxy");
copyFileSync(executable, copy);

// Below the ports that the system hands out: a client that tries too early could else connect to itself.
const port = 10_000 + Math.floor(Math.random() * 20_000);
const server = Bun.spawn([copy, "demo", "--bind", `127.0.0.1:${port}`], {
  cwd: folder,
  env: {},
  stdout: "inherit",
  stderr: "inherit",
});
try {
  let answer: Response | undefined;
  for (let attempt = 0; attempt < 200 && answer === undefined; attempt++) {
    const path = "/unsafe/rs:fit:300:300/plain/local:///astronaut.jpg@webp";
    answer = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined);
    if (answer === undefined) await Bun.sleep(50);
  }
  const bytes = new Uint8Array((await answer?.arrayBuffer()) ?? new ArrayBuffer(0));
  const isWebp = new TextDecoder("latin1").decode(bytes.subarray(8, 12)) === "WEBP";
  if (answer?.status !== 200 || !isWebp) throw new Error(`no image: status ${answer?.status}, ${bytes.length} bytes`);
  process.stdout.write(`served a WebP of ${bytes.length} bytes alone, with an empty environment\n`);
} finally {
  server.kill();
  const status = await server.exited;
  rmSync(folder, { recursive: true, force: true });
  if (status !== 0) {
    process.stderr.write(`it ended with status ${status} instead of 0\n`);
    process.exitCode = 1;
  }
}
