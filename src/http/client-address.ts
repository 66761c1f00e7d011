import type { HeaderReader } from "./header-text.ts";
/**
 * The client's address for the log: what Cloudflare says, else the first of `X-Forwarded-For`, else `X-Real-IP`, else the
 * socket's. The headers are whatever the client or a proxy wrote, so nothing may be decided by this address.
 */
export function clientAddress(headers: HeaderReader, peerAddress: string): string {
  const forwarded = headers.get("x-forwarded-for");
  return (
    headers.get("cf-connecting-ip")?.trim() ||
    forwarded?.slice(0, endOfFirstItem(forwarded)).trim() ||
    headers.get("x-real-ip")?.trim() ||
    peerAddress
  );
}

function endOfFirstItem(list: string): number {
  const comma = list.indexOf(",");
  return comma < 0 ? list.length : comma;
}
