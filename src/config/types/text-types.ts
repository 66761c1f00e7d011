import { nearestWord } from "../../text/nearest.ts";
import { bad, good, type ValueType } from "./value-type.ts";

const TRUE_WORDS = ["1", "t", "T", "TRUE", "true", "True"];
const FALSE_WORDS = ["0", "f", "F", "FALSE", "false", "False"];
/** Words of other programs for the same thing, for a better hint only. */
const OTHER_BOOLS: Readonly<Record<string, string>> = {
  yes: "true",
  y: "true",
  on: "true",
  enabled: "true",
  no: "false",
  n: "false",
  off: "false",
  disabled: "false",
};

/** Exactly the spellings that the reference takes (Go's `strconv.ParseBool`). */
export const bool: ValueType<boolean> = {
  name: "bool",
  expected: "true or false (or 1, t, T, TRUE, True, 0, f, F, FALSE, False)",
  parse: (text) => {
    if (TRUE_WORDS.includes(text)) return good(true);
    if (FALSE_WORDS.includes(text)) return good(false);
    const meant =
      OTHER_BOOLS[text.trim().toLowerCase()] ??
      [...TRUE_WORDS, ...FALSE_WORDS].find((word) => word === text.trim().toLowerCase());
    return bad(meant === undefined ? undefined : `write "${meant}"`);
  },
  print: String,
};

/** For switches that the reference never reads and so takes any text for: what is no bool counts as false, with a warning. */
export const lenientBool: ValueType<boolean> = {
  ...bool,
  parse: (text) => {
    const parsed = bool.parse(text);
    return parsed.isGood ? parsed : good(false, `is neither true nor false and counts as false`);
  },
};

/** Any text, as it is. */
export const text: ValueType<string> = {
  name: "string",
  expected: "any text",
  parse: (value) => good(value),
  print: (value) => value,
};

/** Text in which `\n` (two characters) stands for a line break, as certificates are often put into one line. */
export const pem: ValueType<string> = {
  name: "PEM",
  expected: "a PEM block",
  parse: (value) => good(value.replaceAll("\\n", "\n")),
  print: (value) => value,
};

/** One of a few words, in any letter case. */
export function oneOf<const W extends string>(words: readonly W[]): ValueType<W> {
  return {
    name: "enum",
    expected: `one of ${words.join(", ")}`,
    parse: (value) => {
      const word = words.find((candidate) => candidate === value.toLowerCase());
      if (word !== undefined) return good(word);
      const near = nearestWord(value, words);
      return bad(near === undefined ? undefined : `did you mean "${near}"?`);
    },
    print: (value) => value,
  };
}

/** An http(s) URL. What has no scheme at all is taken as it is with a warning, as the reference does. */
export const webUrl: ValueType<string> = {
  name: "URL",
  expected: "a URL that begins with http:// or https://",
  parse: (value) => {
    const isUrl = URL.canParse(value) && /^https?:/i.test(value);
    if (isUrl) return good(value);
    return value.includes("://") ? bad() : good(value, "has no http:// or https:// in front and will match nothing");
  },
  print: (value) => value,
};

/** Sentry's address of a project: `https://KEY@HOST/PROJECT`. */
export const sentryDsn: ValueType<string> = {
  name: "DSN",
  expected: "a DSN of the form https://KEY@HOST/PROJECT",
  parse: (value) => {
    if (!URL.canParse(value)) return bad();
    const url = new URL(value);
    const isDsn = /^https?:$/.test(url.protocol) && /^\w+$/.test(url.username) && /\/\d+$/.test(url.pathname);
    return isDsn ? good(value) : bad();
  },
  print: (value) => value,
};

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** A point in time as RFC 3339 writes it, time and zone included. */
export const dateTime: ValueType<Date> = {
  name: "RFC 3339 time",
  expected: "a time such as 2026-01-31T12:00:00Z (RFC 3339, with time and zone)",
  parse: (value) => {
    const [, year, month, day] = RFC3339.exec(value) ?? [];
    if (year === undefined) return bad();
    // Date.parse takes 30 February for 2 March; RFC 3339 and the reference do not.
    const daysInMonth = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
    const isDate = Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= daysInMonth;
    return isDate ? good(new Date(value)) : bad("there is no such day");
  },
  print: (value) => value.toISOString(),
};
