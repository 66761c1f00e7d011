import { int, seconds } from "../types/number-types.ts";
import { bool, dateTime, lenientBool, text, webUrl } from "../types/text-types.ts";
import { optional, variable } from "../variable.ts";

/** Caching, validators and other headers of answers. */
export const HEADER_VARIABLES = {
  ttlSeconds: variable("IMGPROXY_TTL", int({ min: 0 }), 31_536_000, {
    doc: "`max-age` of answers, in seconds, and the most that the `expires` option can give; 0 sends `no-cache`.",
  }),
  servicePagesTtlSeconds: optional("IMGPROXY_SERVICE_PAGES_TTL", seconds({ min: 0 }), {
    doc: "Seconds that the landing page and answers to HEAD and OPTIONS may be cached; 0 sends `no-cache`.",
    defaultText: "as IMGPROXY_TTL",
  }),
  cacheControlPassthrough: variable("IMGPROXY_CACHE_CONTROL_PASSTHROUGH", bool, false, {
    doc: "Take Cache-Control, or else Expires, from the source's answer.",
  }),
  setCanonicalHeader: variable("IMGPROXY_SET_CANONICAL_HEADER", bool, false, {
    doc: 'Send `Link: <SOURCE>; rel="canonical"` for http and https sources.',
  }),
  useEtag: variable("IMGPROXY_USE_ETAG", bool, true, { doc: "Pass ETag and If-None-Match." }),
  etagBuster: variable("IMGPROXY_ETAG_BUSTER", text, "", {
    doc: "Becomes part of every ETag; change it to make all old ones miss.",
  }),
  useLastModified: variable("IMGPROXY_USE_LAST_MODIFIED", bool, true, {
    doc: "Pass Last-Modified and If-Modified-Since.",
  }),
  lastModifiedBuster: optional("IMGPROXY_LAST_MODIFIED_BUSTER", dateTime, {
    doc: "No Last-Modified is earlier than this time; move it forward to make old ones miss.",
  }),
  returnAttachment: variable("IMGPROXY_RETURN_ATTACHMENT", lenientBool, false, {
    doc: "Default of the `return_attachment` option.",
  }),
  enableDebugHeaders: variable("IMGPROXY_ENABLE_DEBUG_HEADERS", bool, false, {
    doc: "Send sizes of source and result as X-Origin-… and X-Result-… headers.",
  }),
};

/** The client's cookies. */
export const COOKIE_VARIABLES = {
  cookiePassthrough: variable("IMGPROXY_COOKIE_PASSTHROUGH", bool, false, {
    doc: "Send the client's cookies along to sources in their scope.",
  }),
  cookiePassthroughAll: variable("IMGPROXY_COOKIE_PASSTHROUGH_ALL", bool, false, {
    doc: "With IMGPROXY_COOKIE_PASSTHROUGH: send cookies to every source.",
  }),
  cookieBaseUrl: variable("IMGPROXY_COOKIE_BASE_URL", webUrl, "", {
    doc: "URL that the client's cookies are taken to belong to; blank = the host that was asked.",
  }),
};
