import type { Variables } from "./environment.ts";
import { type Origins, placeOf } from "./origins.ts";
import type { Parsed } from "./types/value-type.ts";
import type { Variable } from "./variable.ts";
import { type ConfigKey, VARIABLES } from "./variables.ts";
import { sentence, showText } from "./wording.ts";

/** What the environment says about one variable. */
export type RowReading = {
  readonly key: ConfigKey;
  readonly row: Variable<unknown>;
  /** The name it was set under; undefined when it is not set. */
  readonly name: string | undefined;
  readonly value: unknown;
  /** A whole line for the reader; the value is then the default. */
  readonly error: string | undefined;
  readonly warnings: readonly string[];
};

type KeyedRow = { readonly key: ConfigKey; readonly row: Variable<unknown> };

/** The variables of the table with their keys. */
export const ROWS: readonly KeyedRow[] = Object.entries(VARIABLES).map(([key, row]) => ({
  // Object.entries widens the keys to string; the table has no others.
  key: key as ConfigKey,
  row,
}));

/** Reads one variable on its own; how it goes together with others is for `checks.ts`. */
export function readRow({ key, row }: KeyedRow, variables: Variables, origins: Origins): RowReading {
  const name = isSet(row, variables[row.env])
    ? row.env
    : row.alternates?.find((candidate) => isSet(row, variables[candidate]));
  const text = name === undefined ? undefined : variables[name];
  if (name === undefined || text === undefined) {
    return { key, row, name: undefined, value: defaultOf(row), error: undefined, warnings: [] };
  }
  const parsed = row.type.parse(text);
  if (!parsed.isGood) {
    const error = errorLine({ name, text, row, reason: parsed.reason }, origins);
    return { key, row, name, value: defaultOf(row), error, warnings: [] };
  }
  const warnings = parsed.warning === undefined ? [] : [`${name} ${parsed.warning}.`];
  if (row.status === "pending" && !isDefault(row, parsed)) {
    warnings.push(`${name} has no effect yet: the feature behind it is not built.`);
  }
  return { key, row, name, value: parsed.value, error: undefined, warnings };
}

/** The value without any setting. */
export function defaultOf(row: Variable<unknown>): unknown {
  // Values are data; the only functions are those that make a default.
  return typeof row.fallback === "function" ? (row.fallback as () => unknown)() : row.fallback;
}

/** How a row's default reads, null when there is none. */
export function defaultText(row: Variable<unknown>): string | null {
  if (row.defaultText !== undefined) return row.defaultText;
  const value = defaultOf(row);
  const text = value === null ? "" : row.type.print(value);
  return text === "" ? null : text;
}

function isSet({ isBlankAValue = false }: Variable<unknown>, text: string | undefined): boolean {
  return text !== undefined && (isBlankAValue || text.trim() !== "");
}

function isDefault(row: Variable<unknown>, parsed: Parsed<unknown> & { isGood: true }): boolean {
  const value = defaultOf(row);
  return value !== null && row.type.print(value) === row.type.print(parsed.value);
}

type BadText = { name: string; text: string; row: Variable<unknown>; reason: string | undefined };

/** What happened, the value seen, what is allowed, what to do. */
function errorLine({ name, text, row, reason }: BadText, origins: Origins): string {
  const place = placeOf(name, origins);
  const origin = place === undefined ? "" : ` (${place})`;
  const why = reason === undefined ? "" : `: ${reason}`;
  const fallback = defaultText(row);
  const cure = fallback === null ? "or remove it" : `or remove it for the default, ${fallback}`;
  const fault = sentence(
    `${name}=${showText(text, row.isSecret ?? false)}${origin} must be ${row.type.expected}${why}`,
  );
  return `${fault} Change it, ${cure}.`;
}
