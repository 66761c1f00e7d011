import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { COMMANDS } from "../../src/cli/commands.ts";
import { renderCompletions, SHELLS } from "../../src/cli/render-completions.ts";

const folder = mkdtempSync(join(tmpdir(), "completions-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const scripts = Object.fromEntries(
  SHELLS.map((shell) => {
    const path = join(folder, shell);
    writeFileSync(path, renderCompletions(shell, COMMANDS));
    return [shell, path];
  }),
);

function lines(command: readonly string[]): string[] {
  const { stdout, stderr, exitCode } = Bun.spawnSync([...command], { cwd: folder });
  if (exitCode !== 0) throw new Error(stderr.toString());
  return stdout.toString().split("\n").filter(Boolean);
}

/** What bash would offer where the last word is being typed; files are its own business. */
function bashOffers(...words: readonly string[]): string[] {
  const quoted = ["imgproxy", ...words].map((word) => `'${word}'`).join(" ");
  const program = `source ${scripts["bash"]}; COMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; _imgproxy; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return lines(["bash", "--norc", "-c", program]);
}

const NAMES = [...COMMANDS.map(({ name }) => name), "help"];

describe("completions", () => {
  test.each([...SHELLS])("for %s know every command and every flag", (shell) => {
    const script = renderCompletions(shell, COMMANDS);
    for (const name of NAMES) expect(script).toContain(name);
    for (const { flags } of COMMANDS) {
      for (const { name } of flags) expect(script).toMatch(new RegExp(`(--|-l )${name}\\b`));
    }
  });

  test.each([
    [[""], NAMES],
    [["ver"], ["version"]],
    [["help", "con"], ["config"]],
    [
      ["config", "--ch"],
      ["--check", "--changed"],
    ],
    [["version", ""], []],
    [
      ["url", "--explain", "-"],
      ["-e", "--extension", "--base", "--base64", "--explain", "--json", "-h", "--help"],
    ],
    [["s3", ""], ["check"]],
    [
      ["completion", ""],
      ["bash", "zsh", "fish"],
    ],
    [["serve", "--bind", ""], []],
    [["serve", "./pho"], []],
    [["no-such-command", ""], []],
  ])("for bash offer after %j: %j", (words, offers) => {
    expect(bashOffers(...words)).toEqual(offers);
  });

  test.if(Bun.which("fish") !== null).each([
    ["ver", ["version"]],
    ["config --ch", ["--changed", "--check"]],
    ["s3 ", ["check"]],
    ["completion ", ["bash", "fish", "zsh"]],
    ["version ", []],
  ])("for fish offer after %j: %j", (typed, offers) => {
    const program = `source ${scripts["fish"]}; complete -C "imgproxy ${typed}"`;
    const offered = lines(["fish", "--no-config", "-c", program]).map((line) => line.split("\t")[0] ?? "");
    expect(offered.toSorted()).toEqual(offers);
  });

  test.if(Bun.which("zsh") !== null)("for zsh are well-formed and found by its completion system", () => {
    expect(lines(["zsh", "-n", scripts["zsh"] ?? ""])).toEqual([]);
    const program = `autoload -Uz compinit; compinit -D; source ${scripts["zsh"]}; print $_comps[imgproxy]`;
    expect(lines(["zsh", "-f", "-c", program])).toEqual(["_imgproxy"]);
  });
});
