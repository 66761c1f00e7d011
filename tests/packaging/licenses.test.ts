import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import packageJson from "../../package.json" with { type: "json" };
import { bundledPackages } from "../../scripts/build/bundled-packages.ts";
import { carriedSoftware } from "../../scripts/build/carried-software.ts";
import { runExecutable } from "../support/executable.ts";

const folder = mkdtempSync(join(tmpdir(), "licenses-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function packageIn(name: string, manifest: object, files: Record<string, string> = {}): string {
  const home = join(folder, "node_modules", name);
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, "package.json"), JSON.stringify(manifest));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(home, file), text);
  return home;
}

describe("the licences in the executable", () => {
  let text: string;
  beforeAll(async () => {
    const { status, out } = await runExecutable(["version", "--licenses"]);
    expect(status).toBe(0);
    text = out;
  });
  /** Of these the ones that are not in the text, which is too long to be shown. */
  const missing = (patterns: readonly (string | RegExp)[]) =>
    patterns.filter((pattern) => (typeof pattern === "string" ? !text.includes(pattern) : !pattern.test(text)));

  test("name the packages that are in it, and no tool of its making", () => {
    const bundled = ["sharp", "@img/colour", "elysia", "saxes", "libheif-js", "@aws-sdk/client-s3"];
    expect(missing(bundled.map((name) => new RegExp(`^${name} \\d+\\.\\d+\\.\\d+: \\S`, "m")))).toEqual([]);
    const tools = ["typescript", "@biomejs/biome", "knip", "bun-types", "@cyclonedx/cyclonedx-esbuild"];
    expect(Object.keys(packageJson.devDependencies)).toEqual(expect.arrayContaining(tools));
    expect(missing(tools.map((name) => `\n${name} `))).toHaveLength(tools.length);
  });

  test("have a text for every package", () => {
    const packages = [...text.matchAll(/^(@?[\w./-]+) [\d.]+: (.+)$/gm)];
    expect(packages.length).toBeGreaterThan(30);
    const owners = [...text.matchAll(/^Licence of (.+)$/gm)].flatMap((match) => match[1]?.split(", ") ?? []);
    const standard = new Set([...text.matchAll(/^Text of (.+)$/gm)].map((match) => match[1]));
    const bare = packages.filter(([, name = "", license = ""]) => !owners.includes(name) && !standard.has(license));
    expect(bare.map((match) => match[0])).toEqual([]);
  });

  test("name what is inside ready-made files, and the runtime's own", () => {
    const parts = ["vips", "glib", "libjxl", "libde265"].map((name) => new RegExp(`^${name}\\b.*, in \\S+: \\S`, "m"));
    const texts = ["GNU LESSER GENERAL PUBLIC LICENSE\nVersion 3", "GNU GENERAL PUBLIC LICENSE\nVersion 3"];
    expect(missing([...parts, ...texts, "JavaScriptCore"])).toEqual([]);
  });
});

describe("the packages of an executable", () => {
  const manifest = { name: "one", version: "1.2.3", license: "MIT" };

  test("are found by their files, once each, with the texts beside them", () => {
    const one = packageIn("one", manifest, { "LICENSE-MIT": "terms\r\nof it\n", "license.js": "code", NOTICE: "seen" });
    const nested = packageIn("one/node_modules/@scope/two", { ...manifest, name: "@scope/two" });
    const files = [join(one, "a.js"), join(one, "lib/b.js"), join(nested, "c.js"), join(folder, "src/d.ts")];
    const found = bundledPackages(files);
    expect(found.map(({ name, texts }) => [name, texts])).toEqual([
      ["@scope/two", []],
      ["one", ["terms\nof it", "seen"]],
    ]);
  });

  test("may not be without a licence", () => {
    const home = packageIn("bare", { name: "bare", version: "1.0.0" });
    expect(() => bundledPackages([join(home, "index.js")])).toThrow("lacks its name, version or licence");
  });

  test("may not bring a library whose licence is not known", () => {
    const modules = join(import.meta.dir, "../../node_modules");
    const name = new Bun.Glob("@img/sharp-libvips-*").scanSync({ cwd: modules, onlyFiles: false }).next().value ?? "";
    const home = join(folder, name);
    cpSync(join(modules, name), home, { recursive: true });
    expect(carriedSoftware(name, home).find((part) => part.name === "vips")?.license).toBe("LGPL-3.0-or-later");
    writeFileSync(join(home, "versions.json"), JSON.stringify({ vips: "8", novelty: "1.0" }));
    expect(() => carriedSoftware(name, home)).toThrow("brings novelty");
  });
});
