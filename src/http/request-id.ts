import type { HeaderReader } from "./header-text.ts";

const ACCEPTED = /^[A-Za-z0-9_-]+$/;
const LENGTH = 21;
/** Longer ids are refused: they would be copied into every log line of the request. */
const MAX_LENGTH = 200;

/**
 * The id of a request: the client's `X-Request-ID`, else the one AWS Lambda's gateway put into
 * `x-amzn-request-context`, else 21 random characters. An id with other characters than `A-Za-z0-9_-` is not taken over.
 */
export function requestId(headers: HeaderReader): string {
  const own = headers.get("x-request-id");
  if (isAcceptable(own)) return own;
  const context = headers.get("x-amzn-request-context");
  return (context === null ? undefined : lambdaRequestId(context)) ?? randomId();
}

function isAcceptable(id: unknown): id is string {
  return typeof id === "string" && id.length <= MAX_LENGTH && ACCEPTED.test(id);
}

function lambdaRequestId(context: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(context);
    const id = typeof parsed === "object" && parsed !== null && "requestId" in parsed ? parsed.requestId : undefined;
    return isAcceptable(id) ? id : undefined;
  } catch {
    return undefined; // Not JSON: the header is not the gateway's, and an id of our own does as well.
  }
}

function randomId(): string {
  // The alphabet of base64url is the one wanted, and 16 random bytes fill 21 characters of six bits each.
  return Buffer.from(crypto.getRandomValues(new Uint8Array(16)))
    .toString("base64url")
    .slice(0, LENGTH);
}
