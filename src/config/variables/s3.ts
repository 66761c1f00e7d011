import { csv, map } from "../types/list-types.ts";
import { s3Buckets } from "../types/s3-bucket-type.ts";
import { bool, oneOf, text } from "../types/text-types.ts";
import { optional, variable } from "../variable.ts";

/** S3 and compatible stores. */
export const S3_VARIABLES = {
  useS3: variable("IMGPROXY_USE_S3", bool, false, { doc: "Turn on `s3://BUCKET/KEY` sources." }),
  s3Region: variable("IMGPROXY_S3_REGION", text, "", {
    doc: "Region of the buckets; blank = AWS_REGION, AWS_DEFAULT_REGION, the profile's region, then us-west-1.",
  }),
  s3MultiRegion: variable("IMGPROXY_S3_MULTI_REGION", bool, false, {
    doc: "Buckets may be in any region: each bucket's is found at first access and remembered. Set it to `true` when you come from imgproxy 4, which always does this.",
  }),
  s3BucketRegions: variable("IMGPROXY_S3_BUCKET_REGIONS", map, new Map(), {
    doc: "`BUCKET=REGION;…`: regions known beforehand.",
  }),
  s3Endpoint: variable("IMGPROXY_S3_ENDPOINT", text, "", {
    doc: "URL of a compatible store such as MinIO; a path in it is kept as a prefix.",
  }),
  s3EndpointUsePathStyle: variable("IMGPROXY_S3_ENDPOINT_USE_PATH_STYLE", bool, true, {
    doc: "With IMGPROXY_S3_ENDPOINT: the bucket is in the path (`true`) or in the host name (`false`).",
  }),
  s3AssumeRoleArn: variable("IMGPROXY_S3_ASSUME_ROLE_ARN", text, "", { doc: "Role to assume." }),
  s3AssumeRoleExternalId: variable("IMGPROXY_S3_ASSUME_ROLE_EXTERNAL_ID", text, "", {
    doc: "External id for the assumed role.",
    isSecret: true,
  }),
  s3Anonymous: variable("IMGPROXY_S3_ANONYMOUS", bool, false, {
    doc: "Do not sign requests, for public buckets and gateways; no credentials are looked for.",
  }),
  s3AllowedBuckets: variable("IMGPROXY_S3_ALLOWED_BUCKETS", csv, [], {
    doc: "The only buckets that may be read, names or patterns with `*`. Blank allows all.",
    defaultText: "all",
  }),
  s3DeniedBuckets: variable("IMGPROXY_S3_DENIED_BUCKETS", csv, [], {
    doc: "Buckets that may not be read, names or patterns with `*`, even when they are allowed above.",
  }),
  s3AccessPoints: variable("IMGPROXY_S3_ACCESS_POINTS", map, new Map(), {
    doc: "`NAME=ARN;…`: access points and the bucket names that stand for them in URLs.",
  }),
  s3RequestPayer: optional("IMGPROXY_S3_REQUEST_PAYER", oneOf(["requester"]), {
    doc: "`requester`: pay for requests to requester-pays buckets.",
  }),
  s3UseAccelerate: variable("IMGPROXY_S3_USE_ACCELERATE", bool, false, {
    doc: "Use Transfer Acceleration endpoints.",
  }),
  s3ForbiddenAsNotFound: variable("IMGPROXY_S3_FORBIDDEN_AS_NOT_FOUND", bool, false, {
    doc: "Answer 404 where S3 says 403, which is what it says of missing keys when s3:ListBucket is not granted.",
  }),
  s3VerifyChecksums: variable("IMGPROXY_S3_VERIFY_CHECKSUMS", bool, false, {
    doc: "Ask for the stored checksum of whole objects and refuse a body that does not match it. Not every store understands the question.",
  }),
  s3Buckets: variable("IMGPROXY_S3_BUCKETS", s3Buckets, new Map(), {
    doc: "Other stores and accounts side by side: bucket, or pattern with `*`, → settings of its own; see docs/s3.md.",
    isSecret: true,
  }),
  s3UseDecryptionClient: variable("IMGPROXY_S3_USE_DECRYPTION_CLIENT", bool, false, {
    doc: "Decrypt objects that were encrypted by an S3 encryption client with KMS; others are then refused.",
  }),
};

