import { BoundedMap } from "../bounded-map.ts";
import { applyExtension, type OptionRules, parseOptions } from "./parse-options.ts";
import { CACHEBUSTER_OPTION } from "./table/delivery-options.ts";
import type { ProcessingOptions } from "./types.ts";

/** What the option segments of a URL say. */
export type ReadOptions = {
  /** Without the URL's cachebuster, so that URLs which differ in nothing else have the very same. */
  readonly options: ProcessingOptions;
  /** The URL's; empty = none, or among the options: where a preset sets one, too, their order decides, which the parser knows. */
  readonly cachebuster: string;
};

/** `parseOptions` and `applyExtension` of one server, with a memory. */
export interface OptionsReader {
  read(segments: readonly string[], now: number): ReadOptions;
  withExtension(options: ProcessingOptions, extension: string): ProcessingOptions;
}

const MAX_REMEMBERED = 1000;
const MAX_TEXT_LENGTH = 500;

/**
 * Remembers what it has read, since a site asks for many sources in a few sizes. Equal texts give the very same options, so whoever
 * makes something of options can remember it by them. What expires is read anew each time, as its end depends on the time; so is what
 * is refused.
 */
export function createOptionsReader(rules: OptionRules): OptionsReader {
  const remembered = new BoundedMap<ProcessingOptions>({ maxEntries: MAX_REMEMBERED });
  /** By the format that an extension names; only of what is remembered. */
  const variants = new WeakMap<ProcessingOptions, Map<string, ProcessingOptions>>();
  const neverExpires = rules.base.expires === 0;
  const takeBuster = compileBusterTaker(rules);

  return {
    read(segments, now) {
      const { rest, cachebuster } = takeBuster(segments);
      // No segment holds a slash.
      const text = rest.join("/");
      const known = remembered.get(text);
      if (known !== undefined) return { options: known, cachebuster };
      // Errors tell where an option stands among all of them.
      if (rest.length < segments.length) parseOptions(segments, rules, now);
      const options = parseOptions(rest, rules, now);
      if (neverExpires && options.expires === 0 && text.length <= MAX_TEXT_LENGTH) {
        remembered.set(text, options);
        variants.set(options, new Map());
      }
      return { options, cachebuster };
    },
    withExtension(options, extension) {
      const known = variants.get(options);
      const made = known?.get(extension) ?? applyExtension(options, extension);
      known?.set(extension, made);
      return made;
    },
  };
}

type Taken = { readonly rest: readonly string[]; readonly cachebuster: string };

/** Takes the segments away that set nothing but the cachebuster, where URLs alone may do so; the last one counts. */
function compileBusterTaker({ isOnlyPresets, allowedNames, presets, separator }: OptionRules) {
  const { name, aliases } = CACHEBUSTER_OPTION;
  const isPreset = [...presets.values()].flat().some(({ row }) => row.name === name);
  const isTaken = (spelling: string) => !isOnlyPresets && !isPreset && allowedNames?.has(spelling) !== false;
  const names = [name, ...aliases].filter(isTaken);
  const beginnings = names.map((spelling) => spelling + separator);
  const busterOf = (segment: string): string | undefined => {
    const beginning = beginnings.find((start) => segment.startsWith(start));
    if (beginning === undefined) return undefined;
    const value = segment.slice(beginning.length);
    // More than one argument is for the parser to refuse.
    return value.includes(separator) ? undefined : value;
  };
  return (segments: readonly string[]): Taken => {
    let cachebuster = "";
    const rest = segments.filter((segment) => {
      const value = busterOf(segment);
      cachebuster = value ?? cachebuster;
      return value === undefined;
    });
    return { rest, cachebuster };
  };
}
