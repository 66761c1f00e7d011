import { requireWellFormed } from "../url/target.ts";

/** What a request asks for. */
export type Route =
  /** HEAD and OPTIONS, answered without looking at anything. */
  | "probe"
  | "landing"
  | "health"
  /** The playground's page and whatever it asks for, GET or POST. */
  | "playground"
  /** Files browsers and robots ask for by themselves: not found, and not worth a log line. */
  | "unlogged"
  | "image"
  | "unrouted"
  /** A target that is no URL path. */
  | "malformed";

export type RouteSettings = {
  /** Taken literally: it should begin with a slash and not end with one. Empty = none. */
  readonly pathPrefix: string;
  /** A second path for the health check; empty = none. */
  readonly healthCheckPath: string;
  readonly hasPlayground?: boolean;
};

/** Tells the route of a method and a raw request target. */
export type Router = (method: string, target: string) => Route;

/**
 * Builds the router. Paths are compared percent-decoded (`/%68ealth` is the health check), the image path itself stays
 * raw because it is what was signed. Only GET, HEAD and OPTIONS have routes, and POST below the playground; the query takes no
 * part.
 */
export function compileRoutes({ pathPrefix, healthCheckPath, hasPlayground = false }: RouteSettings): Router {
  const exact = new Map<string, Route>([
    [pathPrefix, "landing"],
    [`${pathPrefix}/`, "landing"],
    [`${pathPrefix}/health`, "health"],
    ...(healthCheckPath === "" ? [] : ([[pathPrefix + healthCheckPath, "health"]] as const)),
    [`${pathPrefix}/favicon.ico`, "unlogged"],
  ]);
  const wellKnown = `${pathPrefix}/.well-known/`;
  const playground = `${pathPrefix}/playground`;
  return (method, target) => {
    if (isMalformed(target)) return "malformed";
    const decoded = routePath(target);
    if (decoded !== pathPrefix && !decoded.startsWith(`${pathPrefix}/`)) return "unrouted";
    if (hasPlayground && (decoded === playground || decoded.startsWith(`${playground}/`))) {
      return method === "POST" ? "playground" : byMethod(method, "playground");
    }
    return byMethod(method, exact.get(decoded) ?? (decoded.startsWith(wellKnown) ? "unlogged" : "image"));
  };
}

/** The path that a route is told by: without the query, percent-decoded where it is UTF-8. */
export function routePath(target: string): string {
  const path = pathOf(target);
  return path.includes("%") ? decodeEscapes(path) : path;
}

/** Without the query and, for the absolute form that proxies may send, without scheme and host. */
function pathOf(target: string): string {
  const path = target.split("?", 1)[0] ?? "";
  return path.startsWith("/") ? path : path.replace(/^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/]*/, "");
}

function byMethod(method: string, route: Route): Route {
  if (method === "GET") return route;
  return method === "HEAD" || method === "OPTIONS" ? "probe" : "unrouted";
}

function isMalformed(target: string): boolean {
  try {
    requireWellFormed(target);
    return false;
  } catch {
    return true; // It throws for nothing else.
  }
}

function decodeEscapes(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // Not UTF-8: no exact route is spelled that way.
  }
}