/** Variables of AWS tools that S3 sources obey. */
export const AWS_VARIABLES = {
  awsRegion: variable("AWS_REGION", text, "", {
    doc: "Region when IMGPROXY_S3_REGION is blank.",
    alternates: ["AWS_DEFAULT_REGION"],
  }),
  awsAccessKeyId: variable("AWS_ACCESS_KEY_ID", text, "", {
    doc: "Access key; wins over a profile.",
    alternates: ["AWS_ACCESS_KEY"],
    isSecret: true,
  }),
  awsSecretAccessKey: variable("AWS_SECRET_ACCESS_KEY", text, "", {
    doc: "Secret of the access key.",
    alternates: ["AWS_SECRET_KEY"],
    isSecret: true,
  }),
  awsSessionToken: variable("AWS_SESSION_TOKEN", text, "", {
    doc: "Session token of temporary credentials.",
    isSecret: true,
  }),
  awsProfile: variable("AWS_PROFILE", text, "", {
    doc: "Profile in the shared files.",
    alternates: ["AWS_DEFAULT_PROFILE"],
  }),
  awsConfigFile: variable("AWS_CONFIG_FILE", text, "", {
    doc: "Shared configuration file.",
    defaultText: "~/.aws/config",
  }),
  awsSharedCredentialsFile: variable("AWS_SHARED_CREDENTIALS_FILE", text, "", {
    doc: "Shared credentials file.",
    defaultText: "~/.aws/credentials",
  }),
  awsWebIdentityTokenFile: variable("AWS_WEB_IDENTITY_TOKEN_FILE", text, "", {
    doc: "File with a web identity token (EKS service accounts).",
  }),
  awsRoleArn: variable("AWS_ROLE_ARN", text, "", { doc: "Role for the web identity." }),
  awsRoleSessionName: variable("AWS_ROLE_SESSION_NAME", text, "", { doc: "Session name for the web identity." }),
  awsContainerCredentialsRelativeUri: variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", text, "", {
    doc: "Path of the container's credential service (ECS).",
  }),
  awsContainerCredentialsFullUri: variable("AWS_CONTAINER_CREDENTIALS_FULL_URI", text, "", {
    doc: "URL of the container's credential service (EKS Pod Identity).",
  }),
  awsContainerAuthorizationToken: variable("AWS_CONTAINER_AUTHORIZATION_TOKEN", text, "", {
    doc: "Token for the credential service.",
    isSecret: true,
  }),
  awsContainerAuthorizationTokenFile: variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", text, "", {
    doc: "File with the token for the credential service.",
  }),
  awsEc2MetadataDisabled: variable("AWS_EC2_METADATA_DISABLED", text, "", {
    doc: "`true`: do not ask the machine's metadata service.",
  }),
  awsEc2MetadataServiceEndpoint: variable("AWS_EC2_METADATA_SERVICE_ENDPOINT", text, "", {
    doc: "URL of the metadata service.",
  }),
  awsEc2MetadataServiceEndpointMode: variable("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", text, "", {
    doc: "`IPv4` or `IPv6`.",
  }),
  awsEc2MetadataV1Disabled: variable("AWS_EC2_METADATA_V1_DISABLED", text, "", {
    doc: "`true`: never fall back to version 1 of the metadata service.",
  }),
  awsEndpointUrl: variable("AWS_ENDPOINT_URL", text, "", { doc: "Endpoint of all AWS services." }),
  awsEndpointUrlS3: variable("AWS_ENDPOINT_URL_S3", text, "", {
    doc: "Endpoint of S3, used with the bucket in the host name; IMGPROXY_S3_ENDPOINT wins.",
  }),
  awsEndpointUrlSts: variable("AWS_ENDPOINT_URL_STS", text, "", { doc: "Endpoint of STS." }),
  awsIgnoreConfiguredEndpointUrls: variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", text, "", {
    doc: "`true`: ignore the endpoints above and in profiles.",
  }),
  awsUseDualstackEndpoint: variable("AWS_USE_DUALSTACK_ENDPOINT", text, "", { doc: "`true`: endpoints with IPv6." }),
  awsUseFipsEndpoint: variable("AWS_USE_FIPS_ENDPOINT", text, "", { doc: "`true`: FIPS endpoints." }),
  awsS3UseArnRegion: variable("AWS_S3_USE_ARN_REGION", text, "", {
    doc: "`false`: access points only in the configured region.",
  }),
  awsS3DisableMultiregionAccessPoints: variable("AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS", text, "", {
    doc: "`true`: refuse multi-region access points.",
  }),
  awsCaBundle: variable("AWS_CA_BUNDLE", text, "", { doc: "PEM file with the authorities trusted for AWS services." }),
  awsMaxAttempts: variable("AWS_MAX_ATTEMPTS", text, "", { doc: "Most tries of a request.", defaultText: "3" }),
};
