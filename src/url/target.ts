import { AppError } from "../errors.ts";

export type SplitTarget = {
  /** The first path segment, as sent. */
  readonly signature: string;
  /** Everything behind it, beginning with a slash, as sent. */
  readonly path: string;
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNSENDABLE = /[\u0000-\u0020\u007f]/;
const BROKEN_ESCAPE = /%(?![0-9A-Fa-f]{2})/;

/**
 * Throws `AppError("bad_request")` for a request target that is no URL path at all: empty, with a space or a control
 * character, or, before the query, with a `%` that begins no escape. Source: observed answers of the reference.
 */
export function requireWellFormed(target: string): void {
  if (target === "") throw new AppError("bad_request", "the request target is empty");
  if (UNSENDABLE.test(target)) {
    throw new AppError("bad_request", "the request target holds a space or a control character", {
      hint: "Percent-encode it, a space as %20.",
    });
  }
  const broken = BROKEN_ESCAPE.exec(withoutQuery(target));
  if (broken === null) return;
  const around = target.slice(broken.index, broken.index + 3);
  throw new AppError("bad_request", `${JSON.stringify(around)} at character ${broken.index + 1} is no percent escape`, {
    hint: "Encode a literal % as %25.",
  });
}

/**
 * Splits a request target into signature and path: cuts the query at the first `?`, then the path prefix, then the slash
 * and at most one more. Nothing is decoded, because the raw path is what was signed. Throws `AppError("invalid_url")`
 * when either half is empty.
 *
 * `/info/SIGNATURE/…`, the image information of imgproxy Pro, will be told apart here; today `info` is a signature.
 */
export function splitTarget(target: string, pathPrefix: string): SplitTarget {
  const path = withoutQuery(target);
  const own = path.startsWith(pathPrefix) ? path.slice(pathPrefix.length) : path;
  const text = own.slice(own.startsWith("//") ? 2 : Number(own.startsWith("/")));
  const end = text.indexOf("/");
  if (end < 1 || end === text.length - 1) {
    const why = end === 0 ? "the signature is empty" : "nothing follows the signature";
    throw new AppError("invalid_url", why, { hint: "A URL is /SIGNATURE/OPTIONS/SOURCE; see docs/url.md." });
  }
  return { signature: text.slice(0, end), path: text.slice(end) };
}

function withoutQuery(target: string): string {
  const query = target.indexOf("?");
  return query < 0 ? target : target.slice(0, query);
}
