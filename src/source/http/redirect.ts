import { AppError } from "../../errors.ts";
import { schemeOf } from "../object-url.ts";
import { type HttpTarget, parseHttpUrl } from "./http-target.ts";

const REDIRECT_STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Where an answer points to; undefined when it is no redirect (another status, or no Location). */
export function redirectLocation(status: number, location: string | undefined): string | undefined {
  if (!REDIRECT_STATUSES.has(status) || location === undefined || location === "") return undefined;
  return readableLocation(location);
}

/** Header values are bytes: UTF-8 is read as such, other bytes beyond ASCII become escapes. */
function readableLocation(location: string): string {
  const bytes = Buffer.from(location, "latin1");
  const text = bytes.toString("utf8");
  if (!text.includes("\ufffd")) return text;
  return location.replace(/[\u0080-\u00ff]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function removeDotSegments(path: string): string {
  const kept: string[] = [];
  const segments = path.split("/");
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    if (segment !== "." && segment !== "..") kept.push(segment);
    else {
      if (segment === ".." && kept.length > 1) kept.pop();
      if (isLast) kept.push("");
    }
  }
  return kept.join("/");
}

/** RFC 3986 §5.2: the reference resolved against the URL that answered with it, as text. */
function resolveReference(base: HttpTarget, reference: string): string {
  const [, prefix = "", path = "", rest = ""] = /^((?:https?:)?\/\/[^/?#]*)?([^?#]*)(.*)$/is.exec(reference) ?? [];
  const origin = `${base.scheme}://${base.authority}`;
  if (prefix !== "") {
    return `${prefix.startsWith("/") ? `${base.scheme}:` : ""}${prefix}${removeDotSegments(path)}${rest}`;
  }
  if (path.startsWith("/")) return `${origin}${removeDotSegments(path)}${rest}`;
  if (path !== "") return `${origin}${removeDotSegments(base.path.replace(/[^/]*$/, "") + path)}${rest}`;
  return `${origin}${base.path}${rest.startsWith("?") ? rest : base.query + rest}`;
}

/**
 * The target of a redirect, and its URL as text for the check against the allowed sources. Only http and https are ever followed:
 * the reference also follows a redirect into `local://` and `s3://`, which lets any allowed origin read files and buckets.
 * Throws `source_unreachable`.
 */
export function resolveRedirect(
  base: HttpTarget,
  location: string,
): { readonly url: string; readonly target: HttpTarget } {
  const scheme = schemeOf(location);
  if (scheme !== "" && !/^https?:\/\//i.test(location)) {
    throw new AppError("source_unreachable", `redirect to ${scheme}: refused, only http and https are followed`);
  }
  const url = resolveReference(base, location);
  return { url, target: parseHttpUrl(url) };
}
