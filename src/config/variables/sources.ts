import { directory } from "../types/file-types.ts";
import { int, seconds } from "../types/number-types.ts";
import { bool, text } from "../types/text-types.ts";
import { variable } from "../variable.ts";

/** Fetching sources over HTTP and from disk. */
export const DOWNLOAD_VARIABLES = {
  downloadTimeoutSeconds: variable("IMGPROXY_DOWNLOAD_TIMEOUT", seconds({ min: 1 }), 5, {
    doc: "Limit for fetching one source, redirects and retries included.",
  }),
  maxRedirects: variable("IMGPROXY_MAX_REDIRECTS", int({ min: 0 }), 10, { doc: "Most redirects followed." }),
  userAgent: variable("IMGPROXY_USER_AGENT", text, "imgproxy/%current_version", {
    doc: "User-Agent of source requests; `%current_version` becomes the version.",
  }),
  clientKeepAliveTimeoutSeconds: variable("IMGPROXY_CLIENT_KEEP_ALIVE_TIMEOUT", seconds({ min: 0 }), 90, {
    doc: "How long an idle connection to a source is kept; 0 = not at all.",
  }),
  ignoreSslVerification: variable("IMGPROXY_IGNORE_SSL_VERIFICATION", bool, false, {
    doc: "Accept any TLS certificate of sources. Not for production.",
  }),
  allowLoopbackSourceAddresses: variable("IMGPROXY_ALLOW_LOOPBACK_SOURCE_ADDRESSES", bool, false, {
    doc: "Allow sources on loopback and unspecified addresses.",
  }),
  allowLinkLocalSourceAddresses: variable("IMGPROXY_ALLOW_LINK_LOCAL_SOURCE_ADDRESSES", bool, false, {
    doc: "Allow sources on link-local addresses.",
  }),
  allowPrivateSourceAddresses: variable("IMGPROXY_ALLOW_PRIVATE_SOURCE_ADDRESSES", bool, true, {
    doc: "Allow sources on private addresses.",
  }),
  localFilesystemRoot: variable("IMGPROXY_LOCAL_FILESYSTEM_ROOT", directory, "", {
    doc: "Directory served as `local:///…`; blank turns local sources off.",
  }),
  httpProxy: variable("HTTP_PROXY", text, "", {
    doc: "Proxy for http sources.",
    alternates: ["http_proxy"],
  }),
  httpsProxy: variable("HTTPS_PROXY", text, "", {
    doc: "Proxy for https sources.",
    alternates: ["https_proxy"],
  }),
  noProxy: variable("NO_PROXY", text, "", {
    doc: "Hosts that are reached without a proxy.",
    alternates: ["no_proxy"],
  }),
};
