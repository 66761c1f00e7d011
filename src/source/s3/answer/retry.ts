import type { Refusal } from "./error-document.ts";

const RETRIED_STATUSES = new Set([500, 502, 503, 504]);
/** Codes that mean "later", whatever the status. */
const RETRIED_CODES = new Set([
  "SlowDown",
  "Throttling",
  "ThrottlingException",
  "ThrottledException",
  "RequestThrottled",
  "RequestThrottledException",
  "RequestLimitExceeded",
  "BandwidthLimitExceeded",
  "RequestTimeout",
]);

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2000;

/** Why another try may help, or undefined when it will not. */
export function retryReason({ status, document }: Refusal): string | undefined {
  if (RETRIED_CODES.has(document.code) || document.code.startsWith("Throttling")) return document.code;
  return RETRIED_STATUSES.has(status) ? String(status) : undefined;
}

/**
 * Milliseconds to wait before try number `next` (2, 3, …): random between 0 and a bound that doubles, so that many clients do
 * not come back together; at least what the store asks for with `Retry-After` in seconds, up to the longest pause.
 */
export function pauseBefore(next: number, headers: Headers | undefined, random: () => number = Math.random): number {
  const bound = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (next - 1));
  const asked = Number(headers?.get("retry-after") ?? 0);
  const askedMs = Number.isFinite(asked) ? Math.min(LONGEST_PAUSE_MS, Math.max(0, asked * 1000)) : 0;
  return Math.max(random() * bound, askedMs);
}
