import { AppError } from "../errors.ts";
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
