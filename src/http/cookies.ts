import type { SourceUrl } from "../source/types.ts";

export type CookieSettings = {
  readonly isPassedThrough: boolean;
  /** To every source, whatever its host; only together with `isPassedThrough`. */
  readonly isUnscoped: boolean;
  /** URL that the client's cookies are taken to belong to; empty = the host that was asked. */
  readonly baseUrl: string;
};

/**
 * The client's `Cookie` header, if it may go to this source: the source must be on the host that the cookies belong to
 * and below the directory of the base URL's path. Ports and schemes do not separate cookies (RFC 6265, section 8.5).
 */
export function sourceCookies(request: Headers, source: SourceUrl, settings: CookieSettings): string | undefined {
  const cookies = settings.isPassedThrough ? request.get("cookie") : null;
  if (cookies === null) return undefined;
  if (settings.isUnscoped) return cookies;
  const scope = parseUrl(settings.baseUrl || askedUrl(request));
  const target = parseUrl(source);
  if (scope === undefined || target === undefined || !/^https?:$/.test(target.protocol)) return undefined;
  return scope.hostname === target.hostname && isBelow(target.pathname, scope.pathname) ? cookies : undefined;
}

/** What the client has in its address bar, as far as proxies let us know. */
function askedUrl(request: Headers): string {
  const host = firstItem(request.get("x-forwarded-host")) || (request.get("host") ?? "");
  return `${firstItem(request.get("x-forwarded-proto")) || "http"}://${host}/`;
}

function firstItem(list: string | null): string {
  return list?.split(",", 1)[0]?.trim() ?? "";
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** The default path of a cookie is the directory of the URL that set it (RFC 6265, section 5.1.4). */
function isBelow(path: string, setBy: string): boolean {
  const directory = setBy.slice(0, setBy.lastIndexOf("/") + 1);
  return path.startsWith(directory) || `${path}/` === directory;
}
