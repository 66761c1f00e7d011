import { AppError } from "../errors.ts";
import { changedFields, type OptionField } from "./changed-fields.ts";
import { quote } from "./option-errors.ts";
import { type Current, shortName, type WorkingOption } from "./option-row.ts";
import { OPTIONS } from "./table/option-table.ts";
import type { ProcessingOptions } from "./types.ts";

/** Characters that a path segment holds literally; all others would end it, or be changed on the way. */
const LITERAL = /^[A-Za-z0-9\-._~!$&'()*+,;=:@%]*$/;

/** One option that a URL would have to carry, and its arguments. */
export type PrintedOption = { readonly row: WorkingOption; readonly arguments: readonly string[] };

/** The options that turn `base` into `options`, in the order of the table. */
export function differingOptions(options: ProcessingOptions, base: ProcessingOptions): readonly PrintedOption[] {
  const wanted = split(options);
  const before = split(base);
  return OPTIONS.flatMap((row) => {
    const args = row.print(wanted, before);
    return args === undefined ? [] : [{ row, arguments: args }];
  });
}

/** `differingOptions` from one base and in no order, for whoever asks for every request. */
export type DifferingOptions = (options: ProcessingOptions) => readonly PrintedOption[];

/**
 * Finds out which fields each option looks at when there is nothing to print, so that it need not be asked where none of them has
 * changed: it would see the same and say the same.
 */
export function compileDifferingOptions(base: ProcessingOptions): DifferingOptions {
  const before = split(base);
  const byField = Map.groupBy(
    OPTIONS.flatMap((row) => fieldsSeen(row, before).map((field) => ({ field, row }))),
    ({ field }) => field,
  );
  return (options) => {
    const asked = new Set<WorkingOption>();
    for (const field of changedFields(options, base)) for (const { row } of byField.get(field) ?? []) asked.add(row);
    const wanted = split(options);
    const printed: PrintedOption[] = [];
    for (const row of asked) {
      const args = row.print(wanted, before);
      if (args !== undefined) printed.push({ row, arguments: args });
    }
    return printed;
  };
}

function fieldsSeen(row: WorkingOption, current: Current): readonly OptionField[] {
  const seen = new Set<OptionField>();
  const watched = <T extends object>(part: T): T =>
    new Proxy(part, {
      get(target, name, receiver) {
        // Only fields are read of these two records.
        seen.add(name as OptionField);
        return Reflect.get(target, name, receiver);
      },
    });
  row.print({ pipeline: watched(current.pipeline), request: watched(current.request) }, current);
  return [...seen];
}

/**
 * The option segments of a URL that asks for `options` where a URL without options means `base` (the defaults of the
 * server): the inverse of `parseOptions`. Throws `AppError("usage")` for a value that no URL can say.
 */
export function printOptions(options: ProcessingOptions, base: ProcessingOptions, separator = ":"): readonly string[] {
  return differingOptions(options, base).map(({ row, arguments: args }) => {
    for (const text of args) {
      // %3A would come back as a colon, see `repairPath`.
      if (LITERAL.test(text) && !text.includes(separator) && !text.includes("%3A")) continue;
      throw new AppError("usage", `${row.name} cannot hold ${quote(text)} in a URL`);
    }
    return [shortName(row), ...args].join(separator);
  });
}

function split(options: ProcessingOptions): Current {
  return { pipeline: options.pipelines[0], request: options };
}
