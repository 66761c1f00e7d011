import { AppError } from "../../../errors.ts";
import type { Refusal } from "./error-document.ts";

/** Advice by S3's error code: what users cannot tell apart by the status alone. */
const HINTS: Readonly<Record<string, string>> = {
  AccessDenied:
    "The credentials lack s3:GetObject for this key or kms:Decrypt for its KMS key; or there is no such object and they lack s3:ListBucket, without which S3 answers 403 instead of 404.",
  SignatureDoesNotMatch:
    "The secret key is wrong, or a proxy in front of the store rewrites the Host header or the path.",
  InvalidAccessKeyId: "The store does not know this access key: it belongs to another account or another store.",
  ExpiredToken: "The session token has expired and its source gave no newer one.",
  InvalidToken: "The session token does not belong to this access key or this store.",
  InvalidObjectState: "The object is archived; restore it first.",
  RequestTimeTooSkewed: "The clock of this machine is wrong; check its time service.",
  NoSuchBucket: "There is no such bucket at this endpoint and region.",
  NoSuchVersion:
    "There is no such version; everything after the query separator is the version id, without a name in front.",
  InvalidBucketName: "This cannot be the name of a bucket.",
  PermanentRedirect: "The bucket lives in another region or behind another endpoint.",
  AuthorizationHeaderMalformed: "The bucket lives in another region.",
};

export type RefusalContext = {
  /** The address as written in the URL. */
  readonly address: string;
  readonly region: string;
  readonly isForbiddenNotFound: boolean;
  /** Replaces the general advice. */
  readonly hint?: string;
};

/**
 * The error for an answer that ends a download: 4xx keeps its status, 3xx becomes 404, 5xx becomes 502. The message names code
 * and storage class for logs and development mode; the public text says nothing of S3.
 */
export function refusalError(refusal: Refusal, context: RefusalContext): AppError {
  const { status, document } = refusal;
  const said = [document.code, document.message].filter((part) => part !== "").join(": ");
  const storageClass = document.storageClass === "" ? "" : ` (storage class ${document.storageClass})`;
  const where = `${context.address} in ${context.region}`;
  const message = `can't download source image: status: ${status}${said && `; ${said}`}${storageClass} (${where})`;
  const hint = context.hint ?? HINTS[document.code] ?? hintByStatus(status);
  return new AppError("source_unreachable", message, {
    status: publicStatus(status, context.isForbiddenNotFound),
    ...(hint === undefined ? {} : { hint }),
  });
}

function publicStatus(status: number, isForbiddenNotFound: boolean): number {
  if (status >= 500) return 502;
  if (status < 400) return 404;
  return status === 403 && isForbiddenNotFound ? 404 : status;
}

function hintByStatus(status: number): string | undefined {
  return status === 403 ? HINTS["AccessDenied"] : undefined;
}
