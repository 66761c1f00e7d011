import { AppError } from "../errors.ts";
import { FORMAT_NAMES, formatFromName } from "../formats.ts";
import { compilePresets, presetNames } from "./compile-presets.ts";
import { type DefaultSettings, defaultOptions } from "./default-options.ts";
import { refuseExtension, refuseNotAllowed, refuseOption, refusePreset } from "./option-errors.ts";
import type { Segment } from "./option-row.ts";
import { readArguments, requireOption, type Step, splitSegment } from "./read-option.ts";
import { expiredSince, isExpired, PRESET_OPTION } from "./table/delivery-options.ts";
import type { PipelineOptions, ProcessingOptions } from "./types.ts";

/** The settings that decide how options are read. Property names are those of `Config`, but for `presets`. */
export type OptionSettings = DefaultSettings & {
  /** Definitions, `name=option/option`, in order. */
  readonly presets: readonly string[];
  readonly argumentsSeparator: string;
  readonly onlyPresets: boolean;
  /** Names that URLs may use, each spelling apart; empty = all. */
  readonly allowedProcessingOptions: readonly string[];
  readonly allowSecurityOptions: boolean;
};

/** `OptionSettings`, compiled once at start. */
export type OptionRules = {
  readonly separator: string;
  readonly isOnlyPresets: boolean;
  /** null = all. */
  readonly allowedNames: ReadonlySet<string> | null;
  readonly allowsSecurityOptions: boolean;
  readonly presets: ReadonlyMap<string, readonly Step[]>;
  /** The defaults with the preset `default` applied: what every URL starts from. */
  readonly base: ProcessingOptions;
  /** What the operator should look at; worth a log line at start. */
  readonly warnings: readonly string[];
};

/** Compiles the settings. Throws `AppError("config")` with every error of every preset. */
export function compileOptionRules(settings: OptionSettings, now: number): OptionRules {
  const separator = settings.argumentsSeparator;
  if (separator === "") throw new AppError("config", "IMGPROXY_ARGUMENTS_SEPARATOR must not be empty");
  const allowsSecurityOptions = settings.allowSecurityOptions;
  const { presets, warnings } = compilePresets({
    definitions: settings.presets,
    separator,
    allowsSecurityOptions,
    now,
  });
  const draft = startFrom(defaultOptions(settings));
  for (const step of presets.get("default") ?? []) applyStep(draft, step, now);
  const allowed = settings.allowedProcessingOptions;
  return {
    separator,
    isOnlyPresets: settings.onlyPresets,
    allowedNames: allowed.length === 0 ? null : new Set(allowed),
    allowsSecurityOptions,
    presets,
    base: finish(draft),
    warnings,
  };
}

/**
 * Reads the option segments of a URL from left to right, each overwriting only the fields that it gives. With
 * IMGPROXY_ONLY_PRESETS the one segment is a list of presets.
 *
 * `now` is in Unix seconds. The value is frozen. Throws `AppError` at the first fault: `invalid_url`, or
 * `option_forbidden` for a security option that is switched off.
 */
export function parseOptions(segments: readonly string[], rules: OptionRules, now: number): ProcessingOptions {
  const { base, separator } = rules;
  if (isExpired(base.expires, now))
    throw new AppError("invalid_url", `preset "default": ${expiredSince(base.expires)}`);
  if (segments.length === 0) return base;
  const draft = startFrom(base);
  for (const [index, text] of segments.entries()) {
    if (rules.isOnlyPresets) {
      applyPresets(draft, presetList(text, separator), rules, now);
      continue;
    }
    const segment = splitSegment(text, separator, `option ${index + 1}`);
    if (rules.allowedNames?.has(segment.name) === false) refuseNotAllowed(segment);
    const step = readArguments(requireOption(segment, rules.allowsSecurityOptions), segment);
    if (presetNames(step) === undefined) applyStep(draft, step, now);
    else applyPresets(draft, segment, rules, now);
  }
  return finish(draft);
}

/**
 * The options with the format that the URL's extension names, which wins over the `format` option. With `raw` it is not
 * even looked at. Throws `AppError("invalid_url")` for an unknown format.
 */
export function applyExtension(options: ProcessingOptions, extension: string): ProcessingOptions {
  if (extension === "" || options.raw) return options;
  const format = formatFromName(extension) ?? refuseExtension(extension, FORMAT_NAMES);
  return format === options.format ? options : Object.freeze({ ...options, format });
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
type Draft = { readonly pipeline: Mutable<PipelineOptions>; readonly request: Mutable<ProcessingOptions> };

function startFrom(base: ProcessingOptions): Draft {
  return { pipeline: { ...base.pipelines[0] }, request: { ...base } };
}

function finish({ pipeline, request }: Draft): ProcessingOptions {
  request.pipelines = Object.freeze([Object.freeze(pipeline)] as const);
  return Object.freeze(request);
}

function presetList(text: string, separator: string): Segment {
  return { text, where: "list of presets", name: PRESET_OPTION, arguments: text.split(separator) };
}

function applyPresets(draft: Draft, segment: Segment, rules: OptionRules, now: number): void {
  for (const name of segment.arguments) {
    const steps = rules.presets.get(name) ?? refusePreset(segment, name, rules.presets.keys());
    for (const step of steps) applyStep(draft, step, now);
  }
}

function applyStep(draft: Draft, { row, values, rest, segment }: Step, now: number): void {
  const reason = row.check?.(values, now);
  if (reason !== undefined) refuseOption(segment, row, reason);
  const change = row.apply(values, rest, draft);
  if (change.pipeline !== undefined) Object.assign(draft.pipeline, change.pipeline);
  if (change.request !== undefined) Object.assign(draft.request, change.request);
}
