import type { AwsCredentials } from "../credentials/aws-credentials.ts";
import { encodeComponent, encodeKey } from "../object-address.ts";
import { findRegion } from "../region/region-evidence.ts";
import type { Store } from "../store.ts";
import type { Target } from "./endpoint.ts";
import { type ExchangeRequest, type ExchangeResult, exchange } from "./exchange.ts";
import { serviceHeaders } from "./request-headers.ts";
import { signRequest } from "./sign.ts";

/** Where and as whom one request is made. */
export type Attempt = {
  readonly bucket: string;
  readonly region: string;
  /** Undefined = unsigned. */
  readonly credentials: AwsCredentials | undefined;
};

export type GetObject = Attempt & {
  readonly key: string;
  readonly version: string;
  readonly conditions: Readonly<Record<string, string>>;
  readonly wire: Omit<ExchangeRequest, "method" | "url" | "headers">;
};

const PROBE_TIMEOUT_MS = 3000;

/** Asks a store for an object. Throws `AppError` only for a bucket that has no endpoint. */
export async function getObject(store: Store, get: GetObject): Promise<ExchangeResult> {
  const target = store.targetOf(get.bucket, get.region);
  const path = `/${encodeKey(get.key)}`;
  const query = get.version === "" ? {} : { versionId: get.version };
  const headers = await headersFor(store, { method: "GET", target, path, query }, get);
  const search = get.version === "" ? "" : `?versionId=${encodeComponent(get.version)}`;
  const url = `${target.origin}${target.pathPrefix}${path}${search}`;
  return count(store, await exchange({ ...get.wire, method: "GET", url, headers }, store.parts.transport));
}

/**
 * Asks for a bucket's region with a `HEAD`, whose answer names it even when it is a refusal. Has its own time limit, since many
 * requests may wait for it. Undefined when nothing can be learned.
 */
export async function probeRegion(store: Store, attempt: Attempt): Promise<string | undefined> {
  store.parts.metrics.regionProbes.add(1);
  const target = store.targetOf(attempt.bucket, attempt.region);
  const path = target.pathPrefix === "" ? "/" : "";
  const headers = await headersFor(store, { method: "HEAD", target, path, query: {} }, { ...attempt, conditions: {} });
  const url = `${target.origin}${target.pathPrefix}${path}`;
  const wire = { attempt: new AbortController(), headerTimeoutMs: PROBE_TIMEOUT_MS, isFresh: false };
  const result = count(store, await exchange({ ...wire, method: "HEAD", url, headers }, store.parts.transport));
  if (result.kind !== "answer") return undefined;
  await result.response.body?.cancel();
  const { status } = result.response;
  return findRegion({ status, headers: result.response.headers, document: EMPTY_DOCUMENT })?.region;
}

const EMPTY_DOCUMENT = { code: "", message: "", region: "", endpoint: "", storageClass: "" };

type Wanted = {
  readonly method: "GET" | "HEAD";
  readonly target: Target;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
};

function headersFor(
  store: Store,
  wanted: Wanted,
  { credentials, conditions }: Pick<GetObject, "credentials" | "conditions">,
): Record<string, string> | Promise<Record<string, string>> {
  const headers = { ...conditions, ...serviceHeaders(store.parts.settings, wanted.method) };
  if (credentials === undefined) return headers;
  return signRequest({ ...wanted, headers }, { credentials, signers: store.signers }, store.now());
}

function count(store: Store, result: ExchangeResult): ExchangeResult {
  const status = result.kind === "answer" ? String(result.response.status) : "0";
  store.parts.metrics.requests.add(1, { status });
  return result;
}
