import type { ResultFacts } from "./types.ts";

/** What decides how long a result is good. */
export type FreshnessPolicy = {
  /** Seconds that clients may keep an answer (`IMGPROXY_TTL`). */
  readonly ttlSeconds: number;
  /** Seconds of our own (`IMGPROXY_CACHE_TTL`); null = as long as clients. */
  readonly cacheTtlSeconds: number | null;
  /** Whether the source's own words count (`IMGPROXY_CACHE_CONTROL_PASSTHROUGH`). */
  readonly obeysSource: boolean;
};

/** The part of a result's facts that tells its age. */
export type DatedHeaders = Pick<ResultFacts, "headers" | "checkedAt">;

/**
 * Seconds for which a result is served without asking its source; 0 = the source is asked each time, null = it is not kept.
 * A result lives as long as our answer lets clients keep it, or by the operator's own rule. A source that says `no-store`
 * is obeyed in any case; `private`, `no-cache`, `max-age` and `Expires` count where they are passed on to clients, too
 * (RFC 9111, sections 3 and 4.2.1).
 */
export function lifetimeSeconds(facts: DatedHeaders, policy: FreshnessPolicy): number | null {
  const { headers } = facts;
  const directives = parseCacheControl(headers["cache-control"] ?? "");
  if (directives.has("no-store")) return null;
  if (policy.obeysSource && directives.has("private")) return null;
  const own = policy.cacheTtlSeconds ?? policy.ttlSeconds;
  const stated = policy.obeysSource ? statedSeconds(facts, directives) : undefined;
  const seconds = stated === undefined ? own : Math.min(stated, policy.cacheTtlSeconds ?? stated);
  // Without a validator there is nothing to compare later: it would be made anew each time all the same.
  return seconds <= 0 && headers["etag"] === undefined && headers["last-modified"] === undefined ? null : seconds;
}

/** Whether a result may be served without asking its source. `now` in Unix milliseconds. */
export function isFresh(facts: DatedHeaders, policy: FreshnessPolicy, now: number): boolean {
  const seconds = lifetimeSeconds(facts, policy);
  return seconds !== null && isYounger(facts, seconds, now);
}

/** Whether so many seconds have not passed since a result was checked. */
export function isYounger({ checkedAt }: DatedHeaders, seconds: number, now: number): boolean {
  // Clocks of machines that share a store differ: what was checked "later" than now was checked just now.
  return now - Math.min(checkedAt, now) < seconds * 1000;
}

/** Seconds since the source's answer was made: what `Age` says when the source's `Cache-Control` is passed on. */
export function ageSeconds({ headers, checkedAt }: DatedHeaders, now: number): number {
  return wholeSeconds(headers["age"]) + Math.max(0, Math.floor((now - checkedAt) / 1000));
}

/** What the source says: `s-maxage` before `max-age` before `Expires`, less the age it came with. */
function statedSeconds(
  { headers, checkedAt }: DatedHeaders,
  directives: ReadonlyMap<string, string>,
): number | undefined {
  if (directives.has("no-cache")) return 0;
  const stated = directives.get("s-maxage") ?? directives.get("max-age");
  // A number nobody can read counts as stale (RFC 9111, 4.2.1).
  if (stated !== undefined) return wholeSeconds(stated) - wholeSeconds(headers["age"]);
  const expires = Date.parse(headers["expires"] ?? "");
  if (Number.isNaN(expires)) return undefined;
  const date = Date.parse(headers["date"] ?? "");
  const seconds = Math.floor((expires - (Number.isNaN(date) ? checkedAt : date)) / 1000);
  // A time in the past is passed over, as it is for clients.
  return seconds > 0 ? seconds : undefined;
}

function wholeSeconds(text: string | undefined): number {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

const DIRECTIVE = /([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]*)))?/g;

/** Lower-case names; the first of equal ones counts. */
function parseCacheControl(text: string): ReadonlyMap<string, string> {
  const directives = new Map<string, string>();
  for (const [, name = "", quoted, plain] of text.matchAll(DIRECTIVE)) {
    const key = name.toLowerCase();
    if (!directives.has(key)) directives.set(key, quoted ?? plain ?? "");
  }
  return directives;
}
