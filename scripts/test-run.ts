/**
 * Runs `bun test` with the given arguments and closes with one line that says how many tests passed and failed.
 * A run that finds no test has failed.
 */
export {};

/** Starting a MinIO and first starts of the executable take seconds on a small, busy machine. */
const TIMEOUT_MS = 60_000;

const run = Bun.spawn([process.execPath, "test", `--timeout=${TIMEOUT_MS}`, ...process.argv.slice(2)], {
  stdin: "ignore",
  stdout: "pipe",
  stderr: "pipe",
});

let summary = "";
async function pass(stream: ReadableStream<Uint8Array>, to: NodeJS.WriteStream): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    to.write(chunk);
    // The counts stand at the very end of what it prints.
    summary = (summary + decoder.decode(chunk, { stream: true })).slice(-4096);
  }
}
await Promise.all([pass(run.stdout, process.stdout), pass(run.stderr, process.stderr)]);

const count = (word: string) => Number(new RegExp(`^\\s*(\\d+) ${word}\\b`, "m").exec(summary)?.[1] ?? 0);
const passed = count("pass");
const failed = count("fail") + count("error");
const status = await run.exited;
process.stdout.write(`${passed} passed, ${Math.max(failed, status === 0 ? 0 : 1)} failed\n`);
process.exit(status !== 0 ? status : passed === 0 ? 1 : 0);
