import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CLIENT_PACKAGE } from "../../scripts/package/make-client-package.ts";
import { allPages, ROOT } from "./pages.ts";

const blocks = allPages().flatMap((page) =>
  page.blocks.map((block) => ({ where: `${page.path}:${block.line}`, block })),
);
const inLanguage = (language: string) => blocks.filter(({ block }) => block.language === language);

/** Languages whose blocks something looks at; what is not code has none. */
const LOOKED_AT = ["sh", "text", "ini", "json", "ts", "yaml", "nginx", "caddyfile", "dockerfile"];
/** Those of docs/signing.md are parts of programs that are run. */
const RUN_AS_EXAMPLES = ["go", "python", "ruby", "php", "java", "rust"];

describe("the code blocks", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "imgproxy-blocks-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("are in languages that something looks at", () => {
    const strange = blocks.filter(({ block }) => ![...LOOKED_AT, ...RUN_AS_EXAMPLES, ""].includes(block.language));
    expect(strange.map(({ where, block }) => `${where} ${block.language}`)).toEqual([]);
  });

  test("of JSON are JSON", () => {
    expect(inLanguage("json").length).toBeGreaterThan(2);
    for (const { where, block } of inLanguage("json")) {
      expect(() => JSON.parse(block.text), where).not.toThrow();
    }
  });

  test("of YAML are YAML", () => {
    for (const { where, block } of inLanguage("yaml")) expect(() => Bun.YAML.parse(block.text), where).not.toThrow();
  });

  test("of TypeScript compile under the strict settings of this repository", async () => {
    const scripts = inLanguage("ts");
    expect(scripts.length).toBeGreaterThan(1);
    // As a reader has it: beside the sources, under the same settings.
    for (const name of ["src", "node_modules", "package.json"]) await symlink(join(ROOT, name), join(folder, name));
    const names = await Promise.all(
      scripts.map(async ({ where, block }) => {
        const name = `${where.replace(/\W+/g, "-")}.ts`;
        await writeFile(join(folder, name), `${block.text}\nexport {};\n`);
        return name;
      }),
    );
    // One that must be found, so that silence means something.
    await writeFile(join(folder, "wrong.ts"), 'export const count: number = "one";\n');
    const compilerOptions = { paths: { [CLIENT_PACKAGE]: ["./src/client/client.ts"] } };
    const settings = {
      extends: join(ROOT, "tsconfig.json"),
      compilerOptions,
      files: [...names, "wrong.ts"],
      include: [],
    };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(settings));
    const check = Bun.spawn([join(ROOT, "node_modules/.bin/tsc"), "--noEmit", "-p", "."], {
      cwd: folder,
      stdout: "pipe",
    });
    const said = await new Response(check.stdout).text();
    const complaints = said.split("\n").filter((line) => [...names, "wrong.ts"].some((name) => line.startsWith(name)));
    expect(complaints.map((line) => line.replace(/\(.*/, ""))).toEqual(["wrong.ts"]);
  }, 120_000);
});
