import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NEWCOMERS_PAGES, NOT_RUN, requireOutput, runPage, type Stage, setStage } from "./page-run.ts";
import { allPages, ROOT, readPage } from "./pages.ts";

/** Pages for those who have the executable on the PATH. */
const PAGES = ["docs/signing.md", "docs/troubleshooting.md", "docs/migrating.md", "docs/security.md"];

/** What a block may do that a test cannot: be another user, reach other machines, build and test this checkout. */
const OUT_OF_REACH =
  /\bsudo\b|https:\/\/|\bssh\b|\.\/scripts\/|\bbun (?:run|test)\b|\bbash \.ci\/run|\baws\b|\bdocker\b|\bapt\b/;

const shellBlocks = allPages().flatMap((page) =>
  page.blocks.filter(({ language }) => language === "sh").map((block) => ({ page, block })),
);

describe("the shell blocks", () => {
  let root: string;
  let stage: Stage;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "imgproxy-docs-"));
    stage = await setStage(root);
    await chmod(join(stage.folder, "imgproxy"), 0o755);
  }, 60_000);
  afterAll(() => rm(root, { recursive: true, force: true }));

  test.each(PAGES)(
    "of %s do what the page says",
    async (path) => {
      const { PATH = "", ...env } = stage.env;
      const runs = await runPage(readPage(path), { ...stage, env: { ...env, PATH: `${stage.folder}:${PATH}` } });
      expect(runs.length).toBeGreaterThan(0);
    },
    60_000,
  );

  test("are shell", async () => {
    const wrong: string[] = [];
    for (const { page, block } of shellBlocks) {
      const shell = Bun.spawn(["sh", "-n"], { stdin: Buffer.from(block.text), stdout: "pipe", stderr: "pipe" });
      const said = await new Response(shell.stderr).text();
      if ((await shell.exited) !== 0) wrong.push(`${page.path}:${block.line} ${said}`);
    }
    expect(shellBlocks.length).toBeGreaterThan(10);
    expect(wrong).toEqual([]);
  });

  test("are left out only where a test cannot follow, and rarely", () => {
    const mine = shellBlocks.filter(({ page }) => [...NEWCOMERS_PAGES, ...PAGES].includes(page.path));
    const left = mine.filter(({ block }) => block.marks.includes(NOT_RUN));
    const without = left.filter(({ block }) => !OUT_OF_REACH.test(block.text));
    expect(without.map(({ page, block }) => `${page.path}:${block.line}`)).toEqual([]);
    expect(left.length).toBeLessThan(mine.length / 3);
  });

  test("name scripts that are there", async () => {
    const scripts = shellBlocks.flatMap(({ block }) => [...block.text.matchAll(/\.\/(scripts\/[\w.-]+)/g)]);
    expect(scripts.length).toBeGreaterThan(0);
    for (const [, script = ""] of scripts) expect(await Bun.file(join(ROOT, script)).exists()).toBe(true);
  });

  test("are failed by output that a page does not show", () => {
    const page = readPage("README.md");
    const run = { line: 1, output: "one\ntwo 5 three\nfour\n" };
    expect(() => requireOutput(page, "one\ntwo … three\nfour", run)).not.toThrow();
    expect(() => requireOutput(page, "two … three\none", run)).toThrow(/should print\none/);
    expect(() => requireOutput(page, "two", run)).toThrow();
  });
});
