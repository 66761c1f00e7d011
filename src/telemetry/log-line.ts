import { styleText } from "node:util";
import type { LogFields, LogLevel, LogValue } from "./types.ts";

/** `pretty` is for people, `structured` is key=value, `json` and `gcp` (Google Cloud's names) are an object a line. */
export type LogFormat = "pretty" | "structured" | "json" | "gcp";

export type LogEntry = {
  readonly time: Date;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
};

/** A line with its line break. */
export type LineFormatter = (entry: LogEntry) => string;

/** The reference's level names, which log pipelines match on. */
const LEVEL_NAMES: Readonly<Record<LogLevel, string>> = {
  debug: "DEBUG",
  info: "INFO",
  warn: "WARNING",
  error: "ERROR",
  critical: "CRITICAL",
};
const PRETTY_LEVELS = {
  debug: ["DBG", "blue"],
  info: ["INF", "green"],
  warn: ["WRN", "yellow"],
  error: ["ERR", "red"],
  critical: ["CRT", "red"],
} as const satisfies Record<LogLevel, readonly [string, string]>;

/** Long or rare fields stand at the end of a line, in this order, whoever gave them first. */
const LAST_FIELDS = ["error", "error_docs_url", "source", "stack"];
const IS_LAST: ReadonlySet<string> = new Set(LAST_FIELDS);

/** Chooses the format once; the result runs for every line. */
export function lineFormatter(format: LogFormat, hasColors: boolean): LineFormatter {
  switch (format) {
    case "pretty":
      return prettyLines(hasColors);
    case "structured":
      return structuredLines();
    case "json":
      return (entry) => jsonLine(entry, "level", "msg");
    case "gcp":
      return (entry) => jsonLine(entry, "severity", "message");
  }
}

function prettyLines(hasColors: boolean): LineFormatter {
  const timeOf = createLocalClock();
  return ({ time, level, message, fields }) => {
    const [tag, color] = PRETTY_LEVELS[level];
    const paint = (style: Parameters<typeof styleText>[0], text: string) =>
      hasColors ? styleText(style, text, { validateStream: false }) : text;
    const key = (name: string) => paint(color, `${name}=`);
    const value = (given: NonNullable<LogValue>): string => {
      if (typeof given !== "object") return bareOrQuoted(String(given));
      const members = definedMembers(given).map(([name, member]) => `${key(name)}${value(member)}`);
      return `{ ${members.join(" ")} }`;
    };
    let line = `${timeOf(time)} ${paint(["bold", color], `[${tag}]`)} ${oneLine(message)}`;
    for (const name of namesInOrder(fields)) {
      const given = fields[name];
      if (given !== undefined && name !== "stack") line += ` ${key(name)}${value(given)}`;
    }
    const { stack } = fields;
    return stack === undefined ? `${line}\n` : `${line}\n${paint("dim", String(stack))}\n`;
  };
}

function structuredLines(): LineFormatter {
  const timeOf = createLocalClock();
  return ({ time, level, message, fields }) => {
    let line = `time="${timeOf(time)}" level="${LEVEL_NAMES[level]}" msg=${quoted(message)}`;
    for (const name of namesInOrder(fields)) line += structuredField(name, fields[name]);
    return `${line}\n`;
  };
}

function structuredField(name: string, value: LogValue): string {
  if (value === undefined) return "";
  if (typeof value === "string") return ` ${name}=${quoted(value)}`;
  if (typeof value !== "object") return ` ${name}=${value}`;
  let text = "";
  for (const member in value) text += structuredField(`${name}.${member}`, value[member]);
  return text;
}

/** JSON leaves undefined members out by itself. */
function jsonLine({ time, level, message, fields }: LogEntry, levelName: string, messageName: string): string {
  const line: Record<string, LogValue> = {
    time: rfc3339(time),
    [levelName]: LEVEL_NAMES[level],
    [messageName]: message,
  };
  for (const name of namesInOrder(fields)) line[name] = fields[name];
  return `${JSON.stringify(line)}\n`;
}

function namesInOrder(fields: LogFields): readonly string[] {
  const names: string[] = [];
  for (const name in fields) if (!IS_LAST.has(name)) names.push(name);
  for (const name of LAST_FIELDS) if (fields[name] !== undefined) names.push(name);
  return names;
}

function definedMembers(group: LogFields): [string, NonNullable<LogValue>][] {
  return Object.entries(group).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
}

/** Quoted only when it needs to be, so that a line stays readable. */
function bareOrQuoted(text: string): string {
  return /^[\w.+-]+$/.test(text) ? text : JSON.stringify(text);
}

/** A client must not be able to write a log line of its own. */
function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must go
  return text.replace(/[\u0000-\u001f\u007f]/g, (char) => JSON.stringify(char).slice(1, -1));
}

/** Printable ASCII without what JSON escapes: nearly every text of a line. */
const PLAIN = /^[ !#-[\]-~]*$/;

function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

/** Local time to the second. Many lines are of the same one, so the last is kept. */
function createLocalClock(): (time: Date) => string {
  let second = Number.NaN;
  let text = "";
  return (time) => {
    const asked = Math.floor(time.getTime() / 1000);
    if (asked !== second) {
      second = asked;
      text = localTime(time);
    }
    return text;
  };
}

function localTime(time: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

function rfc3339(time: Date): string {
  return time.toISOString().replace(/\.\d{3}Z$/, "Z");
}
