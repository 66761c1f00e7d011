/**
 * Builds the executable.
 *
 *   bun run build                         dist/imgproxy for this machine
 *   bun run build --target linux-arm64    dist/imgproxy-linux-arm64 (repeatable)
 *   bun run build --all                   every target, with dist/SHA256SUMS
 */
import { existsSync, mkdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { buildExecutable } from "./build/executable.ts";
import { hostTarget, TARGETS, type Target } from "./build/targets.ts";
import { writeChecksums } from "./package/checksums.ts";

const root = join(import.meta.dir, "..");
const dist = join(root, "dist");

async function build(target: Target, outfile: string): Promise<void> {
  const startedAt = performance.now();
  await buildExecutable({ root, target, outfile });
  const megabytes = (statSync(outfile).size / 1e6).toFixed(0);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(`built ${join("dist", basename(outfile))} (${target.name}, ${megabytes} MB, ${seconds} s)\n`);
}

const { values } = parseArgs({
  options: {
    target: { type: "string", multiple: true },
    all: { type: "boolean", default: false },
    "if-missing": { type: "boolean", default: false },
  },
});
mkdirSync(dist, { recursive: true });
if (values.all || values.target !== undefined) {
  const wanted = values.all ? TARGETS : TARGETS.filter((target) => values.target?.includes(target.name));
  const unknown = values.target?.find((name) => !TARGETS.some((target) => target.name === name));
  if (unknown !== undefined) {
    process.stderr.write(`unknown target ${unknown}; known: ${TARGETS.map((target) => target.name).join(", ")}\n`);
    process.exit(1);
  }
  for (const target of wanted) await build(target, join(dist, `imgproxy-${target.name}`));
  writeChecksums(wanted.map((target) => join(dist, `imgproxy-${target.name}`)));
} else {
  const target = hostTarget();
  if (target === undefined) {
    process.stderr.write(`no target for ${process.platform}-${process.arch}\n`);
    process.exit(1);
  }
  const outfile = join(dist, "imgproxy");
  if (!values["if-missing"] || !existsSync(outfile)) await build(target, outfile);
}
