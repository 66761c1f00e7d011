import { shortName, type WorkingOption } from "./option-row.ts";
import { differingOptions } from "./print-options.ts";
import type { ProcessingOptions } from "./types.ts";

export type ExplainedOption = {
  readonly name: string;
  /** As it would stand in a URL. */
  readonly written: string;
  /** What the option does. */
  readonly doc: string;
  readonly arguments: readonly { readonly name: string; readonly value: string }[];
};

/** What `options` asks for beyond `base`, option by option, for people to read. */
export function explainOptions(options: ProcessingOptions, base: ProcessingOptions): readonly ExplainedOption[] {
  return differingOptions(options, base).map(({ row, arguments: args }) => ({
    name: row.name,
    written: [shortName(row), ...args].join(":"),
    doc: row.doc,
    arguments: args
      .map((value, index) => ({ name: argumentName(row, index), value }))
      .filter(({ value }) => value !== ""),
  }));
}

/** A tail names its arguments in its usage, `gravity:[x]:[y]`, and repeats them where it ends in `…`. */
function argumentName(row: WorkingOption, index: number): string {
  const own = row.arguments[index]?.name;
  if (own !== undefined || row.tail === undefined) return own ?? String(index + 1);
  const names = row.tail.usage.match(/\w+/g) ?? [];
  return names[(index - row.arguments.length) % names.length] ?? String(index + 1);
}
