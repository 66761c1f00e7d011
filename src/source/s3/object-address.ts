import { AppError } from "../../errors.ts";
import { parseObjectUrl } from "../object-url.ts";
import type { SourceUrl } from "../types.ts";

/** One object, or one version of it. */
export type ObjectAddress = {
  /** As written in the URL: a bucket, the alias of an access point, or a name from `IMGPROXY_S3_ACCESS_POINTS`. */
  readonly bucket: string;
  readonly key: string;
  /** Empty = the newest. */
  readonly version: string;
};

const DOT_SEGMENT = /(?:^|\/)\.\.?(?:\/|$)/;
/** Characters that stand for themselves in a signed path. */
const PLAIN_KEY = /^[A-Za-z0-9_.~/-]*$/;

/**
 * Reads `s3://bucket/key?version`. A dot segment in the key is refused with 400: `fetch` would resolve it, even percent-encoded,
 * and so could leave the bucket that the allow list has seen. Throws `source_unreachable` (404 for what is no S3 URL).
 */
export function parseObjectAddress(url: SourceUrl, querySeparator: string): ObjectAddress {
  const { bucket, key, query } = parseObjectUrl(url, querySeparator);
  if (DOT_SEGMENT.test(bucket) || DOT_SEGMENT.test(key)) refuse(bucket, "the key has a segment . or ..");
  if (!key.isWellFormed()) refuse(bucket, "the key is not valid Unicode");
  return { bucket, key, version: query ?? "" };
}

function refuse(bucket: string, why: string): never {
  throw new AppError("source_unreachable", `can't download source image from bucket ${bucket}: ${why}`, {
    status: 400,
  });
}

/**
 * Percent-encodes every byte of a key but `A–Z a–z 0–9 - _ . ~` and `/`, as SigV4 wants it: what is signed is exactly what is sent.
 */
export function encodeKey(key: string): string {
  return PLAIN_KEY.test(key) ? key : key.split("/").map(encodeComponent).join("/");
}

/** As `encodeKey`, `/` included. */
export function encodeComponent(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The address as people write it, for messages. */
export function printAddress({ bucket, key, version }: ObjectAddress): string {
  return `s3://${bucket}/${key}${version === "" ? "" : `?${version}`}`;
}
