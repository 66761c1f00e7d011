import type { Argument, Presence } from "./argument.ts";
import type { TailControl } from "./control.ts";
import type { PipelineOptions, ProcessingOptions } from "./types.ts";

/** What concerns the request as a whole: `ProcessingOptions` without its pipelines. */
export type RequestOptions = Omit<ProcessingOptions, "pipelines">;

/** The options as they stand while a URL is read from left to right. */
export type Current = { readonly pipeline: PipelineOptions; readonly request: RequestOptions };

/** The fields that one option overwrites; those not named keep their values. */
export type Change = { readonly pipeline?: Partial<PipelineOptions>; readonly request?: Partial<RequestOptions> };

/** An option as written, and where: what error texts point at. */
export type Segment = {
  readonly text: string;
  /** `option 2`, or `option 1 of preset "thumb"`. */
  readonly where: string;
  readonly name: string;
  readonly arguments: readonly string[];
};

export type OptionGroup =
  | "Size"
  | "Geometry"
  | "Look"
  | "Metadata and colour"
  | "Output"
  | "Delivery"
  | "Security"
  | "Later";

type Names = {
  readonly name: string;
  /** Other spellings that mean the same. */
  readonly aliases: readonly string[];
  readonly group: OptionGroup;
  /** What it does, for the reference page and for explanations. */
  readonly doc: string;
  /** The option that takes the arguments of this one too, from that index on: a form shows them there. */
  readonly partOf?: { readonly option: string; readonly from: number };
};

/** The last arguments of an option where they are read as one: a gravity, a list, pairs. */
export type Tail<T> = {
  /** For the reference page; `[x]` in the usage line stands for an optional one. */
  readonly usage: string;
  readonly type: string;
  readonly expected: string;
  readonly initial: string;
  /** How a form edits it. */
  readonly control: TailControl;
  /** Most arguments it takes. */
  readonly most: number;
  /** Reads the arguments of `segment` from index `from` on; throws `AppError("invalid_url")`. There is at least one. */
  read(segment: Segment, from: number): T;
};

type Values<Arguments extends readonly Argument<unknown>[]> = {
  readonly [Index in keyof Arguments]: Arguments[Index] extends Argument<infer T, infer P>
    ? P extends "required"
      ? T
      : T | undefined
    : never;
};

/** An option that works. `T` is what its arguments become. */
export type WorkingOption = Names & {
  readonly kind: "working";
  readonly arguments: readonly Argument<unknown>[];
  readonly tail: Tail<unknown> | undefined;
  /** Only with IMGPROXY_ALLOW_SECURITY_OPTIONS. */
  readonly isSecurity: boolean;
  /** Segments that show its use; tests read, print and read each of them again. */
  readonly examples: readonly string[];
  /** The fields that the arguments overwrite. Pure. */
  apply(values: readonly unknown[], rest: unknown, current: Current): Change;
  /** Why the values cannot be accepted at this moment, or undefined. `now` in Unix seconds. */
  check?(values: readonly unknown[], now: number): string | undefined;
  /** The arguments that turn `base` into `wanted` as far as this option's own fields go; undefined when they are the same. */
  print(wanted: Current, base: Current): readonly string[] | undefined;
};

/** An option of imgproxy Pro that this version does not have yet: known, so that errors can say so. */
export type PlannedOption = Names & { readonly kind: "planned"; readonly usage: string };

export type OptionRow = WorkingOption | PlannedOption;

type OptionSpec<Arguments extends readonly Argument<unknown>[], Rest> = Names & {
  readonly arguments: Arguments;
  readonly tail?: Tail<Rest>;
  readonly isSecurity?: boolean;
  readonly examples: readonly string[];
  readonly apply: (values: Values<Arguments>, rest: Rest | undefined, current: Current) => Change;
  readonly check?: (values: Values<Arguments>, now: number) => string | undefined;
  readonly print: (wanted: Current, base: Current) => readonly string[] | undefined;
};

/** Declares an option, with the types of `apply`'s values following from its arguments. */
export function option<const Arguments extends readonly Argument<unknown>[], Rest = never>(
  spec: OptionSpec<Arguments, Rest>,
): WorkingOption {
  // The parser makes the values by `read` of these very arguments and this tail, so they have the types that `apply` names.
  return { isSecurity: false, tail: undefined, ...spec, kind: "working" } as unknown as WorkingOption;
}

type FieldSpec<T> = Names & {
  readonly argument: Argument<T, Presence>;
  readonly isSecurity?: boolean;
  readonly examples: readonly string[];
  readonly check?: (values: readonly [T], now: number) => string | undefined;
  readonly print?: (wanted: Current, base: Current) => readonly string[] | undefined;
};

/** An option of one argument that sets one field of the pipeline. */
export function pipelineField<Field extends keyof PipelineOptions>(
  field: Field,
  spec: FieldSpec<PipelineOptions[Field]>,
): WorkingOption {
  return fieldOption(spec, {
    get: ({ pipeline }) => pipeline[field],
    // A computed key widens to string; the one property is `field` with its own type.
    set: (value) => ({ pipeline: { [field]: value } as Partial<PipelineOptions> }),
  });
}

/** An option of one argument that sets one field of the request. */
export function requestField<Field extends keyof RequestOptions>(
  field: Field,
  spec: FieldSpec<RequestOptions[Field]>,
): WorkingOption {
  return fieldOption(spec, {
    get: ({ request }) => request[field],
    // As above.
    set: (value) => ({ request: { [field]: value } as Partial<RequestOptions> }),
  });
}

function fieldOption<T>(
  { argument, ...names }: FieldSpec<T>,
  field: { readonly get: (current: Current) => T; readonly set: (value: T) => Change },
): WorkingOption {
  const row = {
    isSecurity: false,
    print: (wanted: Current, base: Current) =>
      field.get(wanted) === field.get(base) ? undefined : [argument.print(field.get(wanted))],
    ...names,
    kind: "working",
    arguments: [argument],
    tail: undefined,
    apply: ([value]: readonly [T]) => field.set(value),
  };
  // As in `option`.
  return row as unknown as WorkingOption;
}

/** How an option is written: `rs:[type]:[width]`, with the shortest name. */
export function usageOf(row: OptionRow): string {
  const name = shortName(row);
  if (row.kind === "planned") return `${name}:${row.usage}`;
  const names = row.arguments.map((argument) =>
    argument.presence === "required" ? argument.name : `[${argument.name}]`,
  );
  return [name, ...names, ...(row.tail === undefined ? [] : [row.tail.usage])].join(":");
}

/** The shortest spelling of an option. */
export function shortName(row: OptionRow): string {
  return [row.name, ...row.aliases].reduce((shortest, name) => (name.length < shortest.length ? name : shortest));
}

/** The given values without those that are undefined, which keep what was set before. */
export function given<T extends Record<string, unknown>>(values: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  const kept: Record<string, unknown> = {};
  for (const key in values) if (values[key] !== undefined) kept[key] = values[key];
  // Only undefined values were left out.
  return kept as { [Key in keyof T]?: Exclude<T[Key], undefined> };
}
