import { bad, good, type Parsed } from "./types/value-type.ts";

/** A value of an environment file and the line it begins on, counted from 1. */
export type DotenvEntry = { readonly text: string; readonly line: number };

type LookUp = (name: string) => string;
type ReadValue = { readonly text: string; readonly end: number };

const BLANKS = /[ \t]*/;
const NAME = /[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.]*)[ \t]*[=:]/;
const BLANK_OR_COMMENT = /[ \t]*(?:#.*)?(?:\n|$)/;
const SINGLE_QUOTED = /'([^']*)'/;
const DOUBLE_QUOTED = /"([^"\\]*(?:\\[\s\S][^"\\]*)*)"/;
const UNQUOTED = /.*/;

/**
 * Reads the lines of an environment file: `NAME=value`, optionally after `export`; `#` comments; values in single quotes as
 * they are, in double quotes with `\n`, `\r` and escaped characters, both over several lines; unquoted ones up to the end of
 * the line or a `#` after a blank. `$NAME` and `${NAME}` stand for earlier values of the file or of `outer`, outside single
 * quotes. A reason names the line and quotes nothing, since any value may be a secret.
 */
export function parseDotenv(
  source: string,
  outer: Readonly<Record<string, string | undefined>>,
): Parsed<ReadonlyMap<string, DotenvEntry>> {
  const input = source.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
  const entries = new Map<string, DotenvEntry>();
  const lookUp = (name: string) => entries.get(name)?.text ?? outer[name] ?? "";
  let position = 0;
  while (position < input.length) {
    const blank = matchAt(BLANK_OR_COMMENT, input, position);
    if (blank !== null) {
      position += blank[0].length;
      continue;
    }
    const line = input.slice(0, position).split("\n").length;
    const name = matchAt(NAME, input, position);
    if (name?.[1] === undefined) return bad(`line ${line} is not of the form NAME=value`);
    const value = readValue(input, position + name[0].length, lookUp);
    if (!value.isGood) return bad(`line ${line} ${value.reason}`);
    entries.set(name[1], { text: value.value.text, line });
    position = value.value.end;
  }
  return good(entries);
}

function readValue(input: string, start: number, lookUp: LookUp): Parsed<ReadValue> {
  const first = start + (matchAt(BLANKS, input, start)?.[0].length ?? 0);
  const quote = input[first];
  if (quote !== "'" && quote !== '"') {
    const whole = matchAt(UNQUOTED, input, start)?.[0] ?? "";
    return good({ text: expand(whole.replace(/[ \t]#.*$/, "").trim(), lookUp), end: start + whole.length + 1 });
  }
  const quoted = matchAt(quote === "'" ? SINGLE_QUOTED : DOUBLE_QUOTED, input, first);
  if (quoted?.[1] === undefined) return bad("has no closing quote");
  const rest = matchAt(BLANK_OR_COMMENT, input, first + quoted[0].length);
  if (rest === null) return bad("has text after the closing quote");
  const text = quote === "'" ? quoted[1] : expandQuoted(quoted[1], lookUp);
  return good({ text, end: first + quoted[0].length + rest[0].length });
}

/** Outside quotes a backslash only keeps a dollar sign from being special. */
function expand(text: string, lookUp: LookUp): string {
  return text.replace(/\\\$|\$\{(\w+)\}|\$(\w+)/g, (whole, braced?: string, bare?: string) =>
    whole === "\\$" ? "$" : lookUp(braced ?? bare ?? ""),
  );
}

/** One pass over escapes and references, so that nothing in a looked-up value is taken for an escape. */
function expandQuoted(text: string, lookUp: LookUp): string {
  return text.replace(
    /\\([\s\S])|\$\{(\w+)\}|\$(\w+)/g,
    (_, escaped: string | undefined, braced?: string, bare?: string) => {
      if (escaped === undefined) return lookUp(braced ?? bare ?? "");
      return { n: "\n", r: "\r" }[escaped] ?? escaped;
    },
  );
}

/** Matches a pattern exactly at a position. */
function matchAt(pattern: RegExp, input: string, position: number): RegExpExecArray | null {
  const sticky = new RegExp(pattern, "y");
  sticky.lastIndex = position;
  return sticky.exec(input);
}
