import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Target } from "./targets.ts";

/** A native file of sharp on this machine's disk. */
export type NativeFile = { readonly path: string; readonly fileName: string; readonly sha256: string };
export type NativeFiles = { readonly addon: NativeFile; readonly libvips: NativeFile };

/**
 * sharp's two native files for a target. Those of another platform are installed beside the project, from the same lockfile
 * and so with the same integrity check. Throws with the package manager's output when they cannot be had.
 */
export async function nativeFiles(projectRoot: string, target: Target): Promise<NativeFiles> {
  const installed = join(projectRoot, "node_modules");
  const modules = existsSync(join(installed, "@img", `sharp-${target.sharp}`))
    ? installed
    : await installForeign(projectRoot, target);
  return {
    addon: findFile(join(modules, "@img", `sharp-${target.sharp}`, "lib"), /^sharp-.*\.node$/),
    libvips: findFile(join(modules, "@img", `sharp-libvips-${target.sharp}`, "lib"), /^libvips-cpp\..*(so|dylib)/),
  };
}

async function installForeign(projectRoot: string, target: Target): Promise<string> {
  const folder = join(projectRoot, "node_modules", ".cache", "native", target.name);
  mkdirSync(folder, { recursive: true });
  for (const name of ["package.json", "bun.lock"]) cpSync(join(projectRoot, name), join(folder, name));
  const { os, cpu, libc } = target.install;
  const install = Bun.spawn(
    [
      process.execPath,
      "install",
      "--frozen-lockfile",
      "--production",
      "--ignore-scripts",
      `--os=${os}`,
      `--cpu=${cpu}`,
      `--libc=${libc}`,
    ],
    { cwd: folder, stdout: "pipe", stderr: "pipe" },
  );
  const output = (await new Response(install.stdout).text()) + (await new Response(install.stderr).text());
  if ((await install.exited) !== 0)
    throw new Error(`the native packages of ${target.name} cannot be installed:\n${output}`);
  return join(folder, "node_modules");
}

function findFile(folder: string, pattern: RegExp): NativeFile {
  const fileName = readdirSync(folder).find((name) => pattern.test(name));
  if (fileName === undefined) throw new Error(`no file like ${pattern} in ${folder}`);
  const path = join(folder, fileName);
  return { path, fileName, sha256: createHash("sha256").update(readFileSync(path)).digest("hex") };
}
