#!/usr/bin/env bun
/**
 * Makes sure that there is a MinIO to work with and prints where it is: `bun scripts/minio.ts`.
 * The first of these that works: servers named by MINIO_ENDPOINT, `minio` on the PATH, the binary in the user's cache folder,
 * a container engine, a build with Go into that cache folder.
 */
import { spawn } from "node:child_process";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { request } from "node:http";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cachedMinioPath, type FoundMinio, findMinio } from "../src/cli/demo/minio.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** What `findMinio` finds, or an image to run in a container. */
export type AvailableMinio = FoundMinio | { readonly kind: "container"; readonly image: string };

/** The last release with source, binaries and images alike. */
const GO_MODULE = "github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c";
const IMAGE = "minio/minio:RELEASE.2025-09-07T16-13-09Z";
const BUILD_TIMEOUT_MS = 15 * 60_000;

const NO_WAY = `No MinIO server to be had. Any one of these four will do:
  1. name a running one: MINIO_ENDPOINT=http://host:9000 (MINIO_REGION, MINIO_ROOT_USER, MINIO_ROOT_PASSWORD)
  2. put the \`minio\` binary on the PATH
  3. start a container engine (Docker, Podman)
  4. install Go; MinIO is then built once into the user's cache folder`;

/** Finds a MinIO, or makes one available; `progress` hears what takes long. Throws an `Error` naming the ways when there is none. */
export async function ensureMinio(env: Env, progress: (line: string) => void): Promise<AvailableMinio> {
  const found = findMinio(env);
  if (found !== undefined) return found;
  if (await hasContainerEngine(env)) return { kind: "container", image: IMAGE };
  if (await hasGo()) return { kind: "binary", path: await buildOnce(env, progress) };
  throw new Error(NO_WAY);
}

/** Whether an engine answers on `DOCKER_HOST` or the usual socket. */
function hasContainerEngine(env: Env): Promise<boolean> {
  const host = env["DOCKER_HOST"] || "unix:///var/run/docker.sock";
  const where = host.startsWith("unix://")
    ? { socketPath: host.slice("unix://".length) }
    : { host: new URL(host).hostname, port: new URL(host).port };
  return new Promise((resolve) => {
    const ping = request({ ...where, path: "/_ping", timeout: 2000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    ping.on("timeout", () => ping.destroy());
    ping.on("error", () => resolve(false));
    ping.end();
  });
}

async function hasGo(): Promise<boolean> {
  return (await run("go", ["version"], {})).code === 0;
}

/** Builds at most once a machine: whoever comes second waits for the first. */
async function buildOnce(env: Env, progress: (line: string) => void): Promise<string> {
  const path = cachedMinioPath(env);
  await mkdir(dirname(path), { recursive: true });
  const lock = `${path}.lock`;
  const deadline = Date.now() + BUILD_TIMEOUT_MS;
  while (!(await takesLock(lock))) {
    if (Date.now() > deadline) throw new Error(`waited too long for another build of MinIO; is ${lock} left over?`);
    await sleep(500);
  }
  try {
    // The one we waited for may have done the work.
    const built = findMinio(env);
    if (built?.kind === "binary") return built.path;
    progress(`Building MinIO with Go into ${path}: about two minutes, once.`);
    await build(path);
    return path;
  } finally {
    await rm(lock, { force: true });
  }
}

/** A lock is a file holding its owner's process id; that of a dead process does not count. */
async function takesLock(lock: string): Promise<boolean> {
  const file = await open(lock, "wx").catch(() => undefined);
  if (file !== undefined) {
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  }
  const owner = Number(await readFile(lock, "utf8").catch(() => ""));
  if (owner > 0 && !isAlive(owner)) await rm(lock, { force: true });
  return false;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function build(path: string): Promise<void> {
  const workFolder = `${path}.build-${process.pid}`;
  try {
    const result = await run("go", ["install", GO_MODULE], { GOBIN: workFolder });
    if (result.code !== 0) throw new Error(`go install ${GO_MODULE} failed:\n${result.output.slice(-2000)}`);
    await rename(join(workFolder, "minio"), path);
  } finally {
    await rm(workFolder, { recursive: true, force: true });
  }
}

function run(command: string, args: readonly string[], env: Env): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    let output = "";
    const child = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: BUILD_TIMEOUT_MS,
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Uint8Array) => {
        output += Buffer.from(chunk).toString("utf8");
      });
    }
    child.once("error", (error) => resolve({ code: -1, output: error.message }));
    child.once("close", (code) => resolve({ code: code ?? -1, output }));
  });
}

if (import.meta.main) {
  try {
    const minio = await ensureMinio(process.env, (line) => console.error(line));
    if (minio.kind === "binary") console.log(minio.path);
    else if (minio.kind === "container") console.log(minio.image);
    else for (const server of minio.servers) console.log(server.endpoint);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
