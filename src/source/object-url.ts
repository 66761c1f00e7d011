import { AppError } from "../errors.ts";
import type { SourceUrl } from "./types.ts";

/** An object of a bucket (or, with an empty bucket, a file below the local root). */
export type ObjectUrl = {
  readonly bucket: string;
  /** Without leading slashes; everything else exactly as it came: doubled slashes, dot segments, `%` and `#` are part of the key. */
  readonly key: string;
  /** What follows the query separator, verbatim: the version id of an S3 object. Undefined when there is no separator. */
  readonly query: string | undefined;
};

const SCHEME = /^([a-z][a-z0-9+.-]*):/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is refused here.
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f]/;
/** Host characters that no URL parser lets through, and the three that are literal in keys but meaningless in bucket names. */
const INVALID_BUCKET_CHARACTER = /[\s%?#\\^`{|}]/;

/** The lower-case scheme of a source URL without its colon, or an empty string when it has none. */
export function schemeOf(url: string): string {
  return SCHEME.exec(url)?.[1]?.toLowerCase() ?? "";
}

function refuse(why: string): never {
  throw new AppError("source_unreachable", `can't parse source URL: ${why}`);
}

/**
 * Splits the URL of an object storage (`s3://bucket/key?version`) or a local file (`local:///path`). The URL is taken
 * literally: nothing is percent-decoded, and only `querySeparator` (`IMGPROXY_SOURCE_URL_QUERY_SEPARATOR`; empty = never)
 * ends the key. User info is dropped, a port stays part of the bucket. Only `local` may do without a bucket.
 *
 * Rules observed on the reference. Throws `source_unreachable` for a malformed bucket, an empty bucket or an empty key.
 */
export function parseObjectUrl(url: SourceUrl, querySeparator: string): ObjectUrl {
  if (CONTROL_CHARACTER.test(url)) refuse("invalid control character");
  const scheme = schemeOf(url);
  const rest = url.slice(scheme.length + 1);
  if (scheme === "" || !rest.startsWith("/")) refuse("expected scheme://bucket/key");

  const hasAuthority = rest.startsWith("//");
  const pathStart = hasAuthority ? rest.indexOf("/", 2) : 0;
  const authority = hasAuthority ? rest.slice(2, pathStart === -1 ? undefined : pathStart) : "";
  const bucket = authority.slice(authority.lastIndexOf("@") + 1);
  const port = /:([^:]*)$/.exec(bucket)?.[1] ?? "";
  if (INVALID_BUCKET_CHARACTER.test(bucket) || /\D/.test(port)) refuse("invalid bucket name");
  if (bucket === "" && scheme !== "local") refuse("the bucket is empty");

  const literal = pathStart === -1 ? "" : rest.slice(pathStart).replace(/^\/+/, "");
  const cut = querySeparator === "" ? -1 : literal.indexOf(querySeparator);
  const key = cut === -1 ? literal : literal.slice(0, cut);
  if (key === "") refuse("the object key is empty");
  return { bucket, key, query: cut === -1 ? undefined : literal.slice(cut + querySeparator.length) };
}
