import { BoundedMap } from "../../bounded-map.ts";
import type { Logger } from "../../telemetry/types.ts";
import type { SourceRequest, SourceResponse } from "../types.ts";
import type { Clock, ClockSkew } from "./clock.ts";
import type { CredentialCache } from "./credentials/credential-cache.ts";
import type { WantedIdentity } from "./credentials/wanted-identity.ts";
import type { KeyUnwrapper } from "./decrypt/unwrap-key.ts";
import { Download } from "./download.ts";
import type { ObjectAddress } from "./object-address.ts";
import { RegionCache } from "./region/region-cache.ts";
import type { S3Metrics } from "./s3-metrics.ts";
import type { StoreSettings } from "./settings/store-settings.ts";
import { Deadline } from "./wire/deadline.ts";
import { resolveTarget, type Target } from "./wire/endpoint.ts";
import type { Transport } from "./wire/exchange.ts";
import type { Signers } from "./wire/sign.ts";

export type StoreParts = {
  readonly settings: StoreSettings;
  readonly transport: Transport;
  /** Who to be, for those who explain; requests use `credentials`. */
  readonly identity: WantedIdentity;
  /** Undefined = requests are not signed. */
  readonly credentials: CredentialCache | undefined;
  /** Undefined = objects are handed on as they are stored. */
  readonly unwrapKey: KeyUnwrapper | undefined;
  readonly skew: ClockSkew;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: S3Metrics;
};

const MAX_REMEMBERED_LOG_LINES = 1000;
const MAX_TARGETS = 1000;

/** One endpoint with its credentials: what downloads from it share and learn from each other. */
export class Store {
  readonly parts: StoreParts;
  readonly regions: RegionCache;
  readonly signers: Signers = new WeakMap();
  readonly #targets = new BoundedMap<Target>({ maxEntries: MAX_TARGETS });
  readonly #said = new BoundedMap<true>({ maxEntries: MAX_REMEMBERED_LOG_LINES });

  constructor(parts: StoreParts) {
    this.parts = parts;
    const { name, region, regionByBucket } = parts.settings;
    const onSize = (size: number) => parts.metrics.regionCacheSize.set(size, { store: name });
    this.regions = new RegionCache({ region, byBucket: regionByBucket }, parts.clock, onSize);
  }

  /**
   * Downloads one object. `bucket` is the bucket, alias or ARN to ask for, which differs from the one in `address` for named
   * access points. Throws `AppError` as `Source.fetch` does.
   */
  async get(
    address: ObjectAddress,
    bucket: string,
    request: Pick<SourceRequest, "headers" | "signal">,
  ): Promise<SourceResponse> {
    const deadline = new Deadline(request.signal, this.parts.settings.downloadTimeoutMs);
    try {
      return await new Download(this, { address, bucket, headers: request.headers, deadline }).run();
    } catch (error) {
      deadline.dispose();
      throw error;
    }
  }

  /** Where a bucket is asked for in a region. Throws as `resolveTarget` does. */
  targetOf(bucket: string, region: string): Target {
    const name = `${region} ${bucket}`;
    let target = this.#targets.get(name);
    if (target === undefined) {
      target = resolveTarget(this.parts.settings.addressing, bucket, region);
      this.#targets.set(name, target);
    }
    return target;
  }

  /** Logs a warning once a subject, such as a bucket; forgotten subjects may be logged again. */
  warnOnce(subject: string, message: string, fields: Readonly<Record<string, string>>): void {
    if (this.#said.get(subject)) return;
    this.#said.set(subject, true);
    this.parts.logger.log("warn", message, fields);
  }

  /** The time by the store's clock. */
  now(): Date {
    return new Date(this.parts.clock.now() + this.parts.skew.offsetMs);
  }
}
