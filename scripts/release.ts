/**
 * Makes everything that a release consists of, in dist/release/; publishes nothing. `scripts/release` prepares for it.
 *
 *   scripts/release                the version of package.json, from a clean checkout whose changelog has a section for it
 *   scripts/release --rehearsal    from whatever lies here, with the notes of what is unreleased
 */
import { copyFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import packageJson from "../package.json" with { type: "json" };
import { buildExecutable, licensesFileOf } from "./build/executable.ts";
import { hostTarget, TARGETS, type Target } from "./build/targets.ts";
import { completeBom } from "./package/bom.ts";
import { writeChecksums } from "./package/checksums.ts";
import { makeClientPackage } from "./package/make-client-package.ts";
import { makePackage, PACKAGED_TARGETS } from "./package/make-package.ts";
import { findNfpm } from "./package/nfpm.ts";
import { PACKAGE_FORMATS } from "./package/nfpm-config.ts";
import { releaseNotes } from "./package/release-notes.ts";

const root = join(import.meta.dir, "..");
const out = join(root, "dist/release");
const { version } = packageJson;
const made: string[] = [];

function keep(path: string): string {
  made.push(path);
  process.stdout.write(`${basename(path).padEnd(40)}${(statSync(path).size / 1e6).toFixed(1).padStart(8)} MB\n`);
  return path;
}

/** An executable, what it consists of, and under which licences. */
async function buildTarget(target: Target): Promise<void> {
  const executable = join(out, `imgproxy-${target.name}`);
  const bomFile = `${executable}.cdx.json`;
  const packages = await buildExecutable({ root, target, outfile: executable, bomFile });
  await completeBom(bomFile, packages);
  for (const path of [executable, bomFile, licensesFileOf(executable)]) keep(path);
}

/** That of this machine must run and be what it is released as. */
function tryExecutable(target: Target): void {
  const { stdout } = Bun.spawnSync([join(out, `imgproxy-${target.name}`), "version"], { env: {} });
  if (!stdout.toString().startsWith(`imgproxy ${version} (commit `))
    throw new Error(`the executable of ${target.name} does not say that it is ${version}: ${stdout}`);
}

async function makePackages(nfpm: string): Promise<void> {
  for (const target of PACKAGED_TARGETS) {
    const executable = join(out, `imgproxy-${target}`);
    for (const format of PACKAGE_FORMATS) keep(await makePackage({ root, nfpm, format, target, executable, out }));
  }
}

async function release(isRehearsal: boolean): Promise<void> {
  const notes = releaseNotes(readFileSync(join(root, "CHANGELOG.md"), "utf8"), isRehearsal ? "Unreleased" : version);
  const changes = Bun.spawnSync(["git", "-C", root, "status", "--porcelain"]).stdout.toString();
  if (changes !== "" && !isRehearsal) throw new Error(`the checkout is not clean:\n${changes}`);
  const nfpm = await findNfpm(process.env, (line) => process.stderr.write(`${line}\n`));
  if (nfpm === undefined) throw new Error("packages are made with nfpm: put it on the PATH, or install Go");

  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  for (const target of TARGETS) await buildTarget(target);
  const host = hostTarget();
  if (host !== undefined) tryExecutable(host);
  await makePackages(nfpm);
  keep(await makeClientPackage({ root, out }));
  const notesFile = join(out, "RELEASE-NOTES.md");
  writeFileSync(notesFile, notes);
  copyFileSync(join(root, "packaging/Dockerfile"), join(out, "Dockerfile"));
  for (const path of [join(out, "Dockerfile"), notesFile]) keep(path);
  writeChecksums(made);
}

const { values } = parseArgs({ options: { rehearsal: { type: "boolean", default: false } } });
try {
  await release(values.rehearsal);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
