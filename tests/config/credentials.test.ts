import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../src/config/config.ts";
import { describeConfig, renderConfigJson } from "../../src/config/describe.ts";
import { publishEnvironment, readEnvironment } from "../../src/config/environment.ts";

const folder = mkdtempSync(join(tmpdir(), "config-credentials-"));
beforeEach(() => {
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function credential(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const read = (own: Record<string, string> = {}) => readEnvironment({ CREDENTIALS_DIRECTORY: folder, ...own });

describe("credentials of systemd", () => {
  test("give secrets that are not set, without the line break at the end", () => {
    credential("IMGPROXY_KEY", "  943b421c\n");
    credential("AWS_SECRET_ACCESS_KEY", "wJalr/XUtn\r\n");
    const { variables } = read({ IMGPROXY_SALT: "520f" });
    expect(variables).toMatchObject({ IMGPROXY_KEY: "943b421c", AWS_SECRET_ACCESS_KEY: "wJalr/XUtn" });
    expect(Buffer.from(loadConfig(variables).config.key[0] ?? []).toString("hex")).toBe("943b421c");
  });

  test.each([
    ["by the environment", { IMGPROXY_SECRET: "mine" }, "IMGPROXY_SECRET", "mine"],
    ["under another name", { AWS_SECRET_KEY: "mine" }, "AWS_SECRET_ACCESS_KEY", undefined],
    ["to a blank only", { IMGPROXY_SECRET: " " }, "IMGPROXY_SECRET", "of the file"],
  ])("where the variable is set %s", (_, own: Record<string, string>, name, expected) => {
    credential(name, "of the file");
    expect(read(own).variables[name]).toBe(expected);
  });

  test("lose against the environment file", () => {
    credential("IMGPROXY_SECRET", "of the credential");
    const path = join(folder, "imgproxy.env");
    writeFileSync(path, "IMGPROXY_SECRET=of the file\n");
    const environment = read({ IMGPROXY_ENV_LOCAL_FILE_PATH: path });
    expect(environment.variables["IMGPROXY_SECRET"]).toBe("of the file");
    expect(environment.credentials?.size).toBe(0);
  });

  test("are looked for under the names of secrets only", () => {
    credential("IMGPROXY_QUALITY", "50");
    credential("PATH", "/tmp");
    credential("IMGPROXY_NO_SUCH_KEY", "x");
    expect(read().variables).toEqual({ CREDENTIALS_DIRECTORY: folder });
  });

  test("that are blank, or folders, are none", () => {
    credential("IMGPROXY_SECRET", "\n");
    mkdirSync(join(folder, "IMGPROXY_KEY"));
    expect(read().credentials?.size).toBe(0);
  });

  test("are none where there is no folder", () => {
    for (const own of [{ CREDENTIALS_DIRECTORY: "/no/such/folder" }, { CREDENTIALS_DIRECTORY: " " }]) {
      expect(readEnvironment(own)).toEqual({ variables: own, file: null, credentials: new Map() });
    }
  });

  test("are shown with their file and without their text", () => {
    const path = credential("IMGPROXY_SECRET", "hunter2secret");
    const rows = describeConfig(read());
    expect(rows.find(({ variable }) => variable === "IMGPROXY_SECRET")).toMatchObject({
      value: "(set)",
      origin: `credential ${path}`,
    });
    expect(renderConfigJson(rows)).not.toContain("hunter2");
  });

  test("that are wrong stop the start with the name of their file and not their text", () => {
    const path = credential("IMGPROXY_KEY", "no hexadecimal");
    const environment = read();
    const load = () => loadConfig(environment.variables, environment);
    expect(load).toThrow(`IMGPROXY_KEY=(hidden) (${path}) must be`);
    expect(load).not.toThrow("no hexadecimal");
  });

  test("that are beyond what systemd hands over are refused", () => {
    const path = credential("IMGPROXY_KEY", "00");
    truncateSync(path, 2_000_000);
    expect(read).toThrow(`the credential ${path} cannot be read (2000000 bytes`);
  });

  test("are published for libraries that look into the environment themselves", () => {
    credential("AWS_SESSION_TOKEN", "a-token");
    publishEnvironment(read());
    expect(process.env["AWS_SESSION_TOKEN"]).toBe("a-token");
    delete process.env["AWS_SESSION_TOKEN"];
  });
});
