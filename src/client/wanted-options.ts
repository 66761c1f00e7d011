import { defaultOptions } from "../options/default-options.ts";
import { printOptions } from "../options/print-options.ts";
import type { Gravity, PipelineOptions, ProcessingOptions, Rgb } from "../options/types.ts";

type RequestOptions = Omit<ProcessingOptions, "pipelines">;

/** A gravity by its type alone, or with offsets or a focus point. */
type WantedGravity = Gravity["type"] | (Partial<Gravity> & Pick<Gravity, "type">);

/** Colours as `#rrggbb`, `#rgb` or as numbers; objects with only the fields that matter. */
type Wanted<Value> = Value extends Gravity
  ? WantedGravity
  : Value extends Rgb
    ? Rgb | `#${string}`
    : Value extends readonly unknown[]
      ? Value
      : Value extends object
        ? { readonly [Field in keyof Value]?: Wanted<Value[Field]> }
        : Value;

/** What a URL shall ask for; everything left out is the server's to decide. Types follow the server's own options. */
export type WantedOptions = {
  readonly [Field in keyof (PipelineOptions & RequestOptions)]?: Wanted<(PipelineOptions & RequestOptions)[Field]>;
};

/** The settings that a server without any of its own has; a test holds them to the configuration's. */
export const SERVER_DEFAULTS = defaultOptions({
  autoRotate: true,
  stripMetadata: true,
  keepCopyright: true,
  stripColorProfile: true,
  preserveHdr: false,
  enforceThumbnail: false,
  skipProcessingFormats: [],
  returnAttachment: false,
  maxSrcResolution: 50_000_000,
  maxSrcFileSize: 0,
  maxAnimationFrames: 1,
  maxAnimationFrameResolution: 0,
  maxResultDimension: 0,
});

/**
 * The option segments of a URL, without slashes. Switches that are named stand in the URL even where they are what a
 * server does anyway, since its settings may differ. Throws `AppError("usage")` for values that no URL can say, and a `TypeError`
 * for a colour or an option that is none.
 */
export function optionSegments(wanted: WantedOptions, separator = ":"): readonly string[] {
  const [pipeline] = SERVER_DEFAULTS.pipelines;
  const { pipelines: _, ...request } = SERVER_DEFAULTS;
  const options = build({ pipeline, request }, wanted, (_before, value) => value);
  const base = build({ pipeline, request }, wanted, (before, value) => (typeof value === "boolean" ? !value : before));
  return printOptions(options, base, separator);
}

type Parts = { readonly pipeline: PipelineOptions; readonly request: RequestOptions };

function build(
  parts: Parts,
  wanted: WantedOptions,
  choose: (before: unknown, value: unknown) => unknown,
): ProcessingOptions {
  const pipeline: Record<string, unknown> = { ...parts.pipeline };
  const request: Record<string, unknown> = { ...parts.request };
  for (const [field, value] of Object.entries(wanted)) {
    if (value === undefined) continue;
    const fields = field in pipeline ? pipeline : request;
    if (!(field in fields)) throw new TypeError(`there is no option "${field}"`);
    fields[field] = choose(fields[field], complete(fields[field], value));
  }
  // Every field was there before and has got a value of the type that WantedOptions names for it.
  return { ...request, pipelines: [pipeline] } as unknown as ProcessingOptions;
}

/** A value with the fields that were left out, from what stood there before. */
function complete(before: unknown, value: unknown): unknown {
  if (typeof value === "string" && value.startsWith("#")) return readColor(value);
  if (isObject(before) && "type" in before && typeof value === "string") return { ...before, type: value };
  if (!isObject(value) || Array.isArray(value) || !isObject(before))
    return isObject(value) ? completeGravity(value) : value;
  const fields = Object.entries(value).map(([field, inner]) => [field, complete(Reflect.get(before, field), inner)]);
  return { ...before, ...Object.fromEntries(fields) };
}

/** The gravity of a crop, where none stood before. */
function completeGravity(value: object): object {
  return "type" in value ? { x: 0, y: 0, ...value } : value;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function readColor(text: string): Rgb {
  const digits = text.slice(1);
  const full = digits.length === 3 ? [...digits].map((digit) => digit + digit).join("") : digits;
  if (!/^[0-9a-f]{6}$/i.test(full)) throw new TypeError(`"${text}" is no colour; write #rrggbb or #rgb`);
  const value = Number.parseInt(full, 16);
  return { r: value >> 16, g: (value >> 8) & 0xff, b: value & 0xff };
}
