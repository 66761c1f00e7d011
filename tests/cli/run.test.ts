import { describe, expect, test } from "bun:test";
import { COMMANDS } from "../../src/cli/commands.ts";
import { run } from "../../src/cli/run.ts";
import { createClient } from "../../src/client/client.ts";

async function cli(...args: string[]) {
  let out = "";
  let err = "";
  const status = await run(args, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    isInteractive: false,
  });
  return { status, out, err };
}

describe("the command line", () => {
  test.each([["help"], ["--help"], ["-h"], ["h"]])("lists every command with %s", async (word) => {
    const { status, out } = await cli(word);
    expect(status).toBe(0);
    const width = Math.max(...COMMANDS.map(({ name }) => name.length)) + 2;
    for (const { name, summary } of COMMANDS) expect(out).toContain(`\n  ${name.padEnd(width)}${summary}\n`);
  });

  test.each(COMMANDS.map(({ name }) => name))("explains %s with examples", async (name) => {
    for (const args of [
      [name, "--help"],
      ["help", name],
      [name, "-h"],
    ]) {
      const { status, out } = await cli(...args);
      expect(status).toBe(0);
      expect(out).toContain(`Usage: imgproxy ${name}`);
      expect(out).toMatch(/Examples:\n {2}\S/);
    }
  });

  test("suggests the command that was probably meant", async () => {
    const { status, err } = await cli("verison");
    expect(status).toBe(1);
    expect(err).toContain('unknown command "verison", did you mean "version"?');
  });

  test("suggests the flag that was probably meant", async () => {
    const { status, err } = await cli("config", "--chek");
    expect(status).toBe(1);
    expect(err).toContain("unknown flag --chek, did you mean --check?");
    expect(err).toContain("usage: imgproxy config");
  });

  test.each([
    [["health", "--timeout"], "--timeout needs a value"],
    [["config", "--check=yes"], "--check takes no value"],
    [["version", "now"], "version takes no words, got 1"],
    [["process", "a.jpg"], "process takes 2 to 3 words, got 1"],
    [["s3", "check"], "s3 takes 2 words, got 1"],
    [["completion"], "completion takes 1 word, got 0"],
    [["completion", "tcsh"], 'no completions for "tcsh"; there are some for bash, zsh, fish'],
    [["s3", "list", "s3://b/k"], 'unknown action "list"'],
    [["s3", "check", "https://example.com/x"], "is no s3:// URL"],
    [["serve", "/no/such/folder"], "there is no folder /no/such/folder"],
    [["process", "/no/such/file.jpg", "w:10", "/tmp/x.png"], "cannot read /no/such/file.jpg"],
    [["process", "/no/such/file.jpg", "resze:fit", "/tmp/x.png"], "resize"],
  ])("answers %j with one clear message", async (args, message) => {
    const { status, err, out } = await cli(...args);
    expect({ status, out }).toEqual({ status: 1, out: "" });
    expect(err).toContain(message);
    expect(err).not.toContain("at ");
  });

  test("prints its version, also for programs", async () => {
    expect((await cli("version")).out).toMatch(/^imgproxy \S+ \(commit \S+, \S+\)\nbun \d+\.\d+\.\d+/);
    const { version, commit, bun } = JSON.parse((await cli("version", "--json")).out);
    expect([version, commit, bun].every((text) => typeof text === "string" && text !== "")).toBe(true);
    expect((await cli("--version")).out).toBe((await cli("version")).out);
  });
});

describe("imgproxy url", () => {
  test("builds a path that explains itself", async () => {
    const built = await cli("url", "rs:fill:300:200/g:sm", "s3://bucket/a cat?.jpg", "-e", "webp");
    expect(built.out).toBe("/unsafe/rs:fill:300:200/g:sm/plain/s3://bucket/a%20cat%3F.jpg@webp\n");
    const explained = await cli("url", "--explain", built.out.trim());
    expect(explained.out).toContain("source     s3://bucket/a cat?.jpg");
    expect(explained.out).toContain("format     webp");
    expect(explained.out).toContain("not checked");
  });

  test("puts a base in front and writes base64 where asked", async () => {
    const { out } = await cli("url", "local:///x.png", "--base", "https://img.example.com/", "--base64");
    expect(out).toBe("https://img.example.com/unsafe/bG9jYWw6Ly8veC5wbmc\n");
  });

  test("signs as the client does, and says so", async () => {
    const keys = { key: "736563726574", salt: "68656c6c6f" };
    Object.assign(process.env, { IMGPROXY_KEY: keys.key, IMGPROXY_SALT: keys.salt, IMGPROXY_PATH_PREFIX: "/img" });
    try {
      const { out } = await cli("url", "w:10", "s3://b/k", "-e", ".jpg", "--base", "http://i.example", "--json");
      const client = createClient({ baseUrl: "http://i.example/img", ...keys });
      const url = await client.url("s3://b/k", { width: 10, format: "jpeg" });
      const signature = url.split("/")[4];
      const path = "/w:10/plain/s3://b/k@jpeg";
      expect(JSON.parse(out)).toEqual({ url, path, signature, isSigned: true, source: "s3://b/k" });
    } finally {
      for (const name of ["KEY", "SALT", "PATH_PREFIX"]) delete process.env[`IMGPROXY_${name}`];
    }
  });

  test("says which format was meant", async () => {
    const { status, err } = await cli("url", "s3://b/k", "-e", "jpge");
    expect([status, err]).toEqual([1, expect.stringContaining('Did you mean "jpeg"?')]);
  });

  test("says what is wrong with an option, and where", async () => {
    const { status, err } = await cli("url", "rs:fil:10", "local:///x.png");
    expect(status).toBe(1);
    expect(err).toContain("fil");
    expect(err).toContain("fill");
  });
});
