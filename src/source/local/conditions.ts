/** What a file says of itself for caches. */
export type Validators = {
  /** Strong, quoted. */
  readonly etag: string;
  /** Milliseconds since the epoch. */
  readonly modifiedMs: number;
};

function opaqueTag(tag: string): string {
  return tag
    .trim()
    .replace(/^W\//, "")
    .replace(/^"(.*)"$/, "$1");
}

/**
 * Whether the copy that the client has is still good: `If-None-Match` decides alone when it is there (weak comparison, lists and `*`
 * as in RFC 9110 §13.1.2; tags without quotes are taken too, as the reference does), else `If-Modified-Since` at whole seconds.
 * Dates that cannot be read are ignored.
 */
export function isNotModified(headers: Readonly<Record<string, string>>, validators: Validators): boolean {
  const ifNoneMatch = headers["if-none-match"];
  if (ifNoneMatch !== undefined && ifNoneMatch.trim() !== "") {
    const own = opaqueTag(validators.etag);
    return ifNoneMatch.trim() === "*" || ifNoneMatch.split(",").some((tag) => opaqueTag(tag) === own);
  }
  const ifModifiedSince = headers["if-modified-since"];
  if (ifModifiedSince === undefined) return false;
  const since = Date.parse(ifModifiedSince);
  return !Number.isNaN(since) && Math.floor(validators.modifiedMs / 1000) * 1000 <= since;
}
