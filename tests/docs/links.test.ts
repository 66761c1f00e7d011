import { describe, expect, test } from "bun:test";
import { existsSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { parseMarkdown } from "./markdown.ts";
import { allPages, type Page, ROOT, readPage } from "./pages.ts";

/** Where GitHub shows a repository's releases, seen from the README. */
const ON_GITHUB = new Set(["../../releases", "../../releases/latest"]);

const PATH_OF_OURS = /^(?:src|docs|tests|scripts|packaging|examples|bench|\.ci)\/[\w./-]+$/;

function faultOf(page: Page, target: string): string | undefined {
  if (ON_GITHUB.has(target)) return;
  if (/^[a-z]+:/i.test(target)) return URL.canParse(target) && /^(https?|mailto):/.test(target) ? undefined : "no URL";
  const [path = "", fragment] = target.split("#");
  const file = path === "" ? page.path : normalize(join(dirname(page.path), decodeURIComponent(path)));
  if (!existsSync(join(ROOT, file))) return `there is no ${file}`;
  if (fragment === undefined) return;
  if (!file.endsWith(".md")) return "a fragment of something that is no page";
  const { anchors } = file === page.path ? page : readPage(file);
  return anchors.has(fragment) ? undefined : `${file} has no #${fragment}`;
}

describe("the documentation", () => {
  const pages = allPages();

  test("is found", () => expect(pages.length).toBeGreaterThan(15));

  test.each(pages.map((page) => [page.path, page] as const))("%s: links lead somewhere", (_path, page) => {
    const broken = page.links.flatMap(({ target, line }) => {
      const fault = faultOf(page, target);
      return fault === undefined ? [] : [`${page.path}:${line} ${target}: ${fault}`];
    });
    expect(broken).toEqual([]);
  });

  test.each(pages.map((page) => [page.path, page] as const))("%s: files that it names are there", (_path, page) => {
    const named = page.codes.filter(({ text }) => PATH_OF_OURS.test(text));
    expect(
      named.filter(({ text }) => !existsSync(join(ROOT, text))).map(({ text, line }) => `${line}: ${text}`),
    ).toEqual([]);
  });

  test("reaches every page of docs/ from its index", () => {
    const index = readPage("docs/README.md");
    const linked = new Set(index.links.map(({ target }) => normalize(join("docs", target.split("#")[0] ?? ""))));
    const single = pages.map(({ path }) => path).filter((path) => /^docs\/[^/]+\.md$/.test(path));
    expect(single.filter((path) => path !== "docs/README.md" && !linked.has(path))).toEqual([]);
  });

  test("has no picture of more than 60 kB, but for those of the playground", () => {
    const pictures = pages.flatMap((page) =>
      page.links
        .filter(({ target }) => /^(?!https?:).*images\/guide\//.test(target))
        .map(({ target }) => join(ROOT, dirname(page.path), target)),
    );
    expect(pictures.length).toBeGreaterThan(20);
    expect(pictures.filter((file) => statSync(file).size > 60_000)).toEqual([]);
    expect([...new Set(pictures)].reduce((sum, file) => sum + statSync(file).size, 0)).toBeLessThan(1_000_000);
  });
});

describe("the reader of Markdown", () => {
  const page = parseMarkdown(
    [
      "# A `b` & c",
      "",
      "[one](two.md#x) ![three](four.png) `[no](link.md)` <https://five.example>",
      "",
      "```sh no-test",
      "# no heading",
      "[no](link)",
      "```",
      "",
      "    # indented",
      "",
      '<a id="six"></a>',
      "## A b c",
      "## A b c",
    ].join("\n"),
  );

  test("finds links outside of code", () =>
    expect(page.links.map(({ target }) => target)).toEqual(["two.md#x", "four.png", "https://five.example"]));
  test("spells headings as GitHub does", () =>
    expect([...page.anchors]).toEqual(["a-b--c", "six", "a-b-c", "a-b-c-1"]));
  test("finds blocks, their marks and their lines", () =>
    expect(page.blocks).toEqual([
      { language: "sh", marks: ["no-test"], text: "# no heading\n[no](link)", line: 6 },
      { language: "", marks: [], text: "    # indented", line: 10 },
    ]));
});
