import { isIP } from "node:net";

/** Suffixes of names that only exist inside a network, where plain http is usual. */
const INNER_SUFFIXES = [".local", ".localhost", ".internal", ".lan", ".home", ".svc", ".cluster.local", ".test"];

/** The base URL of an endpoint setting; without a scheme it is `http://`, as in the reference. */
export function baseUrl(endpoint: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(endpoint) ? endpoint : `http://${endpoint}`;
}

/**
 * A warning for an endpoint that was written without a scheme though its host looks public, where plain http is hardly meant;
 * undefined when there is nothing to say.
 */
export function missingSchemeWarning(endpoint: string): string | undefined {
  const url = baseUrl(endpoint);
  if (endpoint === "" || url === endpoint || !URL.canParse(url)) return undefined;
  const { hostname } = new URL(url);
  const isInner = !hostname.includes(".") || INNER_SUFFIXES.some((suffix) => hostname.endsWith(suffix));
  if (isInner || isIP(hostname.replace(/^\[|\]$/g, "")) !== 0) return undefined;
  return `the S3 endpoint ${endpoint} has no scheme and is used over http; write https://${endpoint} if it speaks TLS`;
}
