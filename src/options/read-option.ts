import type { Argument } from "./argument.ts";
import { refuseArgument, refuseName, refuseOption, refusePlanned, refuseSecurity } from "./option-errors.ts";
import type { Segment, WorkingOption } from "./option-row.ts";
import { findOption, OPTION_NAMES } from "./table/option-table.ts";

/** An option whose arguments have been read: what is left is to apply it. */
export type Step = {
  readonly row: WorkingOption;
  readonly values: readonly unknown[];
  readonly rest: unknown;
  readonly segment: Segment;
};

/** Splits an option at every separator; `where` says where it stands, for error texts. */
export function splitSegment(text: string, separator: string, where: string): Segment {
  const [name = "", ...args] = text.split(separator);
  return { text, where, name, arguments: args };
}

/**
 * The option that a segment names. Throws `AppError`: `invalid_url` for unknown options and for those of imgproxy Pro,
 * `option_forbidden` for security options that are switched off.
 */
export function requireOption(segment: Segment, allowsSecurityOptions: boolean): WorkingOption {
  const row = findOption(segment.name);
  if (row === undefined) refuseName(segment, OPTION_NAMES);
  if (row.kind === "planned") refusePlanned(segment, row);
  if (row.isSecurity && !allowsSecurityOptions) refuseSecurity(segment);
  return row;
}

/** Reads the arguments of an option; throws `AppError("invalid_url")` for the first that is wrong. */
export function readArguments(row: WorkingOption, segment: Segment): Step {
  const { length } = segment.arguments;
  const most = row.arguments.length + (row.tail?.most ?? 0);
  if (length > most) {
    refuseOption(segment, row, `${row.name} takes at most ${most} argument${most === 1 ? "" : "s"}, not ${length}`);
  }
  const values = row.arguments.map((argument, index) => readArgument(segment, index, argument));
  const hasRest = row.tail !== undefined && length > row.arguments.length;
  return { row, values, rest: hasRest ? row.tail.read(segment, row.arguments.length) : undefined, segment };
}

function readArgument(segment: Segment, index: number, argument: Argument<unknown>): unknown {
  const text = segment.arguments[index];
  if (text === undefined && argument.presence !== "required") return undefined;
  if (text === "" && argument.presence === "skippable") return undefined;
  const value = argument.read(text ?? "");
  return value === undefined ? refuseArgument(segment, index, argument) : value;
}
