/**
 * The target of a request that reached the app without our listener, cut out of its URL: everything behind the authority.
 *
 * The listener (`listener.ts`) knows the target as it was sent, which is what was signed. A bare `Request` only has a URL
 * that was parsed and printed again; docs/url.md lists which targets come out of that changed.
 */
export function rawTarget({ url }: Pick<Request, "url">): string {
  const authority = url.indexOf("://") + "://".length;
  // Without a usable Host header Bun gives the target alone; it then begins with a slash.
  if (authority < "://".length || url.startsWith("/")) return url;
  const path = url.indexOf("/", authority);
  return path < 0 ? "/" : url.slice(path);
}
