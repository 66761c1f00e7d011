import type { Config } from "../../../config/config.ts";

/** What the S3 source reads of the configuration. */
export type S3Config = Pick<
  Config,
  | "s3Region"
  | "s3MultiRegion"
  | "s3BucketRegions"
  | "s3Endpoint"
  | "s3EndpointUsePathStyle"
  | "s3AssumeRoleArn"
  | "s3AssumeRoleExternalId"
  | "s3Anonymous"
  | "s3AllowedBuckets"
  | "s3DeniedBuckets"
  | "s3AccessPoints"
  | "s3RequestPayer"
  | "s3UseAccelerate"
  | "s3ForbiddenAsNotFound"
  | "s3VerifyChecksums"
  | "s3Buckets"
  | "s3UseDecryptionClient"
  | "maxSrcFileSize"
  | "sourceUrlQuerySeparator"
  | "downloadTimeoutSeconds"
  | "clientKeepAliveTimeoutSeconds"
  | "ignoreSslVerification"
  | "userAgent"
>;

/** The environment, for what the AWS SDKs read from it. */
export type Env = Readonly<Record<string, string | undefined>>;
