import { AppError } from "../errors.ts";
import { nearestWord } from "../text/nearest.ts";
import { type PlannedOption, type Segment, usageOf, type WorkingOption } from "./option-row.ts";

/** Longest piece of a URL that an error text repeats. */
const MAX_QUOTED_LENGTH = 80;

/** A piece of a URL in quotes, shortened. */
export function quote(text: string): string {
  return JSON.stringify(text.length > MAX_QUOTED_LENGTH ? `${text.slice(0, MAX_QUOTED_LENGTH)}…` : text);
}

/** `option 2, "w:x"`: where in the URL the fault is. */
function place(segment: Segment): string {
  return `${segment.where}, ${quote(segment.text)}`;
}

/** What an argument was expected to be. */
export type Expectation = {
  readonly name: string;
  readonly expected: string;
  readonly choices?: readonly string[] | undefined;
};

/** Throws for the argument at `index` that is not what it must be. */
export function refuseArgument(segment: Segment, index: number, argument: Expectation): never {
  const value = segment.arguments[index] ?? "";
  const seen = value === "" ? "but is empty" : `not ${quote(value)}`;
  const text = `${place(segment)}: argument ${index + 1} (${argument.name}) must be ${argument.expected}, ${seen}`;
  throw invalid(text, suggestion(value, argument.choices ?? []));
}

/** Throws for an argument at `index` that had to be there, or that had to be left out. */
export function refuseArgumentCount(segment: Segment, index: number, why: string): never {
  const state = index < segment.arguments.length ? "is one too many" : "is missing";
  throw invalid(`${place(segment)}: argument ${index + 1} ${state}: ${why}`, undefined);
}

/** Throws for arguments whose number or combination is wrong. */
export function refuseOption(segment: Segment, row: WorkingOption, why: string): never {
  throw invalid(`${place(segment)}: ${why}`, `Usage: ${usageOf(row)}. See docs/options.md#${row.name}`);
}

/** Throws for a name that no option has. */
export function refuseName(segment: Segment, names: Iterable<string>): never {
  const hint = segment.name.includes("%")
    ? "Option names are not percent-decoded; write them plainly."
    : suggestion(segment.name, names);
  throw invalid(`${place(segment)}: unknown option ${quote(segment.name)}`, hint);
}

/** Throws for an option that only imgproxy Pro has today. */
export function refusePlanned(segment: Segment, row: PlannedOption): never {
  throw invalid(
    `${place(segment)}: ${row.name} is an option of imgproxy Pro that this version does not have yet`,
    "Leave it out; docs/options.md lists the options that work.",
  );
}

/** Throws for an option that is not in IMGPROXY_ALLOWED_PROCESSING_OPTIONS. */
export function refuseNotAllowed(segment: Segment): never {
  throw invalid(
    `${place(segment)}: ${quote(segment.name)} is not among the allowed options`,
    "IMGPROXY_ALLOWED_PROCESSING_OPTIONS lists the names that URLs may use; short and long names count apart.",
  );
}

/** Throws for a security option where these are switched off. */
export function refuseSecurity(segment: Segment): never {
  throw new AppError("option_forbidden", `${place(segment)}: security options are not allowed`, {
    hint: "Set IMGPROXY_ALLOW_SECURITY_OPTIONS=true to let URLs change limits.",
  });
}

/** Throws for the name of a preset that is not defined. */
export function refusePreset(segment: Segment, name: string, defined: Iterable<string>): never {
  const names = [...defined];
  const hint = names.length === 0 ? "No presets are defined; see IMGPROXY_PRESETS." : suggestion(name, names);
  throw invalid(`${place(segment)}: unknown preset ${quote(name)}`, hint);
}

/** Throws for an extension (`@webp`, `.webp`) that names no format. */
export function refuseExtension(extension: string, formats: readonly string[]): never {
  throw invalid(
    `extension ${quote(extension)} is not an image format (${formats.join(", ")})`,
    suggestion(extension, formats),
  );
}

/** An `AppError` for a URL that cannot be understood. */
function invalid(message: string, hint: string | undefined): AppError {
  return new AppError("invalid_url", message, hint === undefined ? {} : { hint });
}

function suggestion(word: string, candidates: Iterable<string>): string | undefined {
  // Longer words are no typing mistakes, and comparing them would cost time.
  if (word.length > 40) return undefined;
  const known = [...candidates];
  // A letter missing at the end is more likely than a wrong one: `tif` is `tiff`, not `gif`.
  const near = known.find((candidate) => candidate.slice(0, -1) === word) ?? nearestWord(word, known);
  return near === undefined ? undefined : `Did you mean ${quote(near)}?`;
}
