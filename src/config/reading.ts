import { nearestWord } from "../text/nearest.ts";
import type { EnvironmentFile, Variables } from "./environment.ts";
import { showText } from "./masking.ts";
import { PAID_EDITION_NAMES } from "./paid-names.ts";
import { IGNORED, isInternalName, RENAMED } from "./retired.ts";
import type { Parsed } from "./types/value-type.ts";
import type { Variable } from "./variable.ts";
import { type ConfigKey, VARIABLES } from "./variables.ts";

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

/** The variables of the table with their keys. */
export function rows(): { readonly key: ConfigKey; readonly row: Variable<unknown> }[] {
  // Object.entries widens the keys to string; the table has no others.
  return Object.entries(VARIABLES).map(([key, row]) => ({ key: key as ConfigKey, row }));
}

/** Reads one variable on its own; how it goes together with others is for `checks.ts`. */
export function readRow(
  { key, row }: { key: ConfigKey; row: Variable<unknown> },
  variables: Variables,
  file: EnvironmentFile | null,
): RowReading {
  const name = [row.env, ...(row.alternates ?? [])].find((candidate) => isSet(row, variables[candidate]));
  const text = name === undefined ? undefined : variables[name];
  if (name === undefined || text === undefined) {
    return { key, row, name: undefined, value: defaultOf(row), error: undefined, warnings: [] };
  }
  const parsed = row.type.parse(text);
  if (!parsed.isGood) {
    const error = errorLine({ name, text, row, reason: parsed.reason }, file);
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

/** Lines about names that are not in the table: removed, without effect here, of the paid edition, or mistyped. */
export function readOtherNames(variables: Variables): { errors: string[]; deprecations: string[]; warnings: string[] } {
  const errors: string[] = [];
  const deprecations: string[] = [];
  const warnings: string[] = [];
  const known = new Set(rows().flatMap(({ row }) => [row.env, ...(row.alternates ?? [])]));
  for (const [name, text] of Object.entries(variables)) {
    if (known.has(name) || text === undefined || text.trim() === "") continue;
    const newName = RENAMED.get(name);
    const ignored = IGNORED.get(name);
    if (newName !== undefined) deprecations.push(`${name} was removed and has no effect; set ${newName} instead.`);
    else if (ignored !== undefined) {
      const parsed = ignored.type?.parse(text);
      if (parsed?.isGood === false)
        errors.push(`${name}=${showText(text, false)} must be ${ignored.type?.expected}. Remove it.`);
      else warnings.push(`${name} is ignored: ${ignored.reason}.`);
    } else if (PAID_EDITION_NAMES.has(name)) {
      warnings.push(`${name} has no effect: it belongs to imgproxy's paid edition and is not built here.`);
    } else if (name.startsWith("IMGPROXY_") && !isInternalName(name)) warnings.push(unknownLine(name, known));
  }
  return { errors, deprecations, warnings };
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
function errorLine({ name, text, row, reason }: BadText, file: EnvironmentFile | null): string {
  const line = file?.lines.get(name);
  const origin = line === undefined ? "" : ` (${file?.path}, line ${line})`;
  const why = reason === undefined ? "" : `: ${reason}`;
  const fallback = defaultText(row);
  const cure = fallback === null ? "or remove it" : `or remove it for the default, ${fallback}`;
  const fault = sentence(
    `${name}=${showText(text, row.isSecret ?? false)}${origin} must be ${row.type.expected}${why}`,
  );
  return `${fault} Change it, ${cure}.`;
}

/** The prefix is the same for all, so only what follows it is compared. */
function unknownLine(name: string, known: Iterable<string>): string {
  const ours = [...known].filter((candidate) => candidate.startsWith("IMGPROXY_")).map(withoutPrefix);
  const near = nearestWord(withoutPrefix(name), ours);
  return sentence(
    `${name} is unknown and has no effect${near === undefined ? "" : `; did you mean IMGPROXY_${near}?`}`,
  );
}

function withoutPrefix(name: string): string {
  return name.slice("IMGPROXY_".length);
}

function sentence(text: string): string {
  return text.endsWith("?") ? text : `${text}.`;
}
