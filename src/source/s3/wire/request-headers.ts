import type { StoreSettings } from "../settings/store-settings.ts";

/**
 * What of the asker's headers goes to S3. A range excludes conditions, as in the reference. An ETag excludes a date (RFC 9110,
 * 13.1.3), which is not left to the store, since MinIO lets the date decide. An unreadable date is dropped: S3 would answer 400.
 */
export function conditionHeaders(asked: Readonly<Record<string, string>>): Record<string, string> {
  const { range, "if-none-match": etag, "if-modified-since": since } = asked;
  if (isSendable(range)) return { range };
  if (isSendable(etag)) return { "if-none-match": etag };
  return isSendable(since) && !Number.isNaN(Date.parse(since)) ? { "if-modified-since": since } : {};
}

/** Letters beyond ASCII are signed as UTF-8 and sent as Latin-1: the signature would not match. No ETag of S3 has any. */
function isSendable(value: string | undefined): value is string {
  return value !== undefined && /^[\x20-\x7e]+$/.test(value);
}

/** Headers by which S3 bills, checks and decrypts; they are signed. A question about a bucket needs the first only. */
export function serviceHeaders(settings: StoreSettings, method: "GET" | "HEAD"): Record<string, string> {
  const payer = settings.isRequesterPaying ? { "x-amz-request-payer": "requester" } : {};
  if (method === "HEAD") return payer;
  const checksum = settings.verifiesChecksums ? { "x-amz-checksum-mode": "ENABLED" } : {};
  return { ...payer, ...checksum, ...settings.customerKeyHeaders };
}

/** Headers that are handed on; nothing else of an answer is, above all no `x-amz-*`. */
const HANDED_ON = [
  "content-type",
  "content-encoding",
  "content-length",
  "content-range",
  "cache-control",
  "expires",
  "etag",
  "last-modified",
  "accept-ranges",
];

/** The headers of a good answer. Made in one go: set one by one they take half as long again. */
export function handedOnHeaders(answer: Headers): Headers {
  const headers: Record<string, string> = {};
  for (const name of HANDED_ON) {
    const value = answer.get(name);
    if (value !== null && !(name === "content-length" && value === "0")) headers[name] = value;
  }
  return new Headers(headers);
}
