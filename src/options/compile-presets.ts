import { AppError, toAppError } from "../errors.ts";
import { quote, refuseOption, refusePreset } from "./option-errors.ts";
import { readArguments, requireOption, type Step, splitSegment } from "./read-option.ts";
import { PRESET_OPTION } from "./table/delivery-options.ts";

/** More options than anybody writes; without a bound, presets that name each other twice would double at every level. */
const MAX_STEPS = 10_000;

export type PresetSettings = {
  /** `name=option/option`, in order: later ones of the same name win. Blank items and `#` comments are skipped. */
  readonly definitions: readonly string[];
  readonly separator: string;
  readonly allowsSecurityOptions: boolean;
  /** Unix seconds, for `expires`. */
  readonly now: number;
};

export type CompiledPresets = {
  /** What each preset does, with the presets that it names already in place. */
  readonly presets: ReadonlyMap<string, readonly Step[]>;
  /** What works but is probably not meant: a preset that names itself. */
  readonly warnings: readonly string[];
};

/** Reads all presets. Throws one `AppError("config")` that lists everything that is wrong with them, a line each. */
export function compilePresets(settings: PresetSettings): CompiledPresets {
  const errors: string[] = [];
  const warnings: string[] = [];
  const collect = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      const { message, hint } = toAppError(error);
      errors.push(hint === undefined ? message : `${message}. ${hint}`);
      return undefined;
    }
  };

  const texts = new Map<string, string>();
  for (const definition of settings.definitions) {
    const entry = collect(() => splitDefinition(definition));
    if (entry !== undefined) texts.set(...entry);
  }
  const read = new Map<string, readonly Step[]>();
  for (const [name, text] of texts) {
    const steps = text.split("/").map((part, index) => collect(() => readStep(part, name, index, settings)));
    read.set(
      name,
      steps.filter((step) => step !== undefined),
    );
  }
  const presets = new Map<string, readonly Step[]>();
  for (const name of read.keys()) presets.set(name, collect(() => flatten(name, read, warnings)) ?? []);

  if (errors.length > 0) throw new AppError("config", errors.map((error) => `presets: ${error}`).join("\n"));
  return { presets, warnings: [...new Set(warnings)] };
}

/** Name and options of a definition; undefined for blank items and comments. */
function splitDefinition(definition: string): readonly [string, string] | undefined {
  const text = definition.trim();
  if (text === "" || text.startsWith("#")) return undefined;
  const parts = text.split("=").map((part) => part.trim());
  const [name = "", options = ""] = parts;
  const fault = (why: string) =>
    new AppError("config", `${quote(text)} ${why}; a preset is written name=option/option`);
  if (parts.length !== 2) throw fault(`has ${parts.length - 1} "=" instead of one`);
  if (name === "") throw fault("has no name");
  if (options === "") throw fault("has no options");
  return [name, options];
}

function readStep(text: string, preset: string, index: number, settings: PresetSettings): Step {
  const where = `option ${index + 1} of preset ${quote(preset)}`;
  const segment = splitSegment(text, settings.separator, where);
  if (segment.arguments.length === 0) {
    throw new AppError("config", `${where}, ${quote(text)}: an option needs a ${quote(settings.separator)}`);
  }
  const step = readArguments(requireOption(segment, settings.allowsSecurityOptions), segment);
  const reason = step.row.check?.(step.values, settings.now);
  if (reason !== undefined) refuseOption(segment, step.row, reason);
  return step;
}

/** Puts the steps of the presets that a preset names in their place, leaving out those that would begin again. */
function flatten(name: string, read: ReadonlyMap<string, readonly Step[]>, warnings: string[]): readonly Step[] {
  const flat: Step[] = [];
  let seen = 0;
  const visit = (steps: readonly Step[], path: readonly string[]): void => {
    for (const step of steps) {
      seen += 1;
      if (seen > MAX_STEPS) {
        throw new AppError("config", `preset ${quote(name)} has more than ${MAX_STEPS} options`);
      }
      const names = presetNames(step);
      if (names === undefined) flat.push(step);
      for (const next of names ?? []) {
        const inner = read.get(next) ?? refusePreset(step.segment, next, read.keys());
        if (path.includes(next)) warnings.push(recursionWarning([...path, next]));
        else visit(inner, [...path, next]);
      }
    }
  };
  visit(read.get(name) ?? [], [name]);
  return flat;
}

function recursionWarning(path: readonly string[]): string {
  return `preset ${quote(path.at(-1) ?? "")} names itself (${path.join(" → ")}); that use is left out`;
}

/** The presets that a step names, when it is the `preset` option. */
export function presetNames({ row, segment }: Step): readonly string[] | undefined {
  return row.name === PRESET_OPTION ? segment.arguments : undefined;
}
