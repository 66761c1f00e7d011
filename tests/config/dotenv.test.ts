import { describe, expect, test } from "bun:test";
import { parseDotenv } from "../../src/config/dotenv.ts";

function valuesOf(source: string, outer: Record<string, string> = {}): Record<string, string> {
  const parsed = parseDotenv(source, outer);
  if (!parsed.isGood) throw new Error(parsed.reason);
  return Object.fromEntries([...parsed.value].map(([name, { text }]) => [name, text]));
}

describe("parseDotenv", () => {
  const cases: readonly (readonly [string, Record<string, string>])[] = [
    ["", {}],
    ["\n \n# only a comment\n  # another", {}],
    ["A=1", { A: "1" }],
    ["A=1\nB=2\n", { A: "1", B: "2" }],
    ["A=1\r\nB=2\r\n", { A: "1", B: "2" }],
    ["\uFEFFA=1", { A: "1" }],
    ["  A = 1  ", { A: "1" }],
    ["export A=1", { A: "1" }],
    ["exportA=1", { exportA: "1" }],
    ["A: 1", { A: "1" }],
    ["A.b=1", { "A.b": "1" }],
    ["A=", { A: "" }],
    ["A=\nB=1", { A: "", B: "1" }],
    ["A=1\nA=2", { A: "2" }],
    ["A=a=b", { A: "a=b" }],
    ["A=one two # comment", { A: "one two" }],
    ["A=one#two", { A: "one#two" }],
    ["A=#one", { A: "#one" }],
    ["A= # comment", { A: "" }],
    ["A='one # two' # comment", { A: "one # two" }],
    ['A="one # two"# comment', { A: "one # two" }],
    ["A='$B \\n \"'", { A: '$B \\n "' }],
    ['A="a\\nb\\rc\\"d\\\\e\\$B"', { A: 'a\nb\rc"d\\e$B' }],
    ["A='a\nb'\nB=1", { A: "a\nb", B: "1" }],
    ['A="a\nb"\nB=1', { A: "a\nb", B: "1" }],
    ["A=a\\nb", { A: "a\\nb" }],
    ["A=it's", { A: "it's" }],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the file's own way of naming a value, not a template
    ['A=1\nB=$A\nC=${A}2\nD="$A-${B}"', { A: "1", B: "1", C: "12", D: "1-1" }],
    ["A=\\$B", { A: "$B" }],
    ["A=1$", { A: "1$" }],
    ["A=$MISSING.", { A: "." }],
    ["A=$OUTER\nOUTER=in\nB=$OUTER", { A: "out", OUTER: "in", B: "in" }],
    ["A='\\\\$x'\nB=\"$A\"", { A: "\\\\$x", B: "\\\\$x" }],
  ];
  test.each(cases)("%j", (source, values) => {
    expect(valuesOf(source, { OUTER: "out" })).toEqual(values);
  });

  const broken: readonly (readonly [string, string])[] = [
    ["A", "line 1 is not of the form NAME=value"],
    ["A=1\n=2", "line 2 is not of the form NAME=value"],
    ["A=1\n\n1A=2", "line 3 is not of the form NAME=value"],
    ["A B=1", "line 1 is not of the form NAME=value"],
    ["export A", "line 1 is not of the form NAME=value"],
    ["A='x", "line 1 has no closing quote"],
    ['A=1\nB="x\\"', "line 2 has no closing quote"],
    ["A='a' b", "line 1 has text after the closing quote"],
    ["A='a\nb'\nB", "line 3 is not of the form NAME=value"],
  ];
  test.each(broken)("%j cannot be read", (source, reason) => {
    expect(parseDotenv(source, {})).toEqual({ isGood: false, reason });
  });

  test("entries know the line they begin on", () => {
    const parsed = parseDotenv("# c\nA='1\n2'\n\nB=3", {});
    expect(parsed).toEqual({
      isGood: true,
      value: new Map([
        ["A", { text: "1\n2", line: 2 }],
        ["B", { text: "3", line: 5 }],
      ]),
    });
  });

  test("a long quoted value is read without trouble", () => {
    const text = "x\\n".repeat(100_000);
    expect(valuesOf(`A="${text}"`)["A"]).toHaveLength(200_000);
  });
});
