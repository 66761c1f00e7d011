import { openResultCache } from "../../cache/open-result-cache.ts";
import type { ResultCache } from "../../cache/result-cache.ts";
import type { Config } from "../../config/config.ts";
import type { Environment } from "../../config/environment.ts";
import type { S3Config } from "../../source/s3/settings/s3-config.ts";
import { type Logger, type Metrics, noMetrics } from "../../telemetry/types.ts";

/** Opens what keeps results, as far as the configuration turns it on. Throws `AppError("config")`. */
export async function openConfiguredCache(
  { config, environment }: { readonly config: Config; readonly environment: Environment },
  { logger, metrics }: { readonly logger: Logger; readonly metrics: Metrics },
): Promise<ResultCache | undefined> {
  return await openResultCache(config, {
    logger,
    metrics,
    async openBucket() {
      // What speaks to S3 is loaded where it is needed only.
      const { openObjectBucket } = await import("../../source/s3/object-bucket.ts");
      // The metrics of S3 sources are about sources.
      return openObjectBucket(config.cacheBucket, bucketConfig(config), {
        logger,
        metrics: noMetrics,
        env: environment.variables,
      });
    },
  });
}

/** The S3 settings of the bucket for results: its own ones, and nothing of those that belong to sources. */
function bucketConfig(config: Config): S3Config {
  return {
    ...config,
    s3Region: config.cacheS3Region,
    s3Endpoint: config.cacheS3Endpoint,
    s3EndpointUsePathStyle: config.cacheS3EndpointUsePathStyle,
    s3AssumeRoleArn: config.cacheS3AssumeRoleArn,
    s3AssumeRoleExternalId: config.cacheS3AssumeRoleExternalId,
    s3MultiRegion: true,
    s3BucketRegions: new Map(),
    s3Anonymous: false,
    s3AccessPoints: new Map(),
    s3RequestPayer: null,
    s3UseAccelerate: false,
    s3VerifyChecksums: false,
    s3Buckets: new Map(),
  };
}
