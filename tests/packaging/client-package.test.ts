import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import packageJson from "../../package.json" with { type: "json" };
import { CLIENT_PACKAGE, makeClientPackage } from "../../scripts/package/make-client-package.ts";

const root = join(import.meta.dir, "../..");
const folder = mkdtempSync(join(tmpdir(), "client-package-"));
const installed = join(folder, "node_modules", CLIENT_PACKAGE);
let archive: string;

beforeAll(async () => {
  archive = await makeClientPackage({ root, out: join(folder, "out") });
  mkdirSync(installed, { recursive: true });
  const { exitCode } = Bun.spawnSync(["tar", "-xzf", archive, "-C", installed, "--strip-components=1"]);
  expect(exitCode).toBe(0);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the client as a package", () => {
  test("is called by its version and carries what it needs, and no more", () => {
    expect(archive).toEndWith(`/${CLIENT_PACKAGE}-${packageJson.version}.tgz`);
    const files = readdirSync(installed, { recursive: true, encoding: "utf8" }).filter((name) =>
      /\.|LICENSE/.test(name),
    );
    expect(files.toSorted()).toEqual([
      "LICENSE",
      "README.md",
      "client.js",
      "package.json",
      "types/client/client.d.ts",
      "types/client/wanted-options.d.ts",
      "types/formats.d.ts",
      "types/options/types.d.ts",
    ]);
    const { dependencies, license } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
    expect([dependencies, license]).toEqual([undefined, packageJson.license]);
  });

  test("signs in whatever runtime is here", () => {
    const program = `import { createClient } from "${CLIENT_PACKAGE}";
      const client = createClient({ baseUrl: "", key: "736563726574", salt: "68656c6c6f" });
      console.log(await client.url("local:///png/png.png", { width: 10 }));`;
    writeFileSync(join(folder, "use.mjs"), program);
    const runtimes = [process.execPath, Bun.which("node")].filter((path) => path !== null);
    for (const runtime of runtimes) {
      const { stdout, stderr } = Bun.spawnSync([runtime, "use.mjs"], { cwd: folder });
      expect(stderr.toString()).toBe("");
      expect(stdout.toString()).toBe("/IjRkv2FmaaQKKgmuYjVHvf0EY0vWnNoyCUgPoEZEC0E/w:10/plain/local:///png/png.png\n");
    }
  });

  test.each(["nodenext", "bundler"])("has types that know every option, resolved as %s does", (moduleResolution) => {
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    const program = `import { createClient } from "${CLIENT_PACKAGE}";
      const client = createClient({ baseUrl: "" });
      export const url: string = await client.url("s3://b/k", { resizingType: "fill", gravity: { type: "fp", x: 0.5 } });
      // @ts-expect-error No option is called so.
      await client.url("s3://b/k", { widht: 3 });
      // @ts-expect-error No resizing type is called so.
      await client.url("s3://b/k", { resizingType: "fil" });`;
    writeFileSync(join(folder, "use.ts"), program);
    const module = moduleResolution === "bundler" ? "preserve" : moduleResolution;
    const settings = ["--ignoreConfig", "--noEmit", "--strict", "--target", "esnext", "--module", module];
    const compiler = join(root, "node_modules/.bin/tsc");
    const command = [compiler, ...settings, "--moduleResolution", moduleResolution, "use.ts"];
    const { stdout, exitCode } = Bun.spawnSync(command, { cwd: folder });
    expect([stdout.toString(), exitCode]).toEqual(["", 0]);
  });
});
