import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readPresetDefinitions } from "../../src/config/preset-definitions.ts";
import { AppError } from "../../src/errors.ts";
import { configOf } from "./load.ts";

const folder = mkdtempSync(join(tmpdir(), "config-presets-"));
const file = join(folder, "presets.txt");
writeFileSync(file, "# sizes\nsmall=w:10/h:10\r\n\n  large=w:1000  \n");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("readPresetDefinitions", () => {
  test("without presets gives none", () => {
    expect(readPresetDefinitions(configOf({}))).toEqual([]);
  });

  test("the variable comes first, then the lines of the file", () => {
    const config = configOf({ IMGPROXY_PRESETS: " a=w:1 ,b=h:1,", IMGPROXY_PRESETS_PATH: file });
    expect(readPresetDefinitions(config)).toEqual(["a=w:1", "b=h:1", "small=w:10/h:10", "large=w:1000"]);
  });

  test("another separator leaves commas alone", () => {
    const config = configOf({ IMGPROXY_PRESETS: "a=bg:1,2;b=h:1", IMGPROXY_PRESETS_SEPARATOR: ";" });
    expect(readPresetDefinitions(config)).toEqual(["a=bg:1,2", "b=h:1"]);
  });

  test("a file that has gone since the start is an error of the configuration", () => {
    const gone = { presets: "", presetsSeparator: ",", presetsPath: join(folder, "gone.txt") };
    expect(() => readPresetDefinitions(gone)).toThrow(AppError);
    expect(() => readPresetDefinitions(gone)).toThrow("IMGPROXY_PRESETS_PATH=");
  });
});
