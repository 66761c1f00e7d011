import { type LoadOptions, readConfig } from "./config.ts";
import type { Environment } from "./environment.ts";
import { type Origins, originOf } from "./origins.ts";
import { defaultText, type RowReading } from "./reading.ts";
import { SECTIONS } from "./variables.ts";
import { hideUserInfo } from "./wording.ts";

/** One variable for people: what it is here and now, and why. */
export type DescribedVariable = {
  readonly section: string;
  readonly variable: string;
  /** Effective value; empty when blank. Of secrets only whether they are set. */
  readonly value: string;
  /** `default`, `environment`, `file PATH` or `credential PATH`; with the name in parentheses when another variable decided. */
  readonly origin: string;
  /** Null when there is none. */
  readonly default: string | null;
  readonly status: "works" | "pending";
  /** Whether a reload takes a new value. */
  readonly isReloadable: boolean;
  /** What is wrong with the text it was set to; null when nothing is. The value is then the default. */
  readonly error: string | null;
};

/** All variables in the order of the sections. Never throws for bad values: they are described. */
export function describeConfig(
  { variables, ...origins }: Environment,
  options: Pick<LoadOptions, "version"> = {},
): readonly DescribedVariable[] {
  const { rows } = readConfig(variables, { ...options, ...origins });
  const byKey = new Map(rows.map((reading) => [reading.key, reading]));
  return SECTIONS.flatMap(({ title, keys }) =>
    keys.flatMap((key) => {
      const reading = byKey.get(key);
      return reading === undefined ? [] : describe(reading, title, origins);
    }),
  );
}

/** Plain text, a block a section, columns as wide as the section needs. */
export function renderConfigTable(rows: readonly DescribedVariable[]): string {
  const sections = [...new Set(rows.map(({ section }) => section))];
  const blocks = sections.map((section) => {
    const lines = rows.filter((row) => row.section === section).map(tableCells);
    const widths = [0, 1].map((column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
    const body = lines.map((cells) => `  ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`);
    return [section, ...body].map((line) => line.trimEnd()).join("\n");
  });
  return `${blocks.join("\n\n")}\n`;
}

/** The same for programs; field names are stable. */
export function renderConfigJson(rows: readonly DescribedVariable[]): string {
  return `${JSON.stringify(rows, null, 2)}\n`;
}

function describe(reading: RowReading, section: string, origins: Origins): DescribedVariable {
  const { row } = reading;
  return {
    section,
    variable: row.env,
    value: row.isSecret ? describeSecret(reading.value) : hideUserInfo(print(reading)),
    origin: describeOrigin(reading, origins),
    default: defaultText(row),
    status: row.status ?? "works",
    isReloadable: row.needsRestart !== true,
    error: reading.error ?? null,
  };
}

function print({ row, value }: RowReading): string {
  return value === null ? "" : row.type.print(value);
}

function describeSecret(value: unknown): string {
  if (Array.isArray(value))
    return value.length === 0 ? "" : `(set, ${value.length} ${value.length === 1 ? "item" : "items"})`;
  if (value instanceof Map)
    return value.size === 0 ? "" : `(set, ${value.size} ${value.size === 1 ? "item" : "items"})`;
  return value === null || value === "" ? "" : "(set)";
}

function describeOrigin({ row, name }: RowReading, origins: Origins): string {
  if (name === undefined) return "default";
  const place = originOf(name, origins);
  return name === row.env ? place : `${place} (${name})`;
}

function tableCells({ variable, value, origin, default: fallback, status, error }: DescribedVariable): string[] {
  const notes = [
    origin,
    ...(origin === "default" || fallback === null ? [] : [`default ${fallback}`]),
    ...(status === "pending" ? ["not built yet"] : []),
    ...(error === null ? [] : ["the value given is wrong"]),
  ];
  return [variable, value === "" ? "-" : oneLine(value), notes.join("; ")];
}

function oneLine(text: string): string {
  return text.replaceAll("\n", "\\n");
}
