/** What the documentation names must be there: variables, options, commands, flags. */
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Command, HELP_FLAG } from "../../src/cli/command.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { loadConfig, readConfig } from "../../src/config/config.ts";
import { FOREIGN } from "../../src/config/foreign.ts";
import { PAID_EDITION_NAMES } from "../../src/config/paid-names.ts";
import { ROWS } from "../../src/config/reading.ts";
import { IGNORED, RENAMED } from "../../src/config/retired.ts";
import { AppError } from "../../src/errors.ts";
import { compileRequestSettings, readImageRequest } from "../../src/http/read-request.ts";
import { parseOptions } from "../../src/options/parse-options.ts";
import { OPTION_ROWS } from "../../src/options/table/option-table.ts";
import { allPages, type Page, ROOT } from "./pages.ts";

const pages = allPages();
const variables = new Set(ROWS.flatMap(({ row }) => [row.env, ...(row.alternates ?? [])]));
const pending = new Set(ROWS.filter(({ row }) => row.status === "pending").map(({ row }) => row.env));
const known = new Set([...variables, ...RENAMED.keys(), ...RENAMED.values(), ...IGNORED.keys(), ...PAID_EDITION_NAMES]);

/** Wrong on purpose: what a page warns of. */
const MISSPELLED = new Set([
  "IMGPROXY_WORKERZ",
  "IMGRPOXY_SWIFT_TIMEOUT_SECONDS",
  "IMGRPOXY_SWIFT_CONNECT_TIMEOUT_SECONDS",
]);
/** Read by native/ before there is a configuration, or by the tests. */
const INTERNAL = /^IMGPROXY_(?:TUNED_AT_START$|TEST_)/;
/** Pages that speak of what is not built, too. */
const SPEAKS_OF_PLANS = [
  "CHANGELOG.md",
  "docs/configuration.md",
  "docs/differences.md",
  "docs/migrating.md",
  "docs/s3.md",
];

/** Packaging and examples hold text that is no Markdown, too. */
const otherFiles = ["packaging", "examples"].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8", withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path: path.slice(ROOT.length + 1), text: readFileSync(path, "utf8") })),
);
const texts: readonly { readonly path: string; readonly text: string }[] = [...pages, ...otherFiles];

