import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PAID_EDITION_NAMES } from "../../src/config/paid-names.ts";
import { defaultOf, ROWS } from "../../src/config/reading.ts";
import { IGNORED, RENAMED } from "../../src/config/retired.ts";
import { SECTIONS } from "../../src/config/variables.ts";

const UNIT_BY_TYPE: Readonly<Record<string, string>> = { seconds: "Seconds", milliseconds: "Ms", bytes: "Bytes" };
/** Seconds that go into a header, not into a timer, and so have the type of a plain number. */
const HEADER_SECONDS = ["IMGPROXY_TTL", "IMGPROXY_FALLBACK_IMAGE_TTL", "IMGPROXY_CACHE_TTL"];

/** By its provider of credentials, straight from the environment. */
const READ_BY_SDK = ["AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"];

function expectedKey(env: string, type: string): string {
  const words = env.replace(/^IMGPROXY_/, "").split("_");
  const camel = words.map((word, index) => (index === 0 ? word.toLowerCase() : word[0] + word.slice(1).toLowerCase()));
  const unit = HEADER_SECONDS.includes(env) ? "Seconds" : (UNIT_BY_TYPE[type] ?? "");
  const name = camel.join("");
  return name.endsWith(unit) ? name : name + unit;
}

describe("the table of variables", () => {
  test.each(ROWS.map(({ key, row }) => [key, row] as const))("%s is named after its variable", (key, row) => {
    expect<string>(key).toBe(expectedKey(row.env, row.type.name));
  });

  test("every variable stands in exactly one section", () => {
    const listed = SECTIONS.flatMap(({ keys }) => keys);
    expect(listed.toSorted()).toEqual(ROWS.map(({ key }) => key).toSorted());
  });

  test("every variable that is said to work is read by something outside of the table", () => {
    const src = join(import.meta.dir, "../../src");
    const files = readdirSync(src, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && !name.startsWith(join("config", "variables")))
      .map((name) => readFileSync(join(src, name), "utf8"));
    const words = new Set(files.flatMap((text) => text.match(/\w+/g) ?? []));
    const idle = ROWS.filter(({ key, row }) => row.status !== "pending" && !words.has(key) && !words.has(row.env));
    expect(idle.map(({ row }) => row.env).filter((name) => !READ_BY_SDK.includes(name))).toEqual([]);
  });

  test("no name means two things", () => {
    const names = [
      ...ROWS.flatMap(({ row }) => [row.env, ...(row.alternates ?? [])]),
      ...RENAMED.keys(),
      ...IGNORED.keys(),
      ...PAID_EDITION_NAMES,
    ];
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test("removed names point to variables that exist", () => {
    const known = new Set(ROWS.map(({ row }) => row.env));
    expect([...RENAMED.values()].filter((name) => !known.has(name))).toEqual([]);
  });

  test.each(ROWS.map(({ row }) => [row.env, row] as const))("%s takes its own default back", (_, row) => {
    const value = defaultOf(row);
    const text = value === null ? "" : row.type.print(value);
    if (text === "") return expect([null, "", 0].includes(value as never) || sizeOf(value) === 0).toBe(true);
    expect(row.type.parse(text)).toEqual({ isGood: true, value });
  });

  test.each(ROWS.map(({ row }) => [row.env, row.doc]))("%s is explained in one line", (_, doc) => {
    expect(doc).toMatch(/^[A-Z`0-9][^\n|]*\.$/);
  });
});

function sizeOf(value: unknown): number | undefined {
  if (Array.isArray(value)) return value.length;
  return value instanceof Map ? value.size : undefined;
}
