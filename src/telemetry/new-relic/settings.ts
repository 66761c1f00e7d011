import { hostname } from "node:os";
import { type Resource, resourceFromAttributes } from "@opentelemetry/resources";
import type { Config } from "../../config/config.ts";
import type { OtlpSettings, Signal } from "../otlp/settings.ts";

export type NewRelicConfig = Pick<
  Config,
  "newRelicKey" | "newRelicAppName" | "newRelicLabels" | "newRelicPropagateExternal" | "newRelicEndpoint"
>;

const TIMEOUT_MS = 10_000;

/**
 * New Relic takes OpenTelemetry's protocol, with the licence key as a header; the key tells the region it belongs to.
 * Source: docs.newrelic.com, "New Relic OTLP endpoint".
 */
export function newRelicSettings({ newRelicKey, newRelicEndpoint }: NewRelicConfig, signal: Signal): OtlpSettings {
  const region = /^([a-z]{2,3}\d\d)x/.exec(newRelicKey)?.[1];
  const base = newRelicEndpoint || `https://otlp.${region === undefined ? "" : `${region}.`}nr-data.net`;
  return {
    protocol: "http",
    url: `${base.replace(/\/$/, "")}/v1/${signal}`,
    timeoutMs: TIMEOUT_MS,
    headers: { "api-key": newRelicKey },
    tls: undefined,
  };
}

/** The application that New Relic shows, with its labels. */
export function newRelicResource({ newRelicAppName, newRelicLabels }: NewRelicConfig, version: string): Resource {
  return resourceFromAttributes({
    ...Object.fromEntries(newRelicLabels),
    "service.name": newRelicAppName,
    "service.version": version,
    "host.name": hostname(),
  });
}
