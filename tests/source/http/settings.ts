import {
  createHttpSource,
  type HttpSourceConfig,
  type HttpSourceServices,
} from "../../../src/source/http/http-source.ts";
import type { Source, SourceRequest, SourceUrl } from "../../../src/source/types.ts";
import { noMetrics, silentLogger } from "../../../src/telemetry/types.ts";

/** The reference's defaults, but loopback is allowed: that is where the origins of the tests live. */
const HTTP_SETTINGS: HttpSourceConfig = {
  userAgent: "imgproxy/4.0.12",
  downloadTimeoutSeconds: 5,
  maxRedirects: 10,
  clientKeepAliveTimeoutSeconds: 90,
  ignoreSslVerification: false,
  allowLoopbackSourceAddresses: true,
  allowLinkLocalSourceAddresses: false,
  allowPrivateSourceAddresses: true,
  cookiePassthroughAll: false,
  httpProxy: "",
  httpsProxy: "",
  noProxy: "",
};

export function httpSource(config: Partial<HttpSourceConfig> = {}, services: Partial<HttpSourceServices> = {}): Source {
  return createHttpSource({ ...HTTP_SETTINGS, ...config }, { logger: silentLogger, metrics: noMetrics, ...services });
}

/** A request as `http/` would make it. */
export function sourceRequest(
  url: string,
  headers: Readonly<Record<string, string>> = {},
  signal?: AbortSignal,
): SourceRequest {
  return { url: url as SourceUrl, headers, signal: signal ?? new AbortController().signal };
}
