/** What the suites of the S3 source share: a configuration to start from, requests, and the reading of outcomes. */
import { AppError } from "../../src/errors.ts";
import { readBody } from "../../src/source/read-body.ts";
import { createS3Source, type S3Services, type S3Source } from "../../src/source/s3/s3-source.ts";
import type { S3Config } from "../../src/source/s3/settings/s3-config.ts";
import type { SourceResponse, SourceUrl } from "../../src/source/types.ts";
import { noMetrics, silentLogger } from "../../src/telemetry/types.ts";
import type { TestMinio } from "./minio.ts";

/** The defaults of the variables, as `config/` has them. */
export const S3_DEFAULTS: S3Config = {
  s3Region: "",
  s3MultiRegion: false,
  s3BucketRegions: new Map(),
  s3Endpoint: "",
  s3EndpointUsePathStyle: true,
  s3AssumeRoleArn: "",
  s3AssumeRoleExternalId: "",
  s3Anonymous: false,
  s3AllowedBuckets: [],
  s3DeniedBuckets: [],
  s3AccessPoints: new Map(),
  s3RequestPayer: null,
  s3UseAccelerate: false,
  s3ForbiddenAsNotFound: false,
  s3VerifyChecksums: false,
  s3Buckets: new Map(),
  s3UseDecryptionClient: false,
  maxSrcFileSize: 0,
  sourceUrlQuerySeparator: "?",
  downloadTimeoutSeconds: 5,
  clientKeepAliveTimeoutSeconds: 90,
  ignoreSslVerification: false,
  userAgent: "imgproxy/test",
};

/** An environment in which nothing of the machine leaks in: no home, no metadata service. */
export const EMPTY_ENV = { HOME: "/nonexistent", AWS_EC2_METADATA_DISABLED: "true" } as const;

/** The keys of a server as the environment of AWS tools has them. */
export function keysOf({ credentials }: Pick<TestMinio, "credentials">): Record<string, string> {
  return {
    ...EMPTY_ENV,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
}

/** A source with the defaults, quiet unless told otherwise. */
export function s3Source(config: Partial<S3Config>, services: Partial<S3Services> = {}): S3Source {
  return createS3Source(
    { ...S3_DEFAULTS, ...config },
    { logger: silentLogger, metrics: noMetrics, env: EMPTY_ENV, ...services },
  );
}

const never = new AbortController().signal;

export function get(
  source: S3Source,
  url: string,
  headers: Readonly<Record<string, string>> = {},
  signal: AbortSignal = never,
): Promise<SourceResponse> {
  return source.fetch({ url: url as SourceUrl, headers, signal });
}

/** What a download came to: the status its client would get, and the bytes or the error. */
export type Outcome = {
  readonly status: number;
  readonly bytes: Uint8Array | undefined;
  readonly headers: Headers | undefined;
  readonly error: AppError | undefined;
};

/** Downloads to the end, whatever the end is. Anything thrown but an `AppError` fails the test. */
export async function outcome(
  source: S3Source,
  url: string,
  headers: Readonly<Record<string, string>> = {},
  signal: AbortSignal = never,
): Promise<Outcome> {
  try {
    const response = await get(source, url, headers, signal);
    const bytes = await readBody(response, { maxBytes: 0, signal });
    return { status: response.status, bytes, headers: response.headers, error: undefined };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { status: error.status, bytes: undefined, headers: undefined, error };
  }
}
