import { parseHttpDate } from "./http-date.ts";

/** What decides how long clients and CDNs may keep an answer. */
export type CachingFacts = {
  /** Status of the answer. */
  readonly status: number;
  /** Unix seconds of the `expires` option; 0 = never. */
  readonly expires: number;
  /** Seconds; set when the fallback image is sent and has a lifetime of its own, else 0. */
  readonly fallbackTtlSeconds: number;
  /** Headers of the source's answer; undefined where there was none. */
  readonly sourceHeaders: Headers | undefined;
  /** Unix milliseconds. */
  readonly now: number;
};

export type CachingSettings = {
  /** Seconds; 0 = answers must be revalidated. */
  readonly ttlSeconds: number;
  readonly isPassedThrough: boolean;
};

/**
 * The value of `Cache-Control`, or undefined for none. First match wins: an explicit lifetime (`expires`, never longer
 * than the TTL, and the fallback's TTL, whichever is shorter), nothing for errors, the source's own words where they are
 * passed through, the TTL. An `expires` that leaves less than a second gives `no-cache`, never a longer life.
 */
export function cacheControl(facts: CachingFacts, settings: CachingSettings): string | undefined {
  const explicit = explicitMaxAge(facts, settings.ttlSeconds);
  if (explicit !== undefined && explicit > 0) return maxAge(explicit);
  if (facts.status >= 400) return undefined;
  if (explicit !== undefined) return "no-cache";
  const passed = settings.isPassedThrough ? sourceCacheControl(facts) : undefined;
  return passed ?? (settings.ttlSeconds > 0 ? maxAge(settings.ttlSeconds) : "no-cache");
}

function explicitMaxAge({ expires, fallbackTtlSeconds, now }: CachingFacts, ttl: number): number | undefined {
  const fallback = fallbackTtlSeconds > 0 ? fallbackTtlSeconds : undefined;
  if (expires === 0) return fallback;
  return Math.min(fallback ?? ttl, ttl, Math.floor(expires - now / 1000));
}

function sourceCacheControl({ sourceHeaders, now }: CachingFacts): string | undefined {
  const own = sourceHeaders?.get("cache-control");
  if (own) return own;
  const expires = parseHttpDate(sourceHeaders?.get("expires"));
  if (expires === undefined) return undefined;
  const seconds = Math.floor((expires - now) / 1000);
  return seconds > 0 ? maxAge(seconds) : undefined;
}

function maxAge(seconds: number): string {
  return `max-age=${seconds}, public`;
}
