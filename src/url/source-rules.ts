import { AppError } from "../errors.ts";
import type { SourceUrl } from "../source/types.ts";
import { type AllowedSource, compileAllowedSource, isAllowedSource } from "./allowed-sources.ts";
import { compileReplacement, replacePrefix, type UrlReplacement } from "./url-replacement.ts";

/** The settings that turn a decoded source into the URL that is fetched. Property names are those of `Config`. */
export type SourceSettings = {
  readonly baseUrl: string;
  readonly urlReplacements: readonly { readonly key: string; readonly value: string }[];
  /** Empty = every source is allowed. */
  readonly allowedSources: readonly string[];
  readonly sourceUrlQuerySeparator: string;
};

/** `SourceSettings`, compiled once at start. */
export type SourceRules = {
  readonly baseUrl: string;
  readonly replacements: readonly UrlReplacement[];
  /** null = every source is allowed. */
  readonly allowed: readonly AllowedSource[] | null;
  readonly querySeparator: string;
};

export function compileSourceRules(settings: SourceSettings): SourceRules {
  const { allowedSources } = settings;
  return {
    baseUrl: settings.baseUrl,
    replacements: settings.urlReplacements.map(({ key, value }) => compileReplacement(key, value)),
    allowed: allowedSources.length === 0 ? null : allowedSources.map(compileAllowedSource),
    querySeparator: settings.sourceUrlQuerySeparator,
  };
}

/**
 * The URL to fetch: the decoded one after every replacement, one on the result of the other, and with the base URL in
 * front unless it begins with that already.
 */
export function resolveSource(url: string, { baseUrl, replacements }: SourceRules): SourceUrl {
  let resolved = url;
  for (const replacement of replacements) resolved = replacePrefix(resolved, replacement);
  // This is where source URLs are made.
  return (resolved.startsWith(baseUrl) ? resolved : baseUrl + resolved) as SourceUrl;
}

/** Throws `AppError("source_forbidden")` when the URL is not among the allowed sources. */
export function requireAllowedSource(url: SourceUrl, { allowed, querySeparator }: SourceRules): void {
  if (allowed === null || isAllowedSource(url, allowed, querySeparator)) return;
  throw new AppError("source_forbidden", `${JSON.stringify(url.slice(0, 200))} is not among the allowed sources`, {
    hint: "IMGPROXY_ALLOWED_SOURCES lists what source URLs may begin with; letter case counts.",
  });
}
