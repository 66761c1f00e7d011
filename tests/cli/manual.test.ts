import { describe, expect, test } from "bun:test";
import { COMMANDS } from "../../src/cli/commands.ts";
import { renderManual } from "../../src/cli/render-manual.ts";
import { ROWS } from "../../src/config/reading.ts";

const page = renderManual(COMMANDS, "1.2.3");
/** The page as it reads: fonts and escapes taken away. */
const plain = page
  .replace(/\\f[BIR]/g, "")
  .replaceAll("\\&", "")
  .replaceAll("\\-", "-")
  .replaceAll("\\e", "\\");

describe("the manual page", () => {
  test("names version, commands, flags and examples", () => {
    expect(page).toStartWith('.TH IMGPROXY 1 "" "imgproxy 1.2.3"');
    for (const { name, summary, flags, examples } of COMMANDS) {
      expect(plain).toContain(`.SS "${name}"\n${summary.replaceAll("`", "")}`);
      for (const flag of flags) expect(plain).toContain(`--${flag.name}`);
      for (const { command } of examples) expect(plain).toContain(`    ${command}\n`);
    }
  });

  test("has every variable that works, once, and none that does not", () => {
    for (const { row } of ROWS) {
      const count = plain.split(`.TP\n${row.env}\n`).length - 1;
      expect([row.env, count]).toEqual([row.env, row.status === "pending" ? 0 : 1]);
    }
  });

  test("begins no line of text with what roff takes for a request", () => {
    const requests = /^\.(TH|SH|SS|TP|PP|nf|fi|nh|ad|RS|RE)\b/;
    const odd = page.split("\n").filter((line) => /^[.']/.test(line) && !requests.test(line));
    expect(odd).toEqual([]);
    const tricky = { name: "x", usage: "x", flags: [], words: { min: 0, max: 0 }, examples: [] };
    const load = () => Promise.reject(new Error("never called"));
    const text = renderManual([{ ...tricky, summary: ".dot \\ back", details: "'quote — dash", load }], "1");
    expect(text).toContain("\n\\&.dot \\e back\n");
    expect(text).toContain("\n\\&'quote \\[u2014] dash\n");
  });

  test.if(Bun.which("groff") !== null)("is what groff understands without a warning", () => {
    const groff = Bun.spawnSync(["groff", "-man", "-ww", "-Tutf8"], { stdin: Buffer.from(page) });
    expect([groff.stderr.toString(), groff.exitCode]).toEqual(["", 0]);
    expect(groff.stdout.toString()).toContain("IMGPROXY_BIND");
  });
});
