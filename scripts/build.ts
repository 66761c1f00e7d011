/**
 * Builds the executable.
 *
 *   bun run build                         dist/imgproxy for this machine
 *   bun run build --target linux-arm64    dist/imgproxy-linux-arm64 (repeatable)
 *   bun run build --all                   every target, with dist/SHA256SUMS
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import packageJson from "../package.json" with { type: "json" };
import { type NativeFiles, nativeFiles } from "./build/native-packages.ts";
import { sharpPlugin } from "./build/sharp-plugin.ts";
import { hostTarget, TARGETS, type Target } from "./build/targets.ts";

const root = join(import.meta.dir, "..");
const dist = join(root, "dist");

/** The reference takes request heads of about 1 MiB; Bun's own limit is 16 KiB. */
const MAX_REQUEST_HEAD_BYTES = 1_048_576;

function commit(): string {
  const git = (...args: string[]) =>
    Bun.spawnSync(["git", "-C", root, ...args], { stderr: "ignore" })
      .stdout.toString()
      .trim();
  const hash = git("rev-parse", "--short=12", "HEAD");
  if (hash === "") return "unknown";
  return git("status", "--porcelain", "--untracked-files=no") === "" ? hash : `${hash}-dirty`;
}

async function build(target: Target, outfile: string): Promise<void> {
  const startedAt = performance.now();
  const files = await nativeFiles(root, target);
  const sharpVersion = /(\d+\.\d+\.\d+)\.node$/.exec(files.addon.fileName)?.[1] ?? "unknown";
  const libvipsVersion = /so\.(\d+\.\d+\.\d+)$|(\d+\.\d+\.\d+)\.dylib$/
    .exec(files.libvips.fileName)
    ?.slice(1)
    .find(Boolean);
  const result = await Bun.build({
    entrypoints: [join(root, "src/main.ts")],
    target: "bun",
    minify: { syntax: true, whitespace: true, identifiers: false },
    bytecode: true,
    format: "esm",
    sourcemap: "none",
    define: {
      "process.env.BUILD_VERSION": JSON.stringify(packageJson.version),
      "process.env.BUILD_COMMIT": JSON.stringify(commit()),
      "process.env.BUILD_TARGET": JSON.stringify(target.name),
      "process.env.BUILD_LIBRARIES": JSON.stringify(`sharp ${sharpVersion}, libvips ${libvipsVersion ?? "unknown"}`),
      "process.env.NODE_ENV": '"production"',
    },
    plugins: [sharpPlugin(root, target, files)],
    compile: {
      target: target.bun,
      outfile,
      execArgv: [`--max-http-header-size=${MAX_REQUEST_HEAD_BYTES}`],
      // An executable must not obey files that happen to lie in its working directory.
      autoloadDotenv: false,
      autoloadBunfig: false,
      autoloadTsconfig: false,
      autoloadPackageJson: false,
    },
  });
  if (!result.success) throw new AggregateError(result.logs, `${target.name} does not build`);
  assertEmbedded(outfile, files);
  const megabytes = (statSync(outfile).size / 1e6).toFixed(0);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(`built ${join("dist", basename(outfile))} (${target.name}, ${megabytes} MB, ${seconds} s)\n`);
}

/** A target that cannot run here is at least known to carry its libraries whole. */
function assertEmbedded(outfile: string, files: NativeFiles): void {
  const executable = readFileSync(outfile);
  for (const file of [files.addon, files.libvips]) {
    const library = readFileSync(file.path);
    const start = executable.indexOf(library.subarray(0, 4096));
    if (start < 0 || !executable.subarray(start, start + library.length).equals(library))
      throw new Error(`${outfile} does not carry ${file.fileName} whole`);
  }
}

function writeChecksums(outfiles: readonly string[]): void {
  const lines = outfiles.map((file) => {
    const hash = createHash("sha256").update(readFileSync(file)).digest("hex");
    return `${hash}  ${basename(file)}\n`;
  });
  writeFileSync(join(dist, "SHA256SUMS"), lines.join(""));
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
