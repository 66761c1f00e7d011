import type { Config } from "../config/config.ts";
import { readPresetDefinitions } from "../config/preset-definitions.ts";
import { createOptionsReader, type OptionsReader } from "../options/options-reader.ts";
import { compileOptionRules, type OptionRules, type OptionSettings } from "../options/parse-options.ts";
import type { ProcessingOptions } from "../options/types.ts";
import type { SourceUrl } from "../source/types.ts";
import { decodeSource } from "../url/decode-source.ts";
import { parsePath } from "../url/parse-path.ts";
import { repairPath } from "../url/repair-path.ts";
import {
  compileSignatureRules,
  requireSignature,
  type SignatureRules,
  type SignatureSettings,
} from "../url/signature.ts";
import {
  compileSourceRules,
  requireAllowedSource,
  resolveSource,
  type SourceRules,
  type SourceSettings,
} from "../url/source-rules.ts";
import { requireWellFormed, splitTarget } from "../url/target.ts";

/** What of `Config` decides how a URL is read. */
export type RequestConfig = Omit<OptionSettings, "presets"> &
  SignatureSettings &
  SourceSettings &
  Pick<Config, "pathPrefix" | "base64UrlIncludesFilename" | "presets" | "presetsSeparator" | "presetsPath">;

/** `RequestConfig`, compiled once at start. */
export type RequestSettings = {
  readonly pathPrefix: string;
  readonly signature: SignatureRules;
  readonly options: OptionRules;
  readonly optionsReader: OptionsReader;
  readonly source: SourceRules;
  readonly base64UrlIncludesFilename: boolean;
};

/** What a URL asks for. */
export type ImageRequest = {
  /** Without the URL's cachebuster: URLs that differ in nothing else share them. */
  readonly options: ProcessingOptions;
  /** The URL's; empty = none, or among the options; see `ReadOptions`. */
  readonly cachebuster: string;
  readonly source: SourceUrl;
  /** As sent; not to be logged where it may be a trusted one. */
  readonly signature: string;
  /** The repaired path that the signature belongs to. */
  readonly path: string;
};

/**
 * Compiles the settings of the configuration once at start; `settings.options.warnings` says what looks wrong but works.
 * Throws `AppError("config")` with every error of every preset, and for an unreadable preset file.
 */
export function compileRequestSettings(config: RequestConfig, now = unixTime()): RequestSettings {
  const signature = compileSignatureRules(config);
  const options = compileOptionRules({ ...config, presets: readPresetDefinitions(config) }, now);
  return {
    pathPrefix: config.pathPrefix,
    signature,
    options,
    optionsReader: createOptionsReader(options),
    source: compileSourceRules(config),
    base64UrlIncludesFilename: config.base64UrlIncludesFilename,
  };
}

/**
 * Reads the raw request target of an image request, in the order in which the reference checks: form, signature, options,
 * source, extension, allowed sources. `now` is in Unix seconds.
 *
 * Throws `AppError`: `bad_request`, `invalid_url`, `signature_missing`, `forbidden`, `option_forbidden` or
 * `source_forbidden`.
 */
export function readImageRequest(target: string, settings: RequestSettings, now = unixTime()): ImageRequest {
  requireWellFormed(target);
  const { signature, path: sent } = splitTarget(target, settings.pathPrefix);
  const path = repairPath(sent);
  requireSignature(signature, path, settings.signature);
  const parsed = parsePath(path, settings.options);
  const { options, cachebuster } = settings.optionsReader.read(parsed.options, now);
  const { url, extension } = decodeSource(parsed.source, settings.base64UrlIncludesFilename);
  const source = resolveSource(url, settings.source);
  const finalOptions = settings.optionsReader.withExtension(options, extension);
  requireAllowedSource(source, settings.source);
  return { options: finalOptions, cachebuster, source, signature, path };
}

function unixTime(): number {
  return Math.floor(Date.now() / 1000);
}
