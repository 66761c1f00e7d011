import { FetchHttpHandler } from "@smithy/fetch-http-handler";
import type { Variables } from "../environment.ts";
import { STORE_TIMEOUT_MS } from "./store-timeout.ts";

/** The reference's. */
const FALLBACK_REGION = "us-west-1";

/**
 * Settings of a client for a store: the region that was asked for, else the environment's; the keys that are set. Everything else,
 * other credentials and endpoints included, the SDK finds in the usual places itself.
 */
export function awsClientSettings(askedRegion: string | undefined, variables: Variables) {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = variables;
  const keys = { accessKeyId: id ?? "", secretAccessKey: secret ?? "", ...(token ? { sessionToken: token } : {}) };
  return {
    region: askedRegion?.trim() || variables["AWS_REGION"] || variables["AWS_DEFAULT_REGION"] || FALLBACK_REGION,
    maxAttempts: 3,
    // The SDK's own handler knows no proxies.
    requestHandler: new FetchHttpHandler({ requestTimeout: STORE_TIMEOUT_MS }),
    ...(id && secret ? { credentials: keys } : {}),
  };
}
