import { describe, expect, test } from "bun:test";
import { updateGeneratedFiles } from "../../scripts/docs.ts";
import { parseDotenv } from "../../src/config/dotenv.ts";
import { ROWS } from "../../src/config/reading.ts";
import { renderConfigReference, renderEnvironmentExample } from "../../src/config/reference.ts";
import { configOf } from "./load.ts";

describe("generated files", () => {
  test("are current", async () => {
    expect(await updateGeneratedFiles({ isDryRun: true })).toEqual([]);
  });

  test("the reference has a row for every variable", () => {
    const page = renderConfigReference();
    const missing = ROWS.filter(({ row }) => !page.includes(`<a id="${row.env}"></a>`));
    expect(missing.map(({ row }) => row.env)).toEqual([]);
  });

  test("every row of the reference has four cells", () => {
    const lines = renderConfigReference()
      .split("\n")
      .filter((line) => line.includes("<a id="));
    expect(lines.filter((line) => line.split(/(?<!\\)\|/).length !== 6)).toEqual([]);
  });

  test("the example environment is commented out, and uncommented changes nothing", () => {
    const example = renderEnvironmentExample();
    expect(example.split("\n").filter((line) => line !== "" && !line.startsWith("#"))).toEqual([]);
    const uncommented = parseDotenv(example.replace(/^#(?=IMGPROXY_)/gm, ""), {});
    if (!uncommented.isGood) throw new Error(uncommented.reason);
    const variables = Object.fromEntries([...uncommented.value].map(([name, { text }]) => [name, text]));
    expect(Object.keys(variables).length).toBeGreaterThan(100);
    expect(configOf(variables)).toEqual(configOf({}));
  });
});
