import { applyExtension, type OptionRules, parseOptions } from "./parse-options.ts";
import type { ProcessingOptions } from "./types.ts";

/** `parseOptions` and `applyExtension` of one server, with a memory. */
export interface OptionsReader {
  read(segments: readonly string[], now: number): ProcessingOptions;
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
  const remembered = new Map<string, ProcessingOptions>();
  /** By the format that an extension names; only of what is remembered. */
  const variants = new WeakMap<ProcessingOptions, Map<string, ProcessingOptions>>();
  const neverExpires = rules.base.expires === 0;

  function remember(text: string, options: ProcessingOptions): void {
    remembered.set(text, options);
    variants.set(options, new Map());
    if (remembered.size <= MAX_REMEMBERED) return;
    // A map keeps the order of insertion.
    for (const oldest of remembered.keys()) {
      remembered.delete(oldest);
      return;
    }
  }

  return {
    read(segments, now) {
      // No segment holds a slash.
      const text = segments.join("/");
      const known = remembered.get(text);
      if (known !== undefined) return known;
      const options = parseOptions(segments, rules, now);
      if (neverExpires && options.expires === 0 && text.length <= MAX_TEXT_LENGTH) remember(text, options);
      return options;
    },
    withExtension(options, extension) {
      const known = variants.get(options);
      const made = known?.get(extension) ?? applyExtension(options, extension);
      known?.set(extension, made);
      return made;
    },
  };
}
