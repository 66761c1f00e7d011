import type { FetchHttpHandler } from "@smithy/fetch-http-handler";
import type { TlsOptions } from "../wire/exchange.ts";

/** What the SDK's clients for STS need of us. */
export type SdkClientOptions = {
  readonly region: string;
  /** Undefined = that of AWS in the region. */
  readonly endpoint: string | undefined;
  readonly tls: TlsOptions | undefined;
};

const REQUEST_TIMEOUT_MS = 4000;

/** Configuration for an SDK client. */
export async function sdkClientConfig({ region, endpoint, tls }: SdkClientOptions) {
  return {
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    maxAttempts: 2,
    requestHandler: await sdkRequestHandler(tls),
  };
}

/**
 * Sends the requests of an SDK client over `fetch`, so that the proxy variables and our TLS settings hold for it as for S3; the
 * SDK's own Node handler ignores both.
 */
export async function sdkRequestHandler(tls: TlsOptions | undefined): Promise<FetchHttpHandler> {
  const { FetchHttpHandler } = await import("@smithy/fetch-http-handler");
  const withTls = tls === undefined ? {} : { tls };
  return new FetchHttpHandler({
    requestTimeout: REQUEST_TIMEOUT_MS,
    customFetch: Object.assign(
      (input: RequestInfo | URL, init?: RequestInit) => fetch(input, { ...init, redirect: "manual", ...withTls }),
      { preconnect: fetch.preconnect },
    ),
  });
}
