import { compileWildcard, matchesSegment, matchPrefix, type Wildcard } from "./wildcard.ts";

/**
 * IMGPROXY_ALLOWED_SOURCES: prefixes of URLs with `*` for anything but a slash. As in the reference they are literal and
 * match case-sensitively, with two differences that close holes and that docs/differences.md explains: a prefix that ends
 * within the host must meet the end of the host, and dot segments of `local://` are resolved before a second look.
 */
export type AllowedSource = {
  readonly whole: Wildcard;
  /** The authority (`host:port`) of a pattern with `://`, apart because text that follows a host is not part of it. */
  readonly authority: Authority | undefined;
};

type Authority = {
  readonly pattern: readonly string[];
  /** The pattern behind its user information. */
  readonly host: readonly string[];
  /** Whether the pattern ends here, so that everything behind the host is allowed. */
  readonly isLast: boolean;
};

/** `scheme:`, nothing, authority: where `split("/")` puts the authority of `scheme://authority/path`. */
const AUTHORITY_SEGMENT = 2;

export function compileAllowedSource(pattern: string): AllowedSource {
  const segments = pattern.split("/");
  const text = segments[AUTHORITY_SEGMENT];
  const hasAuthority = segments[0]?.endsWith(":") === true && segments[1] === "" && text !== undefined && text !== "";
  return {
    whole: compileWildcard(pattern),
    authority: hasAuthority
      ? {
          pattern: text.split("*"),
          host: text.slice(text.lastIndexOf("@") + 1).split("*"),
          isLast: segments.length === AUTHORITY_SEGMENT + 1,
        }
      : undefined,
  };
}

/** Whether a final source URL begins as one of the allowed sources says. */
export function isAllowedSource(url: string, allowed: readonly AllowedSource[], querySeparator: string): boolean {
  if (!matchesAny(url, allowed)) return false;
  const resolved = resolveLocal(url, querySeparator);
  return resolved === url || matchesAny(resolved, allowed);
}

function matchesAny(url: string, allowed: readonly AllowedSource[]): boolean {
  return allowed.some(
    ({ whole, authority }) =>
      matchPrefix(whole, url) !== undefined && (authority === undefined || matchesAuthority(url, authority)),
  );
}

/**
 * Looks at the authority by itself: `http://good.com` must not admit `http://good.com.evil`, nor `http://*.good.com/` the
 * URL `http://evil.com?.good.com/`, whose host is another one. A port may follow where the pattern ends with the host.
 */
function matchesAuthority(url: string, { pattern, host, isLast }: Authority): boolean {
  const start = url.indexOf("://") + "://".length;
  const end = endOfAuthority(url, start);
  const next = url[end];
  if (next === "\\" || (!isLast && next !== "/")) return false;
  const text = url.slice(start, end);
  const at = text.lastIndexOf("@") + 1;
  const matches = (candidate: string, hostCandidate: string) =>
    matchesSegment(pattern, candidate) && matchesSegment(host, hostCandidate);
  if (matches(text, text.slice(at))) return true;
  const withoutPort = text.replace(/:\d{1,5}$/, "");
  return isLast && withoutPort !== text && matches(withoutPort, withoutPort.slice(at));
}

function endOfAuthority(url: string, start: number): number {
  for (let index = start; index < url.length; index += 1) {
    if ("/?#\\".includes(url.charAt(index))) return index;
  }
  return url.length;
}

const LOCAL = /^local:(?:\/\/[^/]*)?/i;

/** A `local://` URL as the file system will see it: without dot segments, confined to the root, doubled slashes as one. */
function resolveLocal(url: string, querySeparator: string): string {
  const prefix = LOCAL.exec(url)?.[0];
  if (prefix === undefined) return url;
  const cut = querySeparator === "" ? -1 : url.indexOf(querySeparator, prefix.length);
  const path = url.slice(prefix.length, cut < 0 ? undefined : cut);
  const segments = path.split("/");
  if (!segments.some((segment) => segment === "." || segment === "..")) return url;
  const resolved: string[] = [];
  for (const segment of segments) {
    if (segment === "..") resolved.pop();
    else if (segment !== "." && segment !== "") resolved.push(segment);
  }
  return `${prefix}/${resolved.join("/")}${cut < 0 ? "" : url.slice(cut)}`;
}
