import { AppError } from "../../src/errors.ts";
import {
  compileOptionRules,
  type OptionRules,
  type OptionSettings,
  parseOptions,
} from "../../src/options/parse-options.ts";
import type { PipelineOptions, ProcessingOptions } from "../../src/options/types.ts";

/** 2033-05-18: later than every `expires` that a test lets pass by, earlier than those that must still hold. */
export const NOW = 2_000_000_000;

/** The defaults of the configuration. */
export const REFERENCE_SETTINGS: OptionSettings = {
  presets: [],
  argumentsSeparator: ":",
  onlyPresets: false,
  allowedProcessingOptions: [],
  allowSecurityOptions: false,
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
};

export function rulesWith(settings: Partial<OptionSettings> = {}): OptionRules {
  return compileOptionRules({ ...REFERENCE_SETTINGS, ...settings }, NOW);
}

/** The fields in which the options of a path differ from those of an empty one, pipeline and request together. */
export function changesOf(options: string, rules = rulesWith()): Partial<PipelineOptions & ProcessingOptions> {
  const parsed = parseOptions(options.split("/"), rules, NOW);
  const { pipelines, ...request } = parsed;
  const { pipelines: basePipelines, ...baseRequest } = rules.base;
  return { ...differences(pipelines[0], basePipelines[0]), ...differences(request, baseRequest) };
}

function differences<T extends object>(value: T, base: T): Partial<T> {
  const entries = Object.entries(value).filter(([key, field]) => {
    const before: unknown = Reflect.get(base, key);
    return !Bun.deepEquals(field, before);
  });
  // Entries of a T are a Partial<T>.
  return Object.fromEntries(entries) as Partial<T>;
}

/** The `AppError` that work ends with; anything else is a failed test. */
export function refusalOf(work: () => unknown): AppError {
  try {
    const value = work();
    throw new Error(`expected an AppError, got ${JSON.stringify(value)}`);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

export function refusalOfOptions(options: string, rules = rulesWith()): AppError {
  return refusalOf(() => parseOptions(options.split("/"), rules, NOW));
}
