/**
 * Makes packages of executables that have been built.
 *
 *   bun scripts/package.ts                          .deb and .rpm of dist/imgproxy, for this machine
 *   bun scripts/package.ts --target linux-arm64     of dist/imgproxy-linux-arm64 (repeatable)
 *   bun scripts/package.ts --format deb             only this kind
 */
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { hostTarget } from "./build/targets.ts";
import { makePackage } from "./package/make-package.ts";
import { findNfpm } from "./package/nfpm.ts";
import { PACKAGE_FORMATS } from "./package/nfpm-config.ts";

const root = join(import.meta.dir, "..");
const { values } = parseArgs({
  options: { target: { type: "string", multiple: true }, format: { type: "string", multiple: true } },
});

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

const formats = PACKAGE_FORMATS.filter((format) => values.format?.includes(format) ?? true);
if (formats.length === 0) fail(`no such kind of package; there are ${PACKAGE_FORMATS.join(" and ")}`);
const failWith = (error: unknown) => fail(error instanceof Error ? error.message : String(error));
const nfpm = await findNfpm(process.env, (line) => process.stderr.write(`${line}\n`)).catch(failWith);
if (nfpm === undefined)
  fail("Packages are made with nfpm. Put it on the PATH, or install Go, which then builds it once.");

const builds = values.target?.map((target) => ({ target, executable: join(root, "dist", `imgproxy-${target}`) })) ?? [
  { target: hostTarget()?.name ?? "", executable: join(root, "dist/imgproxy") },
];
for (const build of builds) {
  for (const format of formats) {
    const path = await makePackage({ root, nfpm, format, ...build, out: join(root, "dist") }).catch(failWith);
    process.stdout.write(`made ${join("dist", basename(path))}\n`);
  }
}
