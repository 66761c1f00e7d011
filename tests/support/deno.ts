import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const DENO_VERSION = "2.9.6";
const PLATFORMS: Readonly<Record<string, string>> = {
  "linux-x64": "linux-x64-glibc",
  "linux-arm64": "linux-arm64-glibc",
  "darwin-arm64": "darwin-arm64",
};

/**
 * Path of a Deno: the one on PATH, else the pinned one in the user's cache folder, which the package manager puts there once
 * (about 40 MB). Throws where there is none for this platform.
 */
export async function findDeno(): Promise<string> {
  const onPath = Bun.which("deno");
  if (onPath !== null) return onPath;
  const platform = PLATFORMS[`${process.platform}-${process.arch}`];
  if (platform === undefined) throw new Error(`no Deno for ${process.platform} on ${process.arch}`);
  const cache = process.env["XDG_CACHE_HOME"] || join(process.env["HOME"] || homedir(), ".cache");
  const folder = join(cache, "imgproxy-bun", `deno-${DENO_VERSION}`);
  const path = join(folder, "node_modules", "@deno", platform, "deno");
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ dependencies: { [`@deno/${platform}`]: DENO_VERSION } }),
  );
  const install = Bun.spawn([process.execPath, "install", "--ignore-scripts"], {
    cwd: folder,
    stdout: "ignore",
    stderr: "pipe",
  });
  if ((await install.exited) !== 0) throw new Error(await new Response(install.stderr).text());
  return path;
}
