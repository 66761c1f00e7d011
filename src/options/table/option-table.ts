import type { OptionRow, WorkingOption } from "../option-row.ts";
import { DELIVERY_OPTIONS } from "./delivery-options.ts";
import { GEOMETRY_OPTIONS } from "./geometry-options.ts";
import { LOOK_OPTIONS } from "./look-options.ts";
import { METADATA_OPTIONS } from "./metadata-options.ts";
import { OUTPUT_OPTIONS } from "./output-options.ts";
import { PLANNED_OPTIONS } from "./planned-options.ts";
import { SECURITY_OPTIONS } from "./security-options.ts";
import { SIZE_OPTIONS } from "./size-options.ts";

/** Every option that works, in the order of the reference page and of printed URLs. */
export const OPTIONS: readonly WorkingOption[] = [
  ...SIZE_OPTIONS,
  ...GEOMETRY_OPTIONS,
  ...LOOK_OPTIONS,
  ...METADATA_OPTIONS,
  ...OUTPUT_OPTIONS,
  ...DELIVERY_OPTIONS,
  ...SECURITY_OPTIONS,
];

/** Every option that URLs may name or that is known not to be here yet. */
export const OPTION_ROWS: readonly OptionRow[] = [...OPTIONS, ...PLANNED_OPTIONS];

const ROWS_BY_NAME: ReadonlyMap<string, OptionRow> = new Map(
  OPTION_ROWS.flatMap((row) => [row.name, ...row.aliases].map((name) => [name, row] as const)),
);

/** Every spelling that is known. */
export const OPTION_NAMES: readonly string[] = [...ROWS_BY_NAME.keys()];

/** The option of a name as written in a URL: any spelling, exact letter case. */
export function findOption(name: string): OptionRow | undefined {
  return ROWS_BY_NAME.get(name);
}
