import { registerCacheMetrics } from "../cache/cache-metrics.ts";
import { type FreshnessPolicy, isFresh, lifetimeSeconds } from "../cache/freshness.ts";
import type { Found, ResultCache } from "../cache/result-cache.ts";
import { SharedWork } from "../cache/shared-work.ts";
import type { CacheKey, ResultFacts } from "../cache/types.ts";
import type { Config } from "../config/config.ts";
import type { ImageExchange } from "./image-exchange.ts";
import { type Conditions, conditionsOf, fromStored, keptHeaders, splitConditions, toStored } from "./kept-result.ts";
import type { ImageMaker, Made } from "./make-image.ts";
import type { ImageRequest } from "./read-request.ts";
import { compileResultNames } from "./result-key.ts";
import type { Services } from "./services.ts";
import type { SourceHeaders } from "./source-headers.ts";

/** A result and the way it came. */
export type Obtained = {
  readonly made: Made;
  /**
   * For `X-Cache`, the log and tests: `HIT` or `REVALIDATED` and the layer, `SHARED`, `MISS`, `BYPASS`; undefined where no results
   * are kept.
   */
  readonly via: string | undefined;
  /** The result in memory that it is, if it is one. */
  readonly inMemory?: { readonly key: CacheKey; readonly facts: ResultFacts };
};

/** Gets the result of a request: kept, in the making for somebody else, or made. Throws as the maker does. */
export type ResultGetter = (asked: ImageRequest, exchange: ImageExchange) => Promise<Obtained>;

/** A request with all that decides where its result may come from. */
type Errand = {
  readonly asked: ImageRequest;
  readonly exchange: ImageExchange;
  readonly key: CacheKey;
  /** What goes to the source, without conditions. */
  readonly sourceBound: Readonly<Record<string, string>>;
  /** Those of the client, in the source's terms. */
  readonly conditions: Conditions;
  /** What memory has. */
  readonly recalled: Found | undefined;
  /** Whether even what is fresh is to be compared with its source. */
  readonly isDoubted: boolean;
};

/**
 * Puts kept results and shared work before the maker. Secret, signature and options have been checked by then, for each request
 * on its own. Requests share work when they are for the same result and their source would be asked with the same headers,
 * conditions and cookies included. Cookies that a source sets are not among its headers here, so no answer carries another's.
 */
export function compileResultGetter(services: Services, sourceHeaders: SourceHeaders, make: ImageMaker): ResultGetter {
  const { config, metrics } = services;
  const names = compileResultNames(services);
  const inWork = new SharedWork<Obtained>(config.timeoutSeconds * 1000);
  const sharedRequests = metrics.counter("shared_requests_total", "Requests answered by work done for another one.");
  const kept = services.results === undefined ? undefined : compileKept(services, services.results, make);

  async function share(name: string, exchange: ImageExchange, work: (exchange: ImageExchange) => Promise<Obtained>) {
    // The work outlives this request when others wait for it.
    const run = (signal: AbortSignal) => work({ ...exchange, signal });
    const { value, wasShared } = await inWork.run(name, exchange.signal, run);
    if (!wasShared) return value;
    sharedRequests.add(1);
    return { ...value, via: "SHARED" };
  }

  return async (asked, exchange) => {
    const { headers } = exchange;
    const forwarded = sourceHeaders.processed(headers, asked.source);
    if (kept === undefined) {
      return await share(names.passing(asked, headers, forwarded), exchange, async (shared) => ({
        made: await make(asked, shared, forwarded),
        via: undefined,
      }));
    }
    const { sourceBound, conditions } = splitConditions(forwarded);
    const key = names.lasting(asked, headers, sourceBound);
    const isBypassed = asked.options.bypassCache;
    const isDoubted = config.cacheAllowNoCache && saysNoCache(headers);
    const errand = { asked, exchange, key, sourceBound, conditions, isDoubted, recalled: undefined };
    const recalled = isBypassed ? undefined : kept.recall(errand);
    if (recalled !== undefined && "made" in recalled) return recalled;
    const name = JSON.stringify([key, isBypassed, isDoubted, forwarded]);
    return await share(name, exchange, async (shared) =>
      isBypassed
        ? { made: await make(asked, shared, forwarded), via: "BYPASS" }
        : await kept.findOrMake({ ...errand, recalled, exchange: shared }),
    );
  };
}