/** `IMGPROXY_AUTO_…` and `IMGPROXY_AUTO_*` stand for all that begin so. */
function isKnown(name: string, follows: string): boolean {
  if (MISSPELLED.has(name) || INTERNAL.test(name) || known.has(name) || FOREIGN.has(name)) return true;
  const isFamily = name.endsWith("_") && /^[…*`\s]/.test(follows);
  return isFamily && [...known].some((full) => full.startsWith(name));
}

describe("the documentation names", () => {
  test("variables that there are", () => {
    const unknown = texts.flatMap(({ path, text }) =>
      [...text.matchAll(/\bIMG(?:PR|RP)OXY_[A-Z0-9_]*/g)]
        .filter(({ 0: name, index }) => !isKnown(name, text.slice(index + name.length)))
        .map(([name]) => `${path}: ${name}`),
    );
    expect(unknown).toEqual([]);
  });

  test("variables that do something", () => {
    const idle = pages
      .filter(({ path }) => !SPEAKS_OF_PLANS.includes(path) && !path.startsWith("docs/adr/"))
      .flatMap(({ path, text }) =>
        [...text.matchAll(/\bIMGPROXY_[A-Z0-9_]+/g)]
          .filter(([name]) => pending.has(name))
          .map(([name]) => `${path}: ${name}`),
      );
    expect(idle).toEqual([]);
  });

  test("settings, in blocks of their own, that can be read without a complaint", () => {
    // The blocks of docs/systemd.md are parts of units.
    const blocks = pages
      .filter(({ path }) => path !== "docs/systemd.md")
      .flatMap((page) =>
        page.blocks
          .filter(({ language, marks }) => language === "ini" && !marks[0]?.startsWith("~/"))
          .map((block) => ({ page, block })),
      );
    expect(blocks.length).toBeGreaterThan(10);
    for (const { page, block } of blocks) {
      const where = `${page.path}:${block.line}`;
      const entries = block.text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
      const values = Object.fromEntries(
        entries.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
      );
      expect({ where, unknown: Object.keys(values).filter((name) => !known.has(name)) }).toEqual({
        where,
        unknown: [],
      });
      // The file of buckets is shown above the block, and the key's own page has the rest.
      if (values["IMGPROXY_S3_BUCKETS"] !== undefined) values["IMGPROXY_S3_BUCKETS"] = "{}";
      const { warnings } = loadConfig(values, { file: null });
      expect({ where, warnings: warnings.filter((text) => !/[Ss]ignature/.test(text)) }).toEqual({
        where,
        warnings: [],
      });
    }
  });
});

describe("URLs in the documentation", () => {
  /** Their tables of what is refused have tests of their own. */
  const OWN_TESTS = ["docs/url.md", "docs/options.md", "docs/differences.md", "docs/troubleshooting.md"];
  const settings = compileRequestSettings({
    ...readConfig({}).config,
    presets: "thumb=rs:fill:300:200/g:sm,sharp=sh:0.7",
    allowSecurityOptions: true,
  });
  const optionNames = new Set(OPTION_ROWS.flatMap((row) => [row.name, ...row.aliases]));

  function faultOf(read: () => unknown): string | undefined {
    try {
      read();
      return undefined;
    } catch (error) {
      if (error instanceof AppError) return error.message;
      throw error;
    }
  }

  const codesOf = (page: Page) => [...page.codes, ...page.blocks.map(({ text, line }) => ({ text, line }))];
  const mine = pages.filter(({ path }) => !OWN_TESTS.includes(path) && !path.startsWith("bench/"));

  test("are ones that the server reads", () => {
    const target = /(?<![\w/.])(?:https?:\/\/[\w.:-]+)?\/(?:unsafe|SIGNATURE|<signature>|[\w-]{43}|…)(\/[^\s"'`]+)/g;
    const read = mine.flatMap((page) =>
      codesOf(page).flatMap(({ text, line }) =>
        [...text.matchAll(target)]
          .filter(([, path = ""]) => !/…|PATH\/|OPTION|<|\$/.test(path))
          .map(([, path = ""]) => ({
            where: `${page.path}:${line} ${path}`,
            fault: faultOf(() => readImageRequest(`/unsafe${path}`, settings)),
          })),
      ),
    );
    expect(read.length).toBeGreaterThan(3);
    expect(read.filter(({ fault }) => fault !== undefined)).toEqual([]);
  });

  test("are built of options that there are", () => {
    const line = /imgproxy (?:url ([a-z][^\s"]*) [a-z0-9]+:\/\/|process \S+ "?([a-z][^\s"]*))/g;
    const read = pages.flatMap((page) =>
      codesOf(page).flatMap(({ text, line: at }) =>
        [...text.matchAll(line)].map(([, built, processed]) => ({
          where: `${page.path}:${at} ${built ?? processed}`,
          fault: faultOf(() => parseOptions((built ?? processed ?? "").split("/"), settings.options, 0)),
        })),
      ),
    );
    expect(read.length).toBeGreaterThan(5);
    expect(read.filter(({ fault }) => fault !== undefined)).toEqual([]);
  });

  test("have options that are options", () => {
    const option = /^([a-z][\w-]*):[^\s/]*(?:\/[a-z][\w-]*:[^\s/]*)*$/;
    const read = mine.flatMap((page) =>
      page.codes
        .filter(
          ({ text }) => optionNames.has(option.exec(text)?.[1] ?? "") && !/[A-Z[…]/.test(text) && !text.includes("://"),
        )
        .filter(({ text }) => !/^\w[\w-]*:$/.test(text))
        .map(({ text, line }) => ({
          where: `${page.path}:${line} ${text}`,
          fault: faultOf(() => parseOptions(text.split("/"), settings.options, 0)),
        })),
    );
    expect(read.length).toBeGreaterThan(30);
    expect(read.filter(({ fault }) => fault !== undefined)).toEqual([]);
  });
});

describe("command lines in the documentation", () => {
  const byName = new Map<string, Command>(COMMANDS.map((command) => [command.name, command]));

  /** What follows the program's name, up to the end of the command. */
  function linesOf(page: Page): { text: string; line: number }[] {
    const shells = page.blocks
      .filter(({ language }) => language === "sh")
      .map(({ text, line }) => ({ text: text.replaceAll("\\\n", " ").replace(/(^|\s)#.*/gm, "$1"), line }));
    const inline = page.codes.filter(({ text }) => /^(?:\.\/|dist\/)?imgproxy(?: (?!is )|$)/.test(text));
    return [...shells, ...inline];
  }

  test("use commands and flags that there are", () => {
    const wrong: string[] = [];
    let count = 0;
    for (const page of pages) {
      for (const { text, line } of linesOf(page)) {
        for (const [, rest = ""] of text.matchAll(
          /(?:^|[\s(])(?:\.\/|dist\/)?imgproxy((?: +(?:"[^"]*"|[^\s|&;<>()#]+))*)/gm,
        )) {
          const words = rest
            .trim()
            .split(/\s+/)
            .filter((word) => word !== "");
          const [name = "serve", ...others] = words;
          if (/^[A-Z…]/.test(name) || /^-?-?(?:version|help|h)$/.test(name)) continue;
          count++;
          const command = byName.get(name);
          if (command === undefined) {
            wrong.push(`${page.path}:${line} ${name}`);
            continue;
          }
          const flags = [...command.flags, HELP_FLAG].flatMap((flag) => [
            `--${flag.name}`,
            ...(flag.short ? [`-${flag.short}`] : []),
          ]);
          const strange = others
            .map((word) => word.split("=")[0] ?? "")
            .filter((word) => word.startsWith("-") && word !== "-" && !flags.includes(word));
          wrong.push(...strange.map((word) => `${page.path}:${line} ${name} ${word}`));
        }
      }
    }
    expect(count).toBeGreaterThan(20);
    expect(wrong).toEqual([]);
  });
});
