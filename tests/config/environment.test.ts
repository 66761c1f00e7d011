import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../src/config/config.ts";
import { createEnvironmentReader, publishEnvironment, readEnvironment } from "../../src/config/environment.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "config-environment-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileWith(text: string): string {
  const path = join(folder, `${Bun.hash(text)}.env`);
  writeFileSync(path, text);
  return path;
}

describe("readEnvironment", () => {
  test("without a file the environment is what counts", () => {
    expect(readEnvironment({ A: "1" })).toEqual({ variables: { A: "1" }, file: null, credentials: new Map() });
    expect(readEnvironment({ A: "1", IMGPROXY_ENV_LOCAL_FILE_PATH: " " }).file).toBeNull();
  });

  test("reads the process's own environment unless given another", () => {
    expect(readEnvironment().variables).toEqual({ ...process.env });
  });

  test("the file overrides the environment and leaves the rest alone", () => {
    const path = fileWith("# ours\nIMGPROXY_QUALITY=50\n\nB=$A\n");
    const { variables, file } = readEnvironment({ A: "1", IMGPROXY_QUALITY: "90", IMGPROXY_ENV_LOCAL_FILE_PATH: path });
    expect(variables).toEqual({ A: "1", B: "1", IMGPROXY_QUALITY: "50", IMGPROXY_ENV_LOCAL_FILE_PATH: path });
    expect(file).toEqual({
      path,
      lines: new Map([
        ["IMGPROXY_QUALITY", 2],
        ["B", 4],
      ]),
    });
  });

  test("a wrong value in the file is reported with file and line", () => {
    const path = fileWith("\n\nIMGPROXY_QUALITY=500\n");
    const { variables, file } = readEnvironment({ IMGPROXY_ENV_LOCAL_FILE_PATH: path });
    expect(() => loadConfig(variables, { file })).toThrow(`IMGPROXY_QUALITY="500" (${path}, line 3) must be`);
  });

  test.each(["/nonexistent/file.env", tmpdir()])(
    "a path that is no file (%p) is passed over and warned about",
    (path) => {
      const { variables, file } = readEnvironment({ IMGPROXY_ENV_LOCAL_FILE_PATH: path });
      expect(file).toBeNull();
      expect(loadConfig(variables).warnings).toContain(
        "IMGPROXY_ENV_LOCAL_FILE_PATH names no existing file and is ignored.",
      );
    },
  );

  test("a file that cannot be understood stops the start, naming the line but nothing of what it holds", () => {
    const path = fileWith("A=1\nIMGPROXY_KEY='c0ffee\n");
    const read = () => readEnvironment({ IMGPROXY_ENV_LOCAL_FILE_PATH: path });
    expect(read).toThrow(`IMGPROXY_ENV_LOCAL_FILE_PATH="${path}": line 2 has no closing quote.`);
    expect(read).not.toThrow("c0ffee");
  });
});

describe("createEnvironmentReader", () => {
  test("forgets what a file says no more, even when it was published", async () => {
    const path = fileWith("IMGPROXY_TEST_FIRST=1\n");
    process.env["IMGPROXY_ENV_LOCAL_FILE_PATH"] = path;
    const read = createEnvironmentReader();
    const first = await read();
    publishEnvironment(first);
    expect(first.variables["IMGPROXY_TEST_FIRST"]).toBe("1");
    writeFileSync(path, "IMGPROXY_TEST_SECOND=2\n");
    const { variables: second } = await read();
    delete process.env["IMGPROXY_TEST_FIRST"];
    delete process.env["IMGPROXY_ENV_LOCAL_FILE_PATH"];
    expect(second["IMGPROXY_TEST_FIRST"]).toBeUndefined();
    expect(second["IMGPROXY_TEST_SECOND"]).toBe("2");
  });
});

describe("publishEnvironment", () => {
  test("puts what the file says, and only that, into the environment of the process", () => {
    const path = fileWith("IMGPROXY_TEST_PUBLISHED=yes\n");
    publishEnvironment(readEnvironment({ IMGPROXY_TEST_OTHER: "no", IMGPROXY_ENV_LOCAL_FILE_PATH: path }));
    expect(process.env["IMGPROXY_TEST_PUBLISHED"]).toBe("yes");
    expect(process.env["IMGPROXY_TEST_OTHER"]).toBeUndefined();
    delete process.env["IMGPROXY_TEST_PUBLISHED"];
  });
});
