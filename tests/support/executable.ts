import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Subprocess } from "bun";

/** The executable that `scripts/test` has built; tests against it mean exactly what users download. */
export const EXECUTABLE = join(import.meta.dir, "../../dist/imgproxy");

if (!existsSync(EXECUTABLE)) throw new Error("dist/imgproxy is missing: run ./scripts/test, or `bun run build` first");

export type RunResult = { readonly status: number; readonly out: string; readonly err: string };

/** Runs the executable to its end with exactly this environment (plus nothing). */
export async function runExecutable(
  args: readonly string[],
  options: { env?: Record<string, string>; cwd?: string; executable?: string } = {},
): Promise<RunResult> {
  const child = Bun.spawn([options.executable ?? EXECUTABLE, ...args], {
    env: options.env ?? {},
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err, status] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { status, out, err };
}

export type RunningServer = {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly process: Subprocess;
  /** What it has written to its log so far. */
  log(): string;
  /** Ends it with a signal and returns its exit status. */
  stop(signal?: NodeJS.Signals): Promise<number>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** Starts `imgproxy serve` on a free port of the loopback interface and waits until /health answers. */
export async function startServer(
  options: {
    env?: Record<string, string>;
    cwd?: string;
    executable?: string;
    /** Given the address to listen on. */
    args?: (bind: string) => readonly string[];
  } = {},
): Promise<RunningServer> {
  const port = await freePort();
  const bind = `127.0.0.1:${port}`;
  const child = Bun.spawn([options.executable ?? EXECUTABLE, ...(options.args?.(bind) ?? [])], {
    env: { IMGPROXY_BIND: bind, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) void collect(stream, (text) => (log += text));
  const url = `http://${bind}`;
  const deadline = Date.now() + 15_000;
  while (!(await isUp(url))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill();
      throw new Error(`the server did not start:\n${log}`);
    }
    await Bun.sleep(20);
  }
  const stop = async (signal: NodeJS.Signals = "SIGTERM") => {
    child.kill(signal);
    return child.exited;
  };
  return { url, process: child, log: () => log, stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}

async function collect(stream: ReadableStream<Uint8Array>, use: (text: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of stream) use(decoder.decode(chunk, { stream: true }));
}

function isUp(url: string): Promise<boolean> {
  return fetch(`${url}/health`, { signal: AbortSignal.timeout(1000) }).then(
    (response) => response.ok,
    () => false,
  );
}

/** A port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  const { port } = server;
  await server.stop(true);
  if (port === undefined) throw new Error("no free port");
  return port;
}
