import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Kind } from "../work/kinds.ts";
import { WATERMARK_SOURCE } from "../work/sources.ts";

/** A server to be measured. */
export type Contestant = {
  readonly name: string;
  /** undefined when somebody else runs it: then CPU and memory are not known. */
  readonly pid: number | undefined;
  readonly urlOf: (kind: Kind, index: number) => string;
  stop(): Promise<void>;
};

/** Where sources are read from. */
export type SourcePlace =
  | { readonly kind: "folder"; readonly folder: string }
  | {
      readonly kind: "s3";
      readonly bucket: string;
      /** Of `AWS_*`: keys, region, endpoint. */
      readonly env: Readonly<Record<string, string>>;
      /** Where the watermark lies. */
      readonly folder: string;
    };

const START_TIMEOUT_MS = 20_000;
/** As twice the cores is the reference's default, so it is that of the floor. */
const JOBS = 2 * availableParallelism();

/** Starts any imgproxy-compatible server by its command; both sides get the same settings. */
export async function startImgproxy(name: string, command: string, place: SourcePlace): Promise<Contestant> {
  const port = freePort();
  const settings = {
    IMGPROXY_BIND: `127.0.0.1:${port}`,
    IMGPROXY_WATERMARK_PATH: join(place.folder, WATERMARK_SOURCE),
    IMGPROXY_MAX_ANIMATION_FRAMES: "100",
    ...(place.kind === "folder"
      ? { IMGPROXY_LOCAL_FILESYSTEM_ROOT: place.folder }
      : { IMGPROXY_USE_S3: "true", IMGPROXY_S3_ENDPOINT: place.env["AWS_ENDPOINT"] ?? "", ...place.env }),
  };
  const process = await launch(command.split(" "), settings, port);
  return { name, pid: process.pid, urlOf: imgproxyUrls(`http://127.0.0.1:${port}`, place), stop: () => end(process) };
}

/** A server that runs already, with the sources and the watermark that the caller has set it up for. */
export function runningImgproxy(name: string, url: string, pid: number | undefined, place: SourcePlace): Contestant {
  return { name, pid, urlOf: imgproxyUrls(url.replace(/\/$/, ""), place), stop: async () => undefined };
}

/** Starts the floor. */
export async function startBareSharp(place: SourcePlace): Promise<Contestant> {
  const port = freePort();
  const from = place.kind === "folder" ? place.folder : `s3://${place.bucket}`;
  const command = [process.execPath, join(import.meta.dir, "../floor/bare-sharp-server.ts"), String(port), from];
  const settings = {
    UV_THREADPOOL_SIZE: String(JOBS),
    MALLOC_ARENA_MAX: "2",
    ...(place.kind === "s3" ? place.env : {}),
  };
  const server = await launch(command, settings, port);
  return {
    name: "bare sharp",
    pid: server.pid,
    urlOf: (kind, index) => `http://127.0.0.1:${port}/${kind.name}?${index}`,
    stop: () => end(server),
  };
}

function imgproxyUrls(base: string, place: SourcePlace): Contestant["urlOf"] {
  const root = place.kind === "folder" ? "local:///" : `s3://${place.bucket}/`;
  return ({ options, source, format }, index) =>
    `${base}/unsafe/${options}/cb:${index}/plain/${root}${source}@${format}`;
}

async function launch(command: string[], settings: Record<string, string>, port: number): Promise<Bun.Subprocess> {
  const { PATH = "", HOME = "" } = process.env;
  const started = Bun.spawn(command, { env: { PATH, HOME, ...settings }, stdout: "ignore", stderr: "inherit" });
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadline) {
    if (started.exitCode !== null) break;
    const isUp = await fetch(`http://127.0.0.1:${port}/health`).then(
      () => true,
      () => false,
    );
    if (isUp) return started;
    await Bun.sleep(20);
  }
  await end(started);
  throw new Error(`${command.join(" ")} does not answer on port ${port}`);
}

async function end(server: Bun.Subprocess): Promise<void> {
  server.kill("SIGTERM");
  const isLate = Bun.sleep(5000).then(() => true);
  if (await Promise.race([isLate, server.exited.then(() => false)])) server.kill("SIGKILL");
  await server.exited;
}

/** Below the ports that the system hands out by itself. */
function freePort(): number {
  return 10_000 + Math.floor(Math.random() * 20_000);
}
