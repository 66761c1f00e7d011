import type { HttpTarget } from "./http-target.ts";

type Cookie = {
  readonly name: string;
  readonly value: string;
  /** Lower-case host that set it, or its `Domain`. */
  readonly domain: string;
  readonly isHostOnly: boolean;
  readonly path: string;
  readonly isSecure: boolean;
};

/** More than an honest redirect chain sets; further cookies are dropped. */
const MAX_COOKIES = 50;

/** Cookies that redirecting sources set, kept for the one download they belong to. */
export type CookieJar = {
  /** Takes the `Set-Cookie` values of an answer. */
  store(target: HttpTarget, setCookies: readonly string[]): void;
  /** The pairs that go to a target, joined as a `Cookie` header wants them; empty when there are none. */
  header(target: HttpTarget): string;
};

function isWithinDomain(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}

function isWithinPath(path: string, scope: string): boolean {
  return path === scope || path.startsWith(scope.endsWith("/") ? scope : `${scope}/`);
}

/** RFC 6265 §5.1.4: the folder of the path that set it. */
function defaultPath(path: string): string {
  return path.replace(/\/[^/]*$/, "") || "/";
}

function isExpired(attributes: ReadonlyMap<string, string>): boolean {
  const maxAge = attributes.get("max-age");
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return Number(maxAge) <= 0;
  const expires = Date.parse(attributes.get("expires") ?? "");
  return !Number.isNaN(expires) && expires <= Date.now();
}

function splitPair(text: string): [name: string, value: string] {
  const equals = text.indexOf("=");
  return equals === -1 ? [text.trim(), ""] : [text.slice(0, equals).trim(), text.slice(equals + 1).trim()];
}

/** Undefined when the cookie is malformed or meant for a host that the answer did not come from. */
function parseSetCookie(target: HttpTarget, line: string): { cookie: Cookie; isDeletion: boolean } | undefined {
  const [pair = "", ...rest] = line.split(";");
  const [name, value] = splitPair(pair);
  if (name === "" || !pair.includes("=")) return undefined;
  const attributes = new Map(
    rest.map((attribute) => {
      const [key, text] = splitPair(attribute);
      return [key.toLowerCase(), text];
    }),
  );
  const host = target.hostname.toLowerCase();
  const domain = (attributes.get("domain") ?? "").replace(/^\./, "").toLowerCase();
  // A domain without a dot is a whole top level: only the host itself may then have the cookie.
  const isHostOnly = domain === "" || !domain.includes(".") || domain === host;
  if (!isHostOnly && !isWithinDomain(host, domain)) return undefined;
  const path = attributes.get("path") ?? "";
  const cookie: Cookie = {
    name,
    value,
    domain: isHostOnly ? host : domain,
    isHostOnly,
    path: path.startsWith("/") ? path : defaultPath(target.path),
    isSecure: attributes.has("secure"),
  };
  return { cookie, isDeletion: isExpired(attributes) };
}

function isSame(a: Cookie, b: Cookie): boolean {
  return a.name === b.name && a.domain === b.domain && a.path === b.path;
}

/** An empty jar for one download. */
export function createCookieJar(): CookieJar {
  let cookies: readonly Cookie[] = [];
  return {
    store(target, setCookies) {
      for (const line of setCookies) {
        const parsed = parseSetCookie(target, line);
        if (parsed === undefined) continue;
        const others = cookies.filter((cookie) => !isSame(cookie, parsed.cookie));
        cookies = parsed.isDeletion || others.length >= MAX_COOKIES ? others : [...others, parsed.cookie];
      }
    },
    header(target) {
      const host = target.hostname.toLowerCase();
      return cookies
        .filter(({ domain, isHostOnly }) => (isHostOnly ? host === domain : isWithinDomain(host, domain)))
        .filter(({ path, isSecure }) => isWithinPath(target.path, path) && (!isSecure || target.scheme === "https"))
        .map(({ name, value }) => `${name}=${value}`)
        .join("; ");
    },
  };
}
