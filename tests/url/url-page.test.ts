import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readConfig } from "../../src/config/config.ts";
import { AppError } from "../../src/errors.ts";
import { compileRequestSettings, readImageRequest } from "../../src/http/read-request.ts";
import { signPath } from "../../src/url/signature.ts";

const page = readFileSync(join(import.meta.dir, "../../docs/url.md"), "utf8");
const settings = compileRequestSettings(readConfig({}).config);

function outcomeOf(target: string): string {
  try {
    const { source, options } = readImageRequest(target, settings);
    return options.format === null ? source : `${source} as ${options.format}`;
  } catch (error) {
    if (error instanceof AppError) return error.kind;
    throw error;
  }
}

describe("docs/url.md", () => {
  const section = /^## Examples\n([\s\S]*?)^## /m.exec(page)?.[1] ?? "";
  const examples = [...section.matchAll(/^\| `(\/[^`]*)` \| ([^|]+) \|$/gm)].flatMap(([, target, outcome]) =>
    target === undefined || outcome === undefined ? [] : [[target, outcome] as const],
  );

  test("has examples", () => expect(examples.length).toBeGreaterThan(15));
  test.each(examples)("%s: %s", (target, outcome) => expect(outcomeOf(target)).toBe(outcome));

  test("shows a right signature", () => {
    const [, path = ""] = /^ +path +(\S+)$/m.exec(page) ?? [];
    const [, signature] = /^ +signature +(\S+)$/m.exec(page) ?? [];
    const [, key = "", salt = ""] = /key `(\w+)` and salt `(\w+)`/.exec(page) ?? [];
    expect(signature).toBe(signPath(path, { key: Buffer.from(key, "hex"), salt: Buffer.from(salt, "hex") }));
  });
});
