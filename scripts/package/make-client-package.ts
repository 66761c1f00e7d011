import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, normalize } from "node:path";
import packageJson from "../../package.json" with { type: "json" };

export const CLIENT_PACKAGE = "imgproxy-bun-client";

const ENTRY = "client/client";

/**
 * Makes the package that npm and its kin install the client from: one module for browsers and runtimes alike, its types, no
 * dependency. Puts it into `out` and returns its path.
 */
export async function makeClientPackage({
  root,
  out,
}: {
  readonly root: string;
  readonly out: string;
}): Promise<string> {
  mkdirSync(out, { recursive: true });
  const workFolder = mkdtempSync(join(tmpdir(), "imgproxy-client-"));
  try {
    const folder = join(workFolder, "package");
    await bundle(join(root, "src", `${ENTRY}.ts`), folder);
    copyTypes(await declare(root, workFolder), join(folder, "types"));
    copyFileSync(join(root, "docs/client.md"), join(folder, "README.md"));
    copyFileSync(join(root, "LICENSE"), join(folder, "LICENSE"));
    writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest(), null, 2)}\n`);
    await run([process.execPath, "pm", "pack", "--quiet", "--destination", out], folder);
    return join(out, `${CLIENT_PACKAGE}-${packageJson.version}.tgz`);
  } finally {
    rmSync(workFolder, { recursive: true, force: true });
  }
}

function manifest(): object {
  return {
    name: CLIENT_PACKAGE,
    version: packageJson.version,
    description: "Builds and signs URLs for imgproxy and for imgproxy on Bun",
    license: packageJson.license,
    type: "module",
    sideEffects: false,
    exports: { ".": { types: `./types/${ENTRY}.d.ts`, default: "./client.js" } },
  };
}

async function bundle(entry: string, folder: string): Promise<void> {
  const { outputs } = await Bun.build({ entrypoints: [entry], target: "browser", minify: true });
  const code = await outputs[0]?.text();
  if (code === undefined) throw new Error(`${entry} bundles to nothing`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "client.js"), code);
}

/** Writes the declarations of the client and of all that it imports; returns their folder. */
async function declare(root: string, workFolder: string): Promise<string> {
  const folder = join(workFolder, "declarations");
  const settings = {
    target: "esnext",
    module: "preserve",
    moduleResolution: "bundler",
    lib: "esnext,dom",
    types: "bun-types",
    rootDir: "src",
    outDir: folder,
  };
  const values = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const flags = ["declaration", "emitDeclarationOnly", "strict", "exactOptionalPropertyTypes", "skipLibCheck"];
  const switches = [...flags, "allowImportingTsExtensions", "ignoreConfig"].map((name) => `--${name}`);
  const compiler = join(root, "node_modules/.bin/tsc");
  await run([compiler, ...switches, ...values, `src/${ENTRY}.ts`], root);
  return folder;
}

/** Only what the declarations of the client lead to: most of what it imports they do not speak of. */
function copyTypes(from: string, to: string): void {
  const wanted = [`${ENTRY}.d.ts`];
  for (const path of wanted) {
    const text = readFileSync(join(from, path), "utf8");
    mkdirSync(dirname(join(to, path)), { recursive: true });
    writeFileSync(join(to, path), text);
    for (const [, target = ""] of text.matchAll(/from "(\.[^"]+)\.ts"/g)) {
      const next = normalize(join(dirname(path), `${target}.d.ts`));
      if (!wanted.includes(next)) wanted.push(next);
    }
  }
}

async function run(command: readonly string[], cwd: string): Promise<void> {
  const child = Bun.spawn([...command], { cwd, stdout: "pipe", stderr: "pipe" });
  const said = (await new Response(child.stdout).text()) + (await new Response(child.stderr).text());
  if ((await child.exited) !== 0) throw new Error(`${command.join(" ")}:\n${said}`);
}