/** The way of a request where results are kept. */
function compileKept(services: Services, cache: ResultCache, make: ImageMaker) {
  const { config, metrics } = services;
  const policy = freshnessPolicy(config);
  const { revalidations } = registerCacheMetrics(metrics);
  const toKeep = (source: Headers) => keptHeaders(source, config.responseHeadersPassthrough);

  /** The answer when it takes no time; else what memory has, to be compared with its source. */
  function recall({ key, conditions, isDoubted }: Errand): Obtained | Found | undefined {
    const found = cache.recall(key);
    if (found === undefined || isDoubted || !isFresh(found.result.facts, policy, Date.now())) return found;
    return { ...hit(found, conditions), inMemory: { key, facts: found.result.facts } };
  }

  async function findOrMake(errand: Errand): Promise<Obtained> {
    const { key, conditions, isDoubted, exchange } = errand;
    const find = () => cache.find(key, exchange.signal);
    const found = errand.recalled ?? (await exchange.trace.measure("cache", find));
    if (found === undefined) return { made: await makeAndKeep(errand, conditions), via: "MISS" };
    if (!isDoubted && isFresh(found.result.facts, policy, Date.now())) return hit(found, conditions);
    return revalidate(errand, found);
  }

  async function revalidate(errand: Errand, { result, layer }: Found): Promise<Obtained> {
    const { key, conditions } = errand;
    const checkedAt = Date.now();
    const made = await makeAndKeep(errand, conditionsOf(result.facts));
    revalidations.add(1, { outcome: made.kind === "image" ? "changed" : "unchanged" });
    if (made.kind === "image") return { made, via: "MISS" };
    const headers = { ...result.facts.headers, ...toKeep(made.sourceHeaders) };
    const refreshed = { ...result, facts: { ...result.facts, headers, checkedAt } };
    const lifetime = lifetimeSeconds(refreshed.facts, policy);
    if (lifetime === null) cache.forget(key);
    // What is compared each time would be written each time, to say nothing new.
    else if (lifetime > 0) cache.keep(key, refreshed);
    return { made: fromStored(refreshed, conditions), via: `REVALIDATED ${layer}` };
  }

  async function makeAndKeep(errand: Errand, conditions: Conditions): Promise<Made> {
    const { asked, exchange, key, sourceBound } = errand;
    const checkedAt = Date.now();
    const made = await make(asked, exchange, { ...sourceBound, ...conditions });
    if (made.kind === "not_modified" || made.error !== undefined) return made;
    const stored = toStored(made, toKeep(made.sourceHeaders), checkedAt);
    if (lifetimeSeconds(stored.facts, policy) !== null) cache.keep(key, stored);
    else if (errand.recalled !== undefined) cache.forget(key);
    return made;
  }

  return { recall, findOrMake };
}

function hit({ result, layer }: Found, conditions: Conditions): Obtained {
  return { made: fromStored(result, conditions), via: `HIT ${layer}` };
}

/** How long results live under a configuration. */
export function freshnessPolicy(config: Config): FreshnessPolicy {
  const { ttlSeconds, cacheTtlSeconds, cacheControlPassthrough } = config;
  return { ttlSeconds, cacheTtlSeconds, obeysSource: cacheControlPassthrough };
}

function saysNoCache(client: Headers): boolean {
  const directives = client.get("cache-control")?.split(",") ?? [];
  return directives.some((directive) => directive.trim().toLowerCase() === "no-cache");
}
