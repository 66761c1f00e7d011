import type { S3BucketSettings } from "../../../config/types/s3-bucket-type.ts";
import type { Logger } from "../../../telemetry/types.ts";
import type { Clock } from "../clock.ts";
import type { TlsOptions } from "../exchange.ts";
import type { Env } from "../s3-config.ts";
import type { S3Metrics } from "../s3-metrics.ts";
import type { ClockSkew } from "../store.ts";
import { assumeRole, type Role } from "./assume-role.ts";
import type { AwsCredentials } from "./aws-credentials.ts";
import { CredentialCache } from "./credential-cache.ts";
import { loadFromChain } from "./provider-chain.ts";

export type CredentialSourcesParts = {
  readonly env: Env;
  readonly tls: TlsOptions | undefined;
  readonly clock: Clock;
  readonly skew: ClockSkew;
  readonly logger: Logger;
  readonly metrics: S3Metrics;
};

/** Which keys a store wants. Nothing set = those of the environment's chain. */
export type WantedKeys = Pick<S3BucketSettings, "accessKeyId" | "secretAccessKey" | "sessionToken" | "profile">;

/** Makes one cache for each distinct way to keys, so that stores with the same identity share it. */
export class CredentialSources {
  readonly #parts: CredentialSourcesParts;
  readonly #caches = new Map<string, CredentialCache>();

  constructor(parts: CredentialSourcesParts) {
    this.#parts = parts;
  }

  /** The cache for a store; with a role its keys are those of the role, asked for at the STS of `region`. */
  cacheFor(wanted: WantedKeys, role: Role, region: string): CredentialCache {
    const client = { region, tls: this.#parts.tls };
    const base = this.#shared(
      JSON.stringify(["base", wanted.accessKeyId, wanted.secretAccessKey, wanted.sessionToken, wanted.profile]),
      () => this.#loadBase(wanted, client),
    );
    if (role.arn === "") return base;
    const name = JSON.stringify(["role", role, region, wanted.accessKeyId, wanted.secretAccessKey, wanted.profile]);
    return this.#shared(name, async () => await assumeRole(await base.get(), role, client));
  }

  #shared(name: string, load: () => Promise<AwsCredentials>): CredentialCache {
    let cache = this.#caches.get(name);
    if (cache === undefined) {
      const { clock, skew, logger, metrics } = this.#parts;
      const onLoaded = (result: string) => metrics.credentialRefreshes.add(1, { result });
      cache = new CredentialCache({ load, clock, skewMs: () => skew.offsetMs, logger, onLoaded });
      this.#caches.set(name, cache);
    }
    return cache;
  }

  async #loadBase(
    wanted: WantedKeys,
    client: { region: string; tls: TlsOptions | undefined },
  ): Promise<AwsCredentials> {
    const { accessKeyId, secretAccessKey, sessionToken, profile } = wanted;
    if (accessKeyId === undefined || secretAccessKey === undefined) {
      const { env } = this.#parts;
      return await loadFromChain({ env, client, ...(profile === undefined ? {} : { profileName: profile }) });
    }
    const source = "IMGPROXY_S3_BUCKETS";
    return { accessKeyId, secretAccessKey, source, ...(sessionToken === undefined ? {} : { sessionToken }) };
  }
}
