import type { Logger } from "../../../telemetry/types.ts";
import type { Clock, ClockSkew } from "../clock.ts";
import type { S3Metrics } from "../s3-metrics.ts";
import type { Env } from "../settings/s3-config.ts";
import { assumeRole } from "./assume-role.ts";
import type { AwsCredentials } from "./aws-credentials.ts";
import { CredentialCache } from "./credential-cache.ts";
import { loadFromChain } from "./provider-chain.ts";
import type { WantedIdentity } from "./wanted-identity.ts";

export type CredentialSourcesParts = {
  readonly env: Env;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: S3Metrics;
};

/** Makes one cache for each distinct way to keys, so that stores with the same identity share it. */
export class CredentialSources {
  readonly #parts: CredentialSourcesParts;
  readonly #caches = new Map<string, CredentialCache>();

  constructor(parts: CredentialSourcesParts) {
    this.#parts = parts;
  }

  /** The cache for a store. `skew` is that of the store which asks first. */
  cacheFor(identity: WantedIdentity, skew: ClockSkew): CredentialCache {
    const { role, client } = identity;
    // The region of the STS that is asked makes no other keys of them.
    const { accessKeyId, secretAccessKey, sessionToken, profile } = identity.keys;
    const keys = [accessKeyId, secretAccessKey, sessionToken, profile];
    const base = this.#shared(JSON.stringify(keys), skew, () => loadBaseKeys(identity, this.#parts.env));
    if (role.arn === "") return base;
    const name = JSON.stringify([...keys, role.arn, role.externalId]);
    return this.#shared(name, skew, async () => await assumeRole(await base.get(), role, client));
  }

  /** Ends the background renewal of all caches. */
  close(): void {
    for (const cache of this.#caches.values()) cache.close();
  }

  #shared(name: string, skew: ClockSkew, load: () => Promise<AwsCredentials>): CredentialCache {
    let cache = this.#caches.get(name);
    if (cache === undefined) {
      const { clock, logger, metrics } = this.#parts;
      const onLoaded = (result: string) => metrics.credentialRefreshes.add(1, { result });
      cache = new CredentialCache({ load, clock, skewMs: () => skew.offsetMs, logger, onLoaded });
      this.#caches.set(name, cache);
    }
    return cache;
  }
}

/** The keys before any role: a store's own, those of its profile, or those of the chain. */
async function loadBaseKeys({ keys, client }: WantedIdentity, env: Env): Promise<AwsCredentials> {
  const { accessKeyId, secretAccessKey, sessionToken, profile } = keys;
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    return await loadFromChain({ env, client, ...(profile === undefined ? {} : { profileName: profile }) });
  }
  const source = "IMGPROXY_S3_BUCKETS";
  return { accessKeyId, secretAccessKey, source, ...(sessionToken === undefined ? {} : { sessionToken }) };
}
