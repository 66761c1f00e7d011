import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cyclonedxEsbuildPlugin } from "@cyclonedx/cyclonedx-esbuild";
import packageJson from "../../package.json" with { type: "json" };
import type { BundledPackage } from "./bundled-packages.ts";
import { licensesPlugin } from "./licenses-plugin.ts";
import { type NativeFiles, nativeFiles } from "./native-packages.ts";
import { otlpGrpcPlugin } from "./otlp-grpc-plugin.ts";
import { sharpPlugin } from "./sharp-plugin.ts";
import type { Target } from "./targets.ts";

/** The reference takes request heads of about 1 MiB; Bun's own limit is 16 KiB. */
const MAX_REQUEST_HEAD_BYTES = 1_048_576;

export type ExecutableOptions = {
  readonly root: string;
  readonly target: Target;
  readonly outfile: string;
  /** Where to write what the executable consists of, as CycloneDX. */
  readonly bomFile?: string;
};

/** Where a build leaves the licences that it has put into an executable: beside it. */
export function licensesFileOf(executable: string): string {
  return `${executable}.licenses.txt`;
}

/** Builds one executable with everything that it needs inside; returns the packages in it. Throws when it cannot be built or lacks a part. */
export async function buildExecutable(options: ExecutableOptions): Promise<readonly BundledPackage[]> {
  const { root, target, outfile, bomFile } = options;
  const files = await nativeFiles(root, target);
  const licensesFile = licensesFileOf(outfile);
  let packages: readonly BundledPackage[] = [];
  const plugins = [
    sharpPlugin(root, target, files),
    otlpGrpcPlugin(),
    licensesPlugin({
      file: licensesFile,
      title: `imgproxy ${packageJson.version} (${target.name})`,
      root,
      report: (found) => {
        packages = found;
      },
    }),
  ];
  if (bomFile !== undefined)
    plugins.push(cyclonedxEsbuildPlugin({ outputFile: bomFile, outputReproducible: true, validate: true }));
  const result = await Bun.build({
    entrypoints: [join(root, "src/main.ts")],
    target: "bun",
    minify: { syntax: true, whitespace: true, identifiers: false },
    bytecode: true,
    format: "esm",
    sourcemap: "none",
    metafile: bomFile !== undefined,
    define: {
      "process.env.BUILD_VERSION": JSON.stringify(packageJson.version),
      "process.env.BUILD_COMMIT": JSON.stringify(commit(root)),
      "process.env.BUILD_TARGET": JSON.stringify(target.name),
      "process.env.BUILD_LIBRARIES": JSON.stringify(libraries(files)),
      "process.env.NODE_ENV": '"production"',
    },
    plugins,
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
  assertEmbedded(outfile, [files.addon.path, files.libvips.path, licensesFile]);
  return packages;
}

function commit(root: string): string {
  const git = (...args: string[]) =>
    Bun.spawnSync(["git", "-C", root, ...args], { stderr: "ignore" })
      .stdout.toString()
      .trim();
  const hash = git("rev-parse", "--short=12", "HEAD");
  if (hash === "") return "unknown";
  return git("status", "--porcelain", "--untracked-files=no") === "" ? hash : `${hash}-dirty`;
}

/** Versions as the native files' names tell them. */
function libraries({ addon, libvips }: NativeFiles): string {
  const sharpVersion = /(\d+\.\d+\.\d+)\.node$/.exec(addon.fileName)?.[1] ?? "unknown";
  const libvipsVersion = /so\.(\d+\.\d+\.\d+)$|(\d+\.\d+\.\d+)\.dylib$/.exec(libvips.fileName)?.slice(1).find(Boolean);
  return `sharp ${sharpVersion}, libvips ${libvipsVersion ?? "unknown"}`;
}

/** A target that cannot run here is at least known to carry its files whole. */
function assertEmbedded(outfile: string, files: readonly string[]): void {
  const executable = readFileSync(outfile);
  for (const file of files) {
    const content = readFileSync(file);
    const start = executable.indexOf(content.subarray(0, 4096));
    if (content.length === 0 || start < 0 || !executable.subarray(start, start + content.length).equals(content))
      throw new Error(`${outfile} does not carry ${file} whole`);
  }
}
