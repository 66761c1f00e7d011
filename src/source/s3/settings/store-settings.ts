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
  /** Undefined = that of AWS in the bucket's region. */
  readonly kmsEndpoint: string | undefined;
  readonly isAnonymous: boolean;
  readonly isRequesterPaying: boolean;
  /** Signed headers with the key for SSE-C objects; empty where none is set. */
  readonly customerKeyHeaders: Readonly<Record<string, string>>;
  readonly verifiesChecksums: boolean;
  readonly isForbiddenNotFound: boolean;
  /** Whether objects are decrypted here, with data keys from KMS. */
  readonly isDecrypting: boolean;
  /** Largest object that is decrypted, which takes memory for all of it; 0 = no limit. */
  readonly maxDecryptedBytes: number;
  readonly downloadTimeoutMs: number;
  /** Tries of one request in all, the first included. */
  readonly maxTries: number;
};
