import { styleText } from "node:util";
import type { LogFields, LogLevel, LogValue } from "./types.ts";

/** `pretty` is for people, `structured` is key=value, `json` and `gcp` (Google Cloud's names) are an object a line. */
export type LogFormat = "pretty" | "structured" | "json" | "gcp";

export type LogEntry = {
  readonly time: Date;
  readonly level: LogLevel;
  readonly message: string;
  /** In the order they are written. */
  readonly fields: readonly (readonly [name: string, value: NonNullable<LogValue>])[];
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

/** Chooses the format once; the result runs for every line. */
export function lineFormatter(format: LogFormat, hasColors: boolean): LineFormatter {
  switch (format) {
    case "pretty":
      return (entry) => prettyLine(entry, hasColors);
    case "structured":
      return structuredLine;
    case "json":
      return (entry) => jsonLine(entry, "level", "msg");
    case "gcp":
      return (entry) => jsonLine(entry, "severity", "message");
  }
}

function prettyLine({ time, level, message, fields }: LogEntry, hasColors: boolean): string {
  const [tag, color] = PRETTY_LEVELS[level];
  const paint = (style: Parameters<typeof styleText>[0], text: string) =>
    hasColors ? styleText(style, text, { validateStream: false }) : text;
  const key = (name: string) => paint(color, `${name}=`);
  const value = (given: NonNullable<LogValue>): string => {
    if (typeof given !== "object") return bareOrQuoted(String(given));
    const members = definedMembers(given).map(([name, member]) => `${key(name)}${value(member)}`);
    return `{ ${members.join(" ")} }`;
  };
  const shown = fields.filter(([name]) => name !== "stack").map(([name, given]) => ` ${key(name)}${value(given)}`);
  const stack = fields.find(([name]) => name === "stack")?.[1];
  const head = `${localTime(time)} ${paint(["bold", color], `[${tag}]`)} ${oneLine(message)}${shown.join("")}\n`;
  return stack === undefined ? head : `${head}${paint("dim", String(stack))}\n`;
}

function structuredLine({ time, level, message, fields }: LogEntry): string {
  const head = `time="${localTime(time)}" level="${LEVEL_NAMES[level]}" msg=${JSON.stringify(message)}`;
  return `${head}${fields.map(([name, value]) => structuredField(name, value)).join("")}\n`;
}

function structuredField(name: string, value: NonNullable<LogValue>): string {
  if (typeof value === "object") {
    return definedMembers(value)
      .map(([member, inner]) => structuredField(`${name}.${member}`, inner))
      .join("");
  }
  return ` ${name}=${typeof value === "string" ? JSON.stringify(value) : value}`;
}

function jsonLine({ time, level, message, fields }: LogEntry, levelName: string, messageName: string): string {
  const head = { time: rfc3339(time), [levelName]: LEVEL_NAMES[level], [messageName]: message };
  return `${JSON.stringify({ ...head, ...Object.fromEntries(fields) })}\n`;
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

function localTime(time: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

function rfc3339(time: Date): string {
  return time.toISOString().replace(/\.\d{3}Z$/, "Z");
}
