import { hash } from "node:crypto";
import { AppError, messageOf } from "../../errors.ts";
import { readBody } from "../read-body.ts";
import { type Refusal, readRefusal } from "./answer/error-document.ts";
import { systemClock } from "./clock.ts";
import type { AwsCredentials } from "./credentials/aws-credentials.ts";
import { encodeKey } from "./object-address.ts";
import { findRegion, isWrongRegion } from "./region/region-evidence.ts";
import type { S3Services } from "./s3-source.ts";
import { tlsOptions } from "./settings/aws-settings.ts";
import type { S3Config } from "./settings/s3-config.ts";
import type { Store } from "./store.ts";
import { buildStoreTable } from "./store-table.ts";
import { signRequest } from "./wire/sign.ts";

/** A bucket of our own: objects are read, written and removed by key. Every method throws `AppError` when the store refuses. */
export interface ObjectBucket {
  /** Undefined when there is no such object. Throws for an object larger than `maxBytes`. */
  get(key: string, maxBytes: number, signal: AbortSignal): Promise<Uint8Array | undefined>;
  put(key: string, bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  /** It is no error when there is no such object. */
  remove(key: string, signal: AbortSignal): Promise<void>;
  /** Ends the renewal of credentials in the background. */
  close(): Promise<void>;
}

type Call = {
  readonly method: "GET" | "PUT" | "DELETE";
  readonly key: string;
  readonly body?: Uint8Array;
  readonly signal: AbortSignal;
};

/** One request, and one more for each thing that a refusal can teach: region, keys, clock. */
const MAX_TRIES = 4;
/** Codes by which S3 refuses keys that were good a while ago. */
const STALE_KEY_CODES: readonly string[] = [
  "ExpiredToken",
  "InvalidToken",
  "TokenRefreshRequired",
  "InvalidAccessKeyId",
];

/**
 * Opens a bucket with the credentials of the environment, as S3 sources do. Nothing is connected to yet. A failed request is not
 * repeated: whoever keeps things here can do without. Throws `config` for settings that cannot be meant.
 */
export async function openObjectBucket(bucket: string, config: S3Config, services: S3Services): Promise<ObjectBucket> {
  const { logger, metrics, env, clock = systemClock } = services;
  const tls = tlsOptions(env, config.ignoreSslVerification);
  const table = await buildStoreTable({ config, env, tls, clock, logger, metrics });
  const store = table.storeFor(bucket);
  return {
    async get(key, maxBytes, signal) {
      const response = await call(store, bucket, { method: "GET", key, signal });
      if (response === undefined) return undefined;
      return await readBody(response, { maxBytes, signal });
    },
    async put(key, body, signal) {
      const response = await call(store, bucket, { method: "PUT", key, body, signal });
      await response?.body?.cancel();
    },
    async remove(key, signal) {
      const response = await call(store, bucket, { method: "DELETE", key, signal });
      await response?.body?.cancel();
    },
    close: async () => table.close(),
  };
}

/** The good answer; undefined when there is no such object. */
async function call(store: Store, bucket: string, asked: Call): Promise<Response | undefined> {
  let region = store.regions.regionOf(bucket);
  for (let tries = 1; ; tries++) {
    const credentials = await store.parts.credentials?.get();
    const response = await send(store, { bucket, region, credentials }, asked);
    if (response.ok) {
      store.regions.learn(bucket, region);
      return response;
    }
    const refusal = await readRefusal(response);
    if (refusal.status === 404 && asked.method !== "PUT" && refusal.document.code !== "NoSuchBucket") return undefined;
    const better = isWrongRegion(refusal, region) ? findRegion(refusal)?.region : undefined;
    const isWorthAnotherTry =
      better !== undefined || (await renewKeys(store, refusal, credentials)) || setClock(store, refusal);
    if (tries === MAX_TRIES || !isWorthAnotherTry) throw refused(bucket, region, refusal);
    region = better ?? region;
  }
}

type Attempt = {
  readonly bucket: string;
  readonly region: string;
  readonly credentials: AwsCredentials | undefined;
};

async function send(store: Store, { bucket, region, credentials }: Attempt, asked: Call): Promise<Response> {
  const { method, key, body, signal } = asked;
  const { transport, settings } = store.parts;
  const target = store.targetOf(bucket, region);
  const path = `/${encodeKey(key)}`;
  const plain: Record<string, string> = body === undefined ? {} : { "content-type": "application/octet-stream" };
  const bodyHash = body === undefined ? {} : { bodyHash: hash("sha256", body, "hex") };
  const headers =
    credentials === undefined
      ? plain
      : await signRequest(
          { method, target, path, query: {}, headers: plain, ...bodyHash },
          { credentials, signers: store.signers },
          store.now(),
        );
  try {
    return await fetch(`${target.origin}${target.pathPrefix}${path}`, {
      method,
      headers: { ...headers, "accept-encoding": "identity", "user-agent": transport.userAgent },
      // The signature must not travel to a host out of an answer.
      redirect: "manual",
      decompress: false,
      keepalive: transport.keepsAlive,
      signal,
      // Results are plain memory; TypeScript cannot know that none is shared.
      ...(body === undefined ? {} : { body: body as Uint8Array<ArrayBuffer> }),
      ...(transport.tls === undefined ? {} : { tls: transport.tls }),
    });
  } catch (error) {
    const reason = messageOf(error);
    const where = settings.addressing.endpoint ?? "AWS";
    throw new AppError("source_unreachable", `bucket ${bucket} at ${where}: ${reason}`, { cause: error });
  }
}

async function renewKeys(store: Store, { document }: Refusal, used: AwsCredentials | undefined): Promise<boolean> {
  const { credentials } = store.parts;
  if (used === undefined || credentials === undefined || !STALE_KEY_CODES.includes(document.code)) return false;
  return await credentials.renewAfterRefusal(used);
}

function setClock(store: Store, { document, headers }: Refusal): boolean {
  const storeTime = Date.parse(headers.get("date") ?? "");
  if (document.code !== "RequestTimeTooSkewed" || Number.isNaN(storeTime)) return false;
  const { skew, clock } = store.parts;
  skew.offsetMs = storeTime - clock.now();
  return true;
}

function refused(bucket: string, region: string, { status, document }: Refusal): AppError {
  const said = [document.code, document.message].filter((part) => part !== "").join(": ");
  return new AppError("source_unreachable", `bucket ${bucket} in ${region}: status ${status}${said && `; ${said}`}`, {
    hint: "Reading, writing and removing need s3:GetObject, s3:PutObject, s3:DeleteObject, and s3:ListBucket to tell what is missing from what is forbidden.",
  });
}
