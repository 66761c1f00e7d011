import { createHash } from "node:crypto";
import { cacheKey } from "../cache/cache-key.ts";
import type { CacheKey } from "../cache/types.ts";
import type { Config } from "../config/config.ts";
import { changedFields, fieldValue, type OptionField } from "../options/changed-fields.ts";
import { defaultOptions } from "../options/default-options.ts";
import type { ProcessingOptions } from "../options/types.ts";
import type { PipelineSettings } from "../pipeline/types.ts";
import { acceptChoosesFormat, acceptedFormats } from "./negotiation.ts";
import type { ImageRequest } from "./read-request.ts";
import type { Services } from "./services.ts";

/** What of a server decides which results are the same. */
type NamedBy = Pick<Services, "config" | "images" | "version">;

/** Names the result of a request; the headers are those that go to the source. */
type NameResult<Name> = (asked: ImageRequest, client: Headers, sourceHeaders: Readonly<Record<string, string>>) => Name;

export type ResultNames = {
  /**
   * Of a kept result: the same on every machine and in every version that would make the same bytes. Conditions are none of the
   * headers that it takes.
   */
  readonly lasting: NameResult<CacheKey>;
  /** Of a result in the making, for this process and this configuration only: every header to the source is in it. */
  readonly passing: NameResult<string>;
};

/** What of the options concerns the answer's headers, or the way to the result, and not the result. */
const OF_ANSWERS: ReadonlySet<string> = new Set([
  "expires",
  "filename",
  "returnAttachment",
  "bypassCache",
  "raw",
] satisfies OptionField[]);

/** Which settings of the pipeline decide what a result looks like; a new one that is missing here does not compile. */
const DECIDES_PIXELS: Readonly<Record<keyof PipelineSettings, boolean>> = {
  preferredFormats: true,
  autoWebp: true,
  enforceWebp: true,
  autoAvif: true,
  enforceAvif: true,
  autoJxl: true,
  enforceJxl: true,
  alwaysRasterizeSvg: true,
  sanitizeSvg: true,
  quality: true,
  formatQuality: true,
  jpegProgressive: true,
  pngInterlaced: true,
  pngQuantize: true,
  pngQuantizationColors: true,
  webpEffort: true,
  webpPreset: true,
  avifSpeed: true,
  jxlEffort: true,
  useLinearColorspace: true,
  disableShrinkOnLoad: true,
  watermarkOpacity: true,
  pngUnlimited: true,
  svgUnlimited: true,
  tiffUnlimited: true,
  timeoutSeconds: false,
};

/**
 * Compiles what all results of one configuration have in common: program, settings, watermark, and what one source URL may
 * mean. Requests with one key have one result: the key is made of the resolved options, so presets
 * and spellings do not matter; what only concerns headers (`expires`, `filename`, …) and the signature are not in it; of
 * `Accept` only what can choose the format is.
 */
export function compileResultNames({ config, images, version }: NamedBy): ResultNames {
  const common = cacheKey({
    version,
    settings: Object.fromEntries(settingsOf(config)),
    watermark: images.watermark === undefined ? null : digest(images.watermark.bytes),
    localRoot: config.localFilesystemRoot,
    s3Endpoint: config.s3Endpoint,
    s3Endpoints: Object.fromEntries([...config.s3Buckets].map(([bucket, { endpoint }]) => [bucket, endpoint ?? null])),
    s3AccessPoints: Object.fromEntries(config.s3AccessPoints),
    requestHeaders: config.customRequestHeaders,
  });
  const changesOf = compileChanges(config);
  return {
    lasting: ({ options, cachebuster, source }, client, sourceHeaders) =>
      cacheKey({
        common,
        source,
        cachebuster,
        options: Object.fromEntries(Object.entries(options).filter(([field]) => !OF_ANSWERS.has(field))),
        accepted: relevantFormats(config, client, options.format === null),
        client: tellingHeaders(config, client, sourceHeaders),
      }),
    passing: ({ options, cachebuster, source }, client, sourceHeaders) =>
      JSON.stringify([source, cachebuster, relevantFormats(config, client, options.format === null), sourceHeaders]) +
      changesOf(options),
  };
}

/** Tells what options change of the defaults, as text that no other changes have. */
function compileChanges(config: Config): (options: ProcessingOptions) => string {
  const defaults = defaultOptions(config);
  // Most requests have the very options of one before.
  const told = new WeakMap<ProcessingOptions, string>();
  return (options) => {
    const known = told.get(options);
    if (known !== undefined) return known;
    let text = "";
    for (const field of changedFields(options, defaults)) {
      if (!OF_ANSWERS.has(field)) text += `,${field}=${JSON.stringify(fieldValue(options, field))}`;
    }
    told.set(options, text);
    return text;
  };
}

function settingsOf(config: Config) {
  // Object.keys widens to string; the table has exactly the names of PipelineSettings.
  const names = Object.keys(DECIDES_PIXELS) as (keyof PipelineSettings)[];
  return names.filter((name) => DECIDES_PIXELS[name]).map((name) => [name, config[name]] as const);
}

/** Which formats of the client's `Accept` may become the result's: AUTO_… only where the URL names none. */
function relevantFormats(config: Config, client: Headers, isAutomatic: boolean): readonly string[] {
  if (!acceptChoosesFormat(config)) return [];
  const accepted = acceptedFormats(client);
  const isOn = (auto: boolean, enforce: boolean) => enforce || (auto && isAutomatic);
  return [
    ...(accepted.webp && isOn(config.autoWebp, config.enforceWebp) ? ["webp"] : []),
    ...(accepted.avif && isOn(config.autoAvif, config.enforceAvif) ? ["avif"] : []),
    ...(accepted.jxl && isOn(config.autoJxl, config.enforceJxl) ? ["jxl"] : []),
  ];
}

/** What of the client's headers the source may answer by; or what the operator says that it answers by. */
function tellingHeaders(config: Config, client: Headers, sourceBound: Readonly<Record<string, string>>) {
  const { cookie = null, ...others } = sourceBound;
  const { cacheKeyHeaders, cacheKeyCookies } = config;
  return {
    headers:
      cacheKeyHeaders.length === 0
        ? others
        : Object.fromEntries(cacheKeyHeaders.map((name) => [name.toLowerCase(), client.get(name)])),
    cookies: cacheKeyCookies.length === 0 ? cookie : cookiesOf(client, cacheKeyCookies),
  };
}

/** The values of some cookies, in the order of the names; null where there is none of that name. */
function cookiesOf(client: Headers, names: readonly string[]): readonly (string | null)[] {
  const pairs = (client.get("cookie") ?? "").split(";").map((pair) => pair.trim());
  return names.map((name) => pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? null);
}

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
