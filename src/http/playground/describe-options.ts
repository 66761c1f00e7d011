import type { Config } from "../../config/config.ts";
import type { Variable } from "../../config/variable.ts";
import { VARIABLES } from "../../config/variables.ts";
import type { WorkingOption } from "../../options/option-row.ts";
import { shortName } from "../../options/option-row.ts";
import type { OptionRules } from "../../options/parse-options.ts";
import { OPTIONS } from "../../options/table/option-table.ts";
import type { OptionDescription } from "./api.ts";

/** Why an option changes nothing here, by its name. */
export type OptionNotes = Readonly<Record<string, string>>;

/** The table of options as plain data, with the defaults and permissions of this server. */
export function describeOptions(config: Config, rules: OptionRules, notes: OptionNotes): readonly OptionDescription[] {
  return OPTIONS.map((row) => ({
    name: row.name,
    written: writtenName(row, rules),
    aliases: row.aliases,
    group: row.group,
    doc: row.doc,
    note: notes[row.name] ?? null,
    partOf: row.partOf ?? null,
    arguments: row.arguments.map(({ name, presence, expected, initial, control }) => ({
      name,
      presence,
      expected,
      initial: initialFlag(row, rules) ?? initialText(initial, config),
      control,
    })),
    tail: row.tail === undefined ? null : describeTail(row, row.tail, config),
  }));
}

function describeTail(row: WorkingOption, tail: NonNullable<WorkingOption["tail"]>, config: Config) {
  const { usage, initial, control } = tail;
  return { usage, initial: initialText(initial, config), control, isOptional: row.arguments.length > 0 };
}

/** The shortest spelling that URLs may use here, or null when there is none. */
function writtenName(row: WorkingOption, { allowedNames, allowsSecurityOptions }: OptionRules): string | null {
  if (row.isSecurity && !allowsSecurityOptions) return null;
  if (allowedNames === null) return shortName(row);
  const allowed = [row.name, ...row.aliases].filter((name) => allowedNames.has(name));
  return allowed.sort((one, other) => one.length - other.length)[0] ?? null;
}

/** The state of an option that is one switch, the preset `default` included: the value that changes nothing. */
function initialFlag(row: WorkingOption, { base }: OptionRules): string | undefined {
  if (row.arguments.length !== 1 || row.tail !== undefined || row.arguments[0]?.control.kind !== "flag")
    return undefined;
  const current = { pipeline: base.pipelines[0], request: base };
  const { pipeline, request } = row.apply([true], undefined, current);
  const on = { pipeline: { ...current.pipeline, ...pipeline }, request: { ...current.request, ...request } };
  return row.print(on, current) === undefined ? "1" : "0";
}

/** A default that is a setting becomes the setting's value, as an argument would say it. */
function initialText(initial: string, config: Config): string {
  const found = Object.entries(VARIABLES).find(([, { env }]) => env === initial);
  if (found === undefined) return initial;
  // The table's keys are those of Config, and the row is the one that made the value.
  const [key, row] = found as [keyof Config, Variable<unknown>];
  const value = config[key];
  return typeof value === "boolean" ? String(Number(value)) : row.type.print(value);
}
