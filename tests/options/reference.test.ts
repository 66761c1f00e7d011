import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { renderOptionsReference } from "../../src/options/render-reference.ts";
import { OPTION_ROWS } from "../../src/options/table/option-table.ts";

describe("docs/options.md", () => {
  const reference = renderOptionsReference();

  test("is what the table says; run `bun scripts/docs.ts` when it is not", () => {
    const page = readFileSync(join(import.meta.dir, "../../docs/options.md"), "utf8");
    expect(page.slice(page.indexOf("\n") + 1)).toBe(reference);
  });

  test("names every option in every spelling", () => {
    const spellings = OPTION_ROWS.flatMap((row) => [row.name, ...row.aliases]);
    expect(spellings.filter((name) => !new RegExp(`[\`\\[ ]${name}[\`\\]:, ]`).test(reference))).toEqual([]);
  });

  test("explains every option in a sentence", () => {
    expect(OPTION_ROWS.filter((row) => !/^[A-Z].*\.$/s.test(row.doc)).map((row) => row.name)).toEqual([]);
  });
});
