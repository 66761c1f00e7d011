import type { S3BucketSettings } from "../../config/types/s3-bucket-type.ts";
import type { Logger, Metrics } from "../../telemetry/types.ts";
import type { Clock, ClockSkew } from "./clock.ts";
import { CredentialSources } from "./credentials/credential-sources.ts";
import type { WantedIdentity } from "./credentials/wanted-identity.ts";
import { createKeyUnwrapper } from "./decrypt/unwrap-key.ts";
import { registerS3Metrics, type S3Metrics } from "./s3-metrics.ts";
import { type AwsSettings, readAwsSettings } from "./settings/aws-settings.ts";
import { type BucketMatcher, bucketPattern } from "./settings/bucket-pattern.ts";
import { customerKeyHeaders } from "./settings/customer-key.ts";
import { baseUrl } from "./settings/endpoint-url.ts";
import type { Env, S3Config } from "./settings/s3-config.ts";
import type { StoreSettings } from "./settings/store-settings.ts";
import { Store } from "./store.ts";
import type { TlsOptions } from "./wire/exchange.ts";

export type StoreTableParts = {
  readonly config: S3Config;
  readonly env: Env;
  readonly tls: TlsOptions | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
};

/** All stores of a source: the general one, and one for each entry of `IMGPROXY_S3_BUCKETS`. */
export type StoreTable = {
  /** The store for a bucket as named in the URL: of an exact entry, else of the first pattern that matches, else the general one. */
  storeFor(bucket: string): Store;
  readonly stores: readonly Store[];
  /** Ends what goes on in the background. */
  close(): void;
};

/** Reads the AWS settings and builds the stores; nothing is connected to yet. */
export async function buildStoreTable(parts: StoreTableParts): Promise<StoreTable> {
  const aws = await readAwsSettings(parts.env);
  const stores: Store[] = [];
  const metrics = registerS3Metrics(parts.metrics);
  const sources = new CredentialSources({ ...parts, metrics });
  const open = (settings: StoreSettings, special: S3BucketSettings) => {
    const store = openStore(parts, { settings, special, sources, metrics });
    stores.push(store);
    return store;
  };
  const general = open(generalSettings(parts.config, aws), {});
  const exact = new Map<string, Store>();
  const patterns: { readonly matches: BucketMatcher; readonly store: Store }[] = [];
  for (const [name, special] of parts.config.s3Buckets) {
    const store = open(specialSettings(name, special, general.parts.settings), special);
    if (name.includes("*")) patterns.push({ matches: bucketPattern(name), store });
    else exact.set(name, store);
  }
  return {
    stores,
    storeFor: (bucket) => exact.get(bucket) ?? patterns.find(({ matches }) => matches(bucket))?.store ?? general,
    close: () => sources.close(),
  };
}

type StoreExtras = {
  readonly settings: StoreSettings;
  readonly special: S3BucketSettings;
  readonly sources: CredentialSources;
  readonly metrics: S3Metrics;
};

function openStore(parts: StoreTableParts, { settings, special, sources, metrics }: StoreExtras): Store {
  const { config, tls, clock, logger } = parts;
  const skew: ClockSkew = { offsetMs: 0 };
  const identity: WantedIdentity = {
    keys: special,
    role: {
      arn: special.roleArn ?? (hasOwnKeys(special) ? "" : config.s3AssumeRoleArn),
      externalId: special.externalId ?? config.s3AssumeRoleExternalId,
    },
    client: { region: settings.region, endpoint: settings.stsEndpoint, tls },
  };
  const credentials = settings.isAnonymous ? undefined : sources.cacheFor(identity, skew);
  const isDecrypting = settings.isDecrypting && credentials !== undefined;
  return new Store({
    settings,
    transport: { keepsAlive: config.clientKeepAliveTimeoutSeconds > 0, tls, userAgent: config.userAgent },
    identity,
    credentials,
    unwrapKey: isDecrypting ? createKeyUnwrapper(credentials, { endpoint: settings.kmsEndpoint, tls }) : undefined,
    skew,
    clock,
    logger,
    metrics,
  });
}

function hasOwnKeys({ accessKeyId, profile }: S3BucketSettings): boolean {
  return accessKeyId !== undefined || profile !== undefined;
}

function generalSettings(config: S3Config, aws: AwsSettings): StoreSettings {
  const ownEndpoint = config.s3Endpoint === "" ? undefined : baseUrl(config.s3Endpoint);
  const isNamed = config.s3Region !== "";
  return {
    name: "default",
    region: isNamed ? config.s3Region : aws.region,
    regionFrom: isNamed ? "IMGPROXY_S3_REGION" : aws.regionFrom,
    isMultiRegion: config.s3MultiRegion,
    regionByBucket: config.s3BucketRegions,
    addressing: {
      endpoint: ownEndpoint ?? aws.endpoint,
      // The switch belongs to IMGPROXY_S3_ENDPOINT: an endpoint of AWS's own variables is used with virtual hosts.
      usesPathStyle: ownEndpoint !== undefined && config.s3EndpointUsePathStyle,
      usesFips: aws.usesFips,
      usesDualStack: aws.usesDualStack,
      usesAccelerate: config.s3UseAccelerate,
      usesArnRegion: aws.usesArnRegion,
      allowsMultiRegionAccessPoints: aws.allowsMultiRegionAccessPoints,
    },
    stsEndpoint: aws.stsEndpoint,
    kmsEndpoint: aws.kmsEndpoint,
    isDecrypting: config.s3UseDecryptionClient,
    maxDecryptedBytes: config.maxSrcFileSize,
    isAnonymous: config.s3Anonymous,
    isRequesterPaying: config.s3RequestPayer === "requester",
    customerKeyHeaders: {},
    verifiesChecksums: config.s3VerifyChecksums,
    isForbiddenNotFound: config.s3ForbiddenAsNotFound,
    downloadTimeoutMs: config.downloadTimeoutSeconds * 1000,
    maxTries: aws.maxTries,
  };
}

/** The settings of an entry of `IMGPROXY_S3_BUCKETS`: what it does not say is inherited. */
function specialSettings(name: string, special: S3BucketSettings, general: StoreSettings): StoreSettings {
  const endpoint = special.endpoint === undefined ? general.addressing.endpoint : baseUrl(special.endpoint);
  const inheritedStyle = special.endpoint === undefined ? general.addressing.usesPathStyle : true;
  return {
    ...general,
    name,
    region: special.region ?? general.region,
    regionFrom: special.region === undefined ? general.regionFrom : "IMGPROXY_S3_BUCKETS",
    addressing: {
      ...general.addressing,
      endpoint,
      usesPathStyle: special.pathStyle ?? inheritedStyle,
      usesAccelerate: special.accelerate ?? general.addressing.usesAccelerate,
    },
    // Keys of its own mean that requests are signed, whatever the general rule.
    isAnonymous:
      special.anonymous ?? (hasOwnKeys(special) || special.roleArn !== undefined ? false : general.isAnonymous),
    isRequesterPaying: special.requestPayer === undefined ? general.isRequesterPaying : true,
    customerKeyHeaders:
      special.sseCustomerKey === undefined ? {} : customerKeyHeaders(special.sseCustomerKey, endpoint),
  };
}
