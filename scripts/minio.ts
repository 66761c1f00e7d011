#!/usr/bin/env bun
/**
 * Makes sure that there is a MinIO to work with and prints where it is: `bun scripts/minio.ts`.
 * The first of these that works: servers named by MINIO_ENDPOINT, `minio` on the PATH, the binary in the user's cache folder,
 * a container engine, a build with Go into that cache folder.
 */
import { request } from "node:http";
import { cachedMinioPath, type FoundMinio, findMinio } from "../src/cli/demo/minio.ts";
import { hasGo, installGoProgram } from "./go-program.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** What `findMinio` finds, or an image to run in a container. */
export type AvailableMinio = FoundMinio | { readonly kind: "container"; readonly image: string };

/** The last release with source, binaries and images alike. */
const GO_MODULE = "github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c";
const IMAGE = "minio/minio:RELEASE.2025-09-07T16-13-09Z";

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
  if (await hasGo()) {
    const path = cachedMinioPath(env);
    await installGoProgram({ module: GO_MODULE, name: "MinIO", path, progress });
    return { kind: "binary", path };
  }
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
