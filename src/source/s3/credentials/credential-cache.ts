import { type AppError, toAppError } from "../../../errors.ts";
import type { Logger } from "../../../telemetry/types.ts";
import type { Clock } from "../clock.ts";
import { type AwsCredentials, areSameKeys } from "./aws-credentials.ts";

export type CredentialCacheParts = {
  /** Gets keys from their source. Throws `AppError`. */
  readonly load: () => Promise<AwsCredentials>;
  readonly clock: Clock;
  /** Milliseconds the clock of AWS is ahead of ours. */
  readonly skewMs: () => number;
  readonly logger: Logger;
  /** Hears how each load ended: `ok` or `error`. */
  readonly onLoaded: (result: "ok" | "error") => void;
};

/** Keys with the moments at which they age. Times by our clock, skew taken off. */
type Held = {
  readonly credentials: AwsCredentials;
  /** From here a newer set is fetched in the background. */
  readonly agesAt: number;
  /** From here requests wait for the newer set. */
  readonly blocksAt: number;
  readonly endsAt: number;
};

type Failure = { readonly error: AppError; readonly until: number; readonly pauseMs: number };

const EARLIEST_AGEING_MS = 5 * 60_000;
const BLOCKING_MS = 10_000;
/** Keys are never fetched more often than this, however short-lived they are. */
const SHORTEST_REFRESH_MS = 1000;
const FIRST_BACK_OFF_MS = 1000;
const LONGEST_BACK_OFF_MS = 30_000;
const FORCED_INTERVAL_MS = 5000;

/**
 * The one place that keys come from. At most one fetch is under way, whoever asks. Keys are renewed in the background when a
 * third of their life (at most five minutes) is left; the old ones serve until they really end. A failure is remembered, for
 * 1, 2, 4 … 30 seconds, so that a silent metadata service costs one request its time and not all of them.
 */
export class CredentialCache {
  readonly #parts: CredentialCacheParts;
  #held: Held | undefined;
  #inFlight: Promise<AwsCredentials> | undefined;
  #failure: Failure | undefined;
  #lastForcedAt = Number.NEGATIVE_INFINITY;
  #cancelTimer: (() => void) | undefined;
  #isClosed = false;

  constructor(parts: CredentialCacheParts) {
    this.#parts = parts;
  }

  /** Keys to sign with: at once while there are good ones, else a promise. Throws, or rejects with, an `AppError`. */
  get(): AwsCredentials | Promise<AwsCredentials> {
    const held = this.#held;
    const now = this.#parts.clock.now();
    if (held !== undefined && now < held.agesAt) return held.credentials;
    if (held !== undefined && now < held.blocksAt) {
      this.#renewInBackground();
      return held.credentials;
    }
    return this.#renewed();
  }

  /**
   * Called with keys that the store refused: tells whether there are others to try. Fetches new ones at most once in five
   * seconds; when another request has done so already, its keys will do.
   */
  async renewAfterRefusal(refused: AwsCredentials): Promise<boolean> {
    const current = this.#held?.credentials;
    if (current !== undefined && !areSameKeys(current, refused)) return true;
    if (this.#inFlight === undefined) {
      const now = this.#parts.clock.now();
      if (now - this.#lastForcedAt < FORCED_INTERVAL_MS) return false;
      this.#lastForcedAt = now;
    }
    const renewed = await this.#load().catch(() => undefined);
    return renewed !== undefined && !areSameKeys(renewed, refused);
  }

  /** Ends the background renewal. */
  close(): void {
    this.#isClosed = true;
    this.#cancelTimer?.();
  }

  async #renewed(): Promise<AwsCredentials> {
    const isBackingOff = this.#failure !== undefined && this.#parts.clock.now() < this.#failure.until;
    try {
      if (isBackingOff && this.#inFlight === undefined) throw this.#failure?.error;
      return await this.#load();
    } catch (error) {
      const held = this.#held;
      if (held !== undefined && this.#parts.clock.now() < held.endsAt) return held.credentials;
      throw error;
    }
  }

  #renewInBackground(): void {
    const isBackingOff = this.#failure !== undefined && this.#parts.clock.now() < this.#failure.until;
    if (this.#inFlight !== undefined || isBackingOff || this.#isClosed) return;
    // The failure is remembered and logged; the old keys go on.
    this.#load().catch(() => undefined);
  }

  #load(): Promise<AwsCredentials> {
    this.#inFlight ??= this.#loadOnce().finally(() => {
      this.#inFlight = undefined;
    });
    return this.#inFlight;
  }

  async #loadOnce(): Promise<AwsCredentials> {
    const { load, logger, onLoaded } = this.#parts;
    try {
      const credentials = await load();
      this.#hold(credentials);
      this.#failure = undefined;
      onLoaded("ok");
      logger.log("debug", `S3 credentials from ${credentials.source}`, {
        source: credentials.source,
        expires: credentials.expiration?.toISOString(),
      });
      return credentials;
    } catch (thrown) {
      const error = toAppError(thrown, "source_unreachable");
      this.#remember(error);
      onLoaded("error");
      throw error;
    }
  }

  #hold(credentials: AwsCredentials): void {
    const now = this.#parts.clock.now();
    const { expiration, rereadAfterMs = Number.POSITIVE_INFINITY } = credentials;
    if (expiration === undefined) {
      const endless = { blocksAt: Number.POSITIVE_INFINITY, endsAt: Number.POSITIVE_INFINITY };
      this.#held = { credentials, agesAt: now + rereadAfterMs, ...endless };
    } else {
      const endsAt = expiration.getTime() - this.#parts.skewMs();
      const lifetime = Math.max(0, endsAt - now);
      const agesAt = Math.max(endsAt - Math.min(EARLIEST_AGEING_MS, lifetime / 3), now + SHORTEST_REFRESH_MS);
      // Keys that arrive all but expired serve for a moment all the same: perhaps only our clock is wrong, and S3 decides.
      const blocksAt = Math.max(endsAt - Math.min(BLOCKING_MS, lifetime / 10), now + SHORTEST_REFRESH_MS);
      this.#held = { credentials, agesAt, blocksAt, endsAt: Math.max(endsAt, blocksAt) };
    }
    this.#renewAt(this.#held.agesAt);
  }

  #remember(error: AppError): void {
    const pauseMs = Math.min(LONGEST_BACK_OFF_MS, (this.#failure?.pauseMs ?? FIRST_BACK_OFF_MS / 2) * 2);
    const until = this.#parts.clock.now() + pauseMs;
    this.#failure = { error, until, pauseMs };
    this.#parts.logger.log(this.#held === undefined ? "error" : "warn", error.message, { retry_in_ms: pauseMs });
    // Without keys the next request asks again; with keys nobody has to wait for one.
    if (this.#held !== undefined) this.#renewAt(until);
  }

  #renewAt(time: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (time === Number.POSITIVE_INFINITY || this.#isClosed) return;
    const { clock } = this.#parts;
    this.#cancelTimer = clock.schedule(Math.max(0, time - clock.now()), () => this.#renewInBackground());
  }
}
