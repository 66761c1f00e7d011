import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { licensesFileOf } from "../build/executable.ts";
import { nfpmConfig, type PackageFormat, type PackageParts } from "./nfpm-config.ts";
import { packageContents } from "./package-contents.ts";

export type PackageOptions = {
  readonly root: string;
  /** The packager's path. */
  readonly nfpm: string;
  readonly format: PackageFormat;
  /** Name of the target that the executable was built for. */
  readonly target: string;
  readonly executable: string;
  /** Folder that the package is put into, under the name that its kind of system expects. */
  readonly out: string;
  /** Off for a .deb that is installed at once and thrown away; default on. */
  readonly isCompressed?: boolean;
};

/** Processors by the name of the target; other targets have no packages. */
const ARCHES: Readonly<Record<string, PackageParts["arch"]>> = { "linux-x64": "amd64", "linux-arm64": "arm64" };

/** Targets that there are packages for. */
export const PACKAGED_TARGETS: readonly string[] = Object.keys(ARCHES);

/** Makes one package of an executable that has been built; returns its path. Throws with the packager's words when it cannot. */
export async function makePackage(options: PackageOptions): Promise<string> {
  const { root, nfpm, format, target, executable, out, isCompressed = true } = options;
  const arch = ARCHES[target];
  const licensesFile = licensesFileOf(executable);
  if (arch === undefined) throw new Error(`there are no packages for ${target}`);
  for (const file of [executable, licensesFile])
    if (!existsSync(file)) throw new Error(`${file} is missing: build the executable first`);
  mkdirSync(out, { recursive: true });
  const workFolder = mkdtempSync(join(tmpdir(), "imgproxy-package-"));
  try {
    const contents = packageContents({ root, executable, licensesFile, workFolder });
    const scripts = join(root, "packaging/scripts");
    const config = nfpmConfig({ arch, contents, scripts, builtAt: lastChange(root), isCompressed });
    const configFile = join(workFolder, "nfpm.json");
    writeFileSync(configFile, JSON.stringify(config));
    const child = Bun.spawn([nfpm, "package", "--config", configFile, "--packager", format, "--target", out], {
      stdout: "pipe",
      stderr: "pipe",
    });
    const output = (await new Response(child.stdout).text()) + (await new Response(child.stderr).text());
    const path = /^created package: (.+)$/m.exec(output)?.[1];
    if ((await child.exited) !== 0 || path === undefined) throw new Error(`nfpm makes no ${format}:\n${output}`);
    return path;
  } finally {
    rmSync(workFolder, { recursive: true, force: true });
  }
}

/** When the last commit was made; without a repository the start of the epoch, since the time of day would make every package another one. */
function lastChange(root: string): Date {
  const { stdout } = Bun.spawnSync(["git", "-C", root, "log", "-1", "--format=%ct"], { stderr: "ignore" });
  return new Date(Number(stdout.toString().trim()) * 1000);
}
