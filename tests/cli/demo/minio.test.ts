import { afterAll, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ensureMinio } from "../../../scripts/minio.ts";
import { findMinio, startMinioServer } from "../../../src/cli/demo/minio.ts";
import type { AppError } from "../../../src/errors.ts";

const folder = mkdtempSync(join(tmpdir(), "demo-minio-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function executable(...path: string[]): string {
  const file = join(folder, ...path);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, "#!/bin/sh\necho cannot serve >&2\nexit 3\n");
  chmodSync(file, 0o755);
  return file;
}

test("finds the servers that the environment names, each with its region", () => {
  expect(
    findMinio({ MINIO_ENDPOINT: "eu-west-1=http://a:9000/, http://b:9000", MINIO_REGION: "ap-south-1", PATH: "" }),
  ).toEqual({
    kind: "endpoints",
    servers: [
      {
        endpoint: "http://a:9000",
        region: "eu-west-1",
        credentials: { accessKeyId: "minioadmin", secretAccessKey: "minioadmin" },
      },
      {
        endpoint: "http://b:9000",
        region: "ap-south-1",
        credentials: { accessKeyId: "minioadmin", secretAccessKey: "minioadmin" },
      },
    ],
  });
});

test("prefers the PATH to the user's cache folder, and finds nothing where nothing is", () => {
  const onPath = executable("bin", "minio");
  const cached = executable("cache", "imgproxy-bun", "bin", "minio");
  const XDG_CACHE_HOME = join(folder, "cache");
  expect(findMinio({ PATH: `/nowhere:${join(folder, "bin")}`, XDG_CACHE_HOME })).toEqual({
    kind: "binary",
    path: onPath,
  });
  expect(findMinio({ PATH: "/nowhere", XDG_CACHE_HOME })).toEqual({ kind: "binary", path: cached });
  expect(findMinio({ PATH: "/nowhere", HOME: "/nowhere" })).toBeUndefined();
});

test("a binary that cannot serve is reported with its own words", async () => {
  const start = startMinioServer({
    binary: executable("broken", "minio"),
    dataFolder: join(folder, "broken-data"),
    region: "eu-west-1",
    signal: AbortSignal.timeout(10_000),
  });
  expect(await start.catch((error: unknown) => error)).toMatchObject({
    name: "AppError",
    message: "MinIO did not start: cannot serve",
  } satisfies Partial<AppError>);
});

test("the server ends and its data goes when the process that started it is killed", async () => {
  const minio = await ensureMinio(process.env, () => undefined);
  if (minio.kind !== "binary") return; // A server that somebody else runs must not end with us.
  const dataFolder = join(folder, "data");
  const script = `
    import { startMinioServer } from ${JSON.stringify(join(import.meta.dir, "../../../src/cli/demo/minio.ts"))};
    const server = await startMinioServer({ binary: ${JSON.stringify(minio.path)}, dataFolder: ${JSON.stringify(dataFolder)},
      region: "eu-west-1", signal: new AbortController().signal, removesData: true });
    console.log(server.endpoint);
    setInterval(() => undefined, 1000);`;
  const child = spawn("bun", ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const endpoint = String(await new Promise((resolve) => child.stdout.once("data", resolve))).trim();
  expect((await fetch(`${endpoint}/minio/health/live`)).status).toBe(200);
  child.kill("SIGKILL");
  for (let tries = 0; existsSync(dataFolder) && tries < 100; tries++) await sleep(50);
  expect(existsSync(dataFolder)).toBe(false);
  expect(await fetch(`${endpoint}/minio/health/live`).catch(() => "gone")).toBe("gone");
});
