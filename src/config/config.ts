import { AppError } from "../errors.ts";
import { crossCheck } from "./checks.ts";
import { deriveValues } from "./derived-values.ts";
import type { Variables } from "./environment.ts";
import type { Origins } from "./origins.ts";
import { readOtherNames } from "./other-names.ts";
import { ROWS, type RowReading, readRow } from "./reading.ts";
import type { ConfigKey, ValuesOf } from "./variables.ts";

/** Every setting with its effective value: frozen, built once at start. Derived from the table of variables. */
export type Config = ValuesOf<ConfigKey>;

/** The origins are those that `readEnvironment` found: errors then name files and lines. */
export type LoadOptions = Partial<Origins> & {
  /** Stands for `%current_version`. */
  readonly version?: string;
};

/** Everything that reading the environment gave; `config` holds defaults where `errors` complain. */
export type Reading = {
  readonly config: Config;
  readonly rows: readonly RowReading[];
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
};

/**
 * Builds the configuration. Warnings are whole sentences for the log. Throws one `AppError("config")` whose message lists
 * everything that is wrong, one line each; secrets appear in neither.
 */
export function loadConfig(
  variables: Variables,
  options: LoadOptions = {},
): { readonly config: Config; readonly warnings: readonly string[] } {
  const { config, errors, warnings } = readConfig(variables, options);
  if (errors.length > 0) {
    throw new AppError("config", errors.join("\n"), { hint: "`imgproxy config` shows every variable and its value." });
  }
  return { config, warnings };
}

/** As `loadConfig`, but hands back errors instead of throwing, for showing what there is. */
export function readConfig(
  variables: Variables,
  { version = "source", file = null, credentials }: LoadOptions = {},
): Reading {
  const readings = deriveValues(
    ROWS.map((row) => readRow(row, variables, { file, credentials })),
    version,
  );
  // The table's rows and Config's properties are the same by definition of Config.
  const config = Object.freeze(Object.fromEntries(readings.map(({ key, value }) => [key, value]))) as Config;
  const wrongKeys = new Set(readings.filter(({ error }) => error !== undefined).map(({ key }) => key));
  const others = readOtherNames(variables);
  const checked = crossCheck(config, wrongKeys);
  const errors = [
    ...readings.flatMap(({ error }) => error ?? []),
    ...checked.errors,
    ...others.errors,
    ...(config.failOnDeprecation ? others.deprecations : []),
  ];
  const warnings = [
    ...readings.flatMap((reading) => reading.warnings),
    ...checked.warnings,
    ...others.deprecations,
    ...others.warnings,
  ];
  return { config, rows: readings, errors, warnings };
}
