import { AppError } from "../errors.ts";
import { encodeBase64Url } from "../text/base64url.ts";

export type PathParts = {
  /** Option segments, from `printOptions`. */
  readonly options: readonly string[];
  /** Source URL, not encoded. */
  readonly source: string;
  /** Without its `@` or dot; empty = none. */
  readonly extension: string;
  readonly encoding: "plain" | "base64";
};

/** What a `plain/` source cannot hold as it is: it would end the source, or be changed on the way. */
const ENCODED = /[^A-Za-z0-9\-._~!$&'()*+,;=:/]+/g;
/** A colon before a single slash, which the server would take for a damaged `://`. */
const SINGLE_SLASH = /:(?=\/(?!\/))/g;

/**
 * The path of a URL, ready to be signed: the inverse of `repairPath`, `parsePath` and `decodeSource`. Runs anywhere.
 * Sources with dot segments should be sent as base64, since many clients resolve them whichever way they are escaped.
 *
 * @example printPath({ options: ["w:300"], source: "s3://b/k", extension: "webp", encoding: "plain" }) // /w:300/plain/s3://b/k@webp
 */
export function printPath({ options, source, extension, encoding }: PathParts): string {
  if (source === "") throw new AppError("usage", "the source URL is empty");
  const text =
    encoding === "plain" ? `plain/${encodePlain(source)}` : encodeBase64Url(new TextEncoder().encode(source));
  const suffix = extension === "" ? "" : `${encoding === "plain" ? "@" : "."}${extension}`;
  return `/${[...options, text].join("/")}${suffix}`;
}

/** A whole request target. `pathPrefix` and signature are not signed. */
export function printTarget(path: string, signature: string, pathPrefix = ""): string {
  return `${pathPrefix}/${signature}${path}`;
}

function encodePlain(source: string): string {
  return source.toWellFormed().replace(ENCODED, encodeURIComponent).replace(SINGLE_SLASH, "%3A");
}
