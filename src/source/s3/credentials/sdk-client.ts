import { FetchHttpHandler } from "@smithy/fetch-http-handler";
import type { TlsOptions } from "../wire/exchange.ts";

/** What the SDK's clients for STS need of us. */
export type SdkClientOptions = { readonly region: string; readonly tls: TlsOptions | undefined };

const REQUEST_TIMEOUT_MS = 4000;

/**
 * Configuration for an SDK client whose requests go over `fetch`, so that the proxy variables and our TLS settings hold for it as
 * for S3; the SDK's own Node handler ignores both.
 */
export function sdkClientConfig({ region, tls }: SdkClientOptions) {
  const withTls = tls === undefined ? {} : { tls };
  return {
    region,
    maxAttempts: 2,
    requestHandler: new FetchHttpHandler({
      requestTimeout: REQUEST_TIMEOUT_MS,
      customFetch: Object.assign(
        (input: RequestInfo | URL, init?: RequestInit) => fetch(input, { ...init, redirect: "manual", ...withTls }),
        { preconnect: fetch.preconnect },
      ),
    }),
  };
}
