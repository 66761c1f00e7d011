import { AppError, toAppError } from "../../errors.ts";
import type { Logger, Metrics } from "../../telemetry/types.ts";
import type { Source } from "../types.ts";
import { type Clock, systemClock } from "./clock.ts";
import { parseObjectAddress } from "./object-address.ts";
import { tlsOptions } from "./settings/aws-settings.ts";
import { bucketFilter } from "./settings/bucket-pattern.ts";
import { customerKeyHeaders } from "./settings/customer-key.ts";
import { baseUrl } from "./settings/endpoint-url.ts";
import type { Env, S3Config } from "./settings/s3-config.ts";
import type { StoreTable } from "./store-table.ts";

export type S3Services = {
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** The environment, for what the AWS SDKs read from it; the SDK's own providers read `process.env` besides. */
  readonly env: Env;
  readonly clock?: Clock;
};

export type S3Source = Source & {
  /** Settles once the SDK is loaded and the first search for credentials is over, found or not. Never rejects. */
  ready(): Promise<void>;
  close(): Promise<void>;
};

/**
 * Reads `s3://bucket/key?version` from AWS and from stores that speak S3. The SDK is loaded and credentials are looked for in the
 * background right away, so that the first image need not wait.
 *
 * Throws `config` for settings that cannot be meant. `fetch` throws `source_unreachable` (with S3's status for 4xx, 502 for 5xx),
 * `source_timeout`, `source_incomplete`, `invalid_image`, and the signal's own reason.
 */
export function createS3Source(config: S3Config, services: S3Services): S3Source {
  for (const { sseCustomerKey, endpoint = config.s3Endpoint } of config.s3Buckets.values()) {
    if (sseCustomerKey !== undefined && endpoint !== "") customerKeyHeaders(sseCustomerKey, baseUrl(endpoint));
  }
  const { logger, metrics, env, clock = systemClock } = services;
  const tls = tlsOptions(env, config.ignoreSslVerification);
  const isAllowed = bucketFilter(config.s3AllowedBuckets, config.s3DeniedBuckets);
  const table = loadTable({ config, env, tls, clock, logger, metrics });
  const isReady = table.then((built) => warmUp(built, logger)).catch(() => undefined);

  return {
    async fetch(request) {
      const address = parseObjectAddress(request.url, config.sourceUrlQuerySeparator);
      if (!isAllowed(address.bucket)) {
        throw new AppError(
          "source_unreachable",
          `can't download source image: bucket ${address.bucket} is not allowed`,
          {
            hint: "See IMGPROXY_S3_ALLOWED_BUCKETS and IMGPROXY_S3_DENIED_BUCKETS.",
          },
        );
      }
      const bucket = config.s3AccessPoints.get(address.bucket) ?? address.bucket;
      const { storeFor } = await table;
      return await storeFor(address.bucket).get(address, bucket, request);
    },
    ready: () => isReady,
    async close() {
      (await table).close();
    },
  };
}

/** Loads the SDK with the stores built on it; a failure waits for the first request to be told. */
function loadTable(parts: Parameters<typeof import("./store-table.ts").buildStoreTable>[0]): Promise<StoreTable> {
  const table = import("./store-table.ts").then(({ buildStoreTable }) => buildStoreTable(parts));
  table.catch((error: unknown) => parts.logger.log("error", `S3 sources cannot be used: ${toAppError(error).message}`));
  return table;
}

/** Says how S3 will be read and looks for credentials; what fails here is told in the log and again by the first request. */
async function warmUp({ stores }: StoreTable, logger: Logger): Promise<void> {
  for (const { parts } of stores) {
    const { name, region, regionFrom, addressing, isMultiRegion } = parts.settings;
    const reach = isMultiRegion
      ? "buckets of every region are followed"
      : "buckets of this region only; IMGPROXY_S3_MULTI_REGION=true follows them into every region, as imgproxy 4 does";
    const endpoint = addressing.endpoint ?? "AWS";
    logger.log("info", `S3 sources are on: ${reach}`, { store: name, region, region_from: regionFrom, endpoint });
  }
  await Promise.allSettled(stores.map(async ({ parts }) => await parts.credentials?.get()));
}
