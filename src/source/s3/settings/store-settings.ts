import type { Addressing } from "../wire/endpoint.ts";

/** Everything that is fixed about one store: an endpoint with the credentials, addressing and rules that belong to it. */
export type StoreSettings = {
  /** For logs: `default`, or the pattern of `IMGPROXY_S3_BUCKETS`. */
  readonly name: string;
  /** The region to start from. */
  readonly region: string;
  /** Where that came from, for people. */
  readonly regionFrom: string;
  readonly isMultiRegion: boolean;
  readonly regionByBucket: ReadonlyMap<string, string>;
  readonly addressing: Addressing;
  /** Undefined = that of AWS in the region. */
  readonly stsEndpoint: string | undefined;
  readonly isAnonymous: boolean;
  readonly isRequesterPaying: boolean;
  /** Signed headers with the key for SSE-C objects; empty where none is set. */
  readonly customerKeyHeaders: Readonly<Record<string, string>>;
  readonly verifiesChecksums: boolean;
  readonly isForbiddenNotFound: boolean;
  readonly downloadTimeoutMs: number;
  /** Tries of one request in all, the first included. */
  readonly maxTries: number;
};
