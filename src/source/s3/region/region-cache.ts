import { BoundedMap } from "../../../bounded-map.ts";
import type { Clock } from "../clock.ts";

const MAX_BUCKETS = 10_000;
const PROBE_OUTCOME_MS = 30_000;

/** What a cache starts with. */
export type RegionDefaults = {
  readonly region: string;
  /** `IMGPROXY_S3_BUCKET_REGIONS`. */
  readonly byBucket: ReadonlyMap<string, string>;
};

/** What asking for a bucket's region gave; undefined = nobody could say. */
type ProbeOutcome = { readonly region: string | undefined; readonly validUntil: number };

/**
 * Where buckets live, as far as it differs from the default. An entry is a hint and not a truth: every answer of the store
 * verifies it, and whoever uses the cache writes back what the answers say. Bounded, since bucket names come from URLs.
 */
export class RegionCache {
  readonly #defaults: RegionDefaults;
  readonly #clock: Clock;
  readonly #regions = new BoundedMap<string>({ maxEntries: MAX_BUCKETS });
  readonly #outcomes = new BoundedMap<ProbeOutcome>({ maxEntries: MAX_BUCKETS });
  /** As many entries as probes under way. */
  readonly #probes = new Map<string, Promise<string | undefined>>();

  readonly #onSize: (size: number) => void;

  /** `onSize` hears how many buckets are remembered whenever that may have changed. */
  constructor(defaults: RegionDefaults, clock: Clock, onSize: (size: number) => void = () => undefined) {
    this.#defaults = defaults;
    this.#clock = clock;
    this.#onSize = onSize;
  }

  /** Buckets whose region was learned. */
  get size(): number {
    return this.#regions.size;
  }

  /** The region to try first. */
  regionOf(bucket: string): string {
    return this.#regions.get(bucket) ?? this.#defaultOf(bucket);
  }

  isLearned(bucket: string): boolean {
    return this.#regions.get(bucket) !== undefined;
  }

  /**
   * Stores what a good answer has proved; the default region needs no entry. Returns the region it replaces, or undefined when
   * nothing is new.
   */
  learn(bucket: string, region: string): string | undefined {
    const before = this.regionOf(bucket);
    if (before === region) return undefined;
    if (region === this.#defaultOf(bucket)) this.#regions.delete(bucket);
    else this.#regions.set(bucket, region);
    this.#onSize(this.#regions.size);
    return before;
  }

  forget(bucket: string): void {
    if (this.#regions.delete(bucket)) this.#onSize(this.#regions.size);
  }

  /** The answers contradict each other: nothing is known, and for half a minute nobody is asked. */
  giveUp(bucket: string): void {
    this.forget(bucket);
    this.#remember(bucket, undefined);
  }

  /**
   * The region of a bucket that is not in `used`, for answers that do not tell: what another request has found meanwhile, else
   * what a probe says. All callers share one probe, and its outcome, good or bad, holds for half a minute.
   */
  async locate(bucket: string, used: string, probe: () => Promise<string | undefined>): Promise<string | undefined> {
    const learned = this.regionOf(bucket);
    if (learned !== used && this.isLearned(bucket)) return learned;
    const outcome = this.#outcomes.get(bucket);
    if (outcome !== undefined && outcome.validUntil > this.#clock.now() && outcome.region !== used)
      return outcome.region;
    let running = this.#probes.get(bucket);
    if (running === undefined) {
      running = probe()
        .then((region) => this.#remember(bucket, region))
        .finally(() => this.#probes.delete(bucket));
      this.#probes.set(bucket, running);
    }
    return await running;
  }

  #remember(bucket: string, region: string | undefined): string | undefined {
    this.#outcomes.set(bucket, { region, validUntil: this.#clock.now() + PROBE_OUTCOME_MS });
    return region;
  }

  #defaultOf(bucket: string): string {
    return this.#defaults.byBucket.get(bucket) ?? this.#defaults.region;
  }
}
