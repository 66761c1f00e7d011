import { AppError } from "../../errors.ts";
import type { SourceResponse } from "../types.ts";
import { connectionError, connectionErrorCode, isLastingConnectionError } from "./answer/connection-error.ts";
import { type Refusal, readRefusal } from "./answer/error-document.ts";
import { refusalError } from "./answer/refusal-error.ts";
import { pauseBefore, retryReason } from "./answer/retry.ts";
import type { AwsCredentials } from "./credentials/aws-credentials.ts";
import type { KeyUnwrapper } from "./decrypt/unwrap-key.ts";
import { type ObjectAddress, printAddress } from "./object-address.ts";
import { findRegion, isWrongRegion } from "./region/region-evidence.ts";
import type { Store } from "./store.ts";
import { type BodyOptions, openBody } from "./wire/body.ts";
import type { ChecksumVerifier } from "./wire/checksum.ts";
import type { Deadline } from "./wire/deadline.ts";
import type { ExchangeResult } from "./wire/exchange.ts";
import { conditionHeaders, handedOnHeaders } from "./wire/request-headers.ts";
import { getObject, probeRegion } from "./wire/requests.ts";

export type DownloadJob = {
  /** As written in the URL. */
  readonly address: ObjectAddress;
  /** The bucket, alias or ARN to ask for. */
  readonly bucket: string;
  /** The asker's headers. */
  readonly headers: Readonly<Record<string, string>>;
  /** Disposed by whoever is last: the body, or the one who catches the error. */
  readonly deadline: Deadline;
};

const MAX_HOPS = 2;
/** Longest wait for headers while another try is left, since a pooled connection can be dead without a sign of it; … */
const HEADER_TIMEOUT_MS = 3000;
/** … and the part of the whole time it may take, so that the other try has a chance. */
const HEADER_TIMEOUT_PART = 0.6;
/** Codes by which S3 refuses keys that were good a while ago. */
const STALE_KEY_CODES = new Set(["ExpiredToken", "InvalidToken", "TokenRefreshRequired", "InvalidAccessKeyId"]);

/** The life of one download: tries, detours to other regions, fresh keys, until there is an object or a reason why not. */
export class Download {
  readonly #store: Store;
  readonly #job: DownloadJob;
  #region: string;
  #tries = 0;
  #hops = 0;
  /** Where the region in use was read, while no answer has confirmed it. */
  #evidence: string | undefined;
  #needsFreshConnection = false;
  #hasRenewedKeys = false;
  #hasSetClock = false;
  #headersMs = 0;

  constructor(store: Store, job: DownloadJob) {
    this.#store = store;
    this.#job = job;
    this.#region = store.regions.regionOf(job.bucket);
  }

  /** Tries until there is an answer for the asker. Throws `AppError`. */
  async run(): Promise<SourceResponse> {
    for (;;) {
      const found = this.#store.parts.credentials?.get();
      const credentials = found instanceof Promise ? await this.#job.deadline.race(found) : found;
      const result = await this.#send(credentials);
      if (this.#job.deadline.hasFired) throw this.#job.deadline.error;
      if (result.kind !== "answer") {
        await this.#afterSilence(result);
        continue;
      }
      this.#headersMs = result.headersMs;
      const { response } = result;
      if (response.ok || response.status === 304) return await this.#accept(response);
      const refusal = await this.#job.deadline.race(readRefusal(response));
      await this.#afterRefusal(refusal, credentials);
    }
  }

  #send(credentials: AwsCredentials | undefined): Promise<ExchangeResult> {
    this.#tries++;
    const { address, bucket, headers, deadline } = this.#job;
    const { maxTries, downloadTimeoutMs } = this.#store.parts.settings;
    const patienceMs = Math.min(HEADER_TIMEOUT_MS, downloadTimeoutMs * HEADER_TIMEOUT_PART);
    const headerTimeoutMs = this.#tries < maxTries ? patienceMs : deadline.remainingMs;
    const isFresh = this.#needsFreshConnection;
    this.#needsFreshConnection = false;
    return getObject(this.#store, {
      bucket,
      region: this.#region,
      credentials,
      key: address.key,
      version: address.version,
      // A part of an encrypted object cannot be decrypted; the whole is a fitting answer to a range, too.
      conditions: conditionHeaders(this.#store.parts.unwrapKey === undefined ? headers : { ...headers, range: "" }),
      wire: { attempt: deadline.newAttempt(), headerTimeoutMs, isFresh },
    });
  }

  async #accept(response: Response): Promise<SourceResponse> {
    this.#confirmRegion();
    const { address, deadline } = this.#job;
    const name = printAddress(address);
    if (response.status === 204) throw new AppError("invalid_image", `source image ${name} is empty: status 204`);
    const isVerified = this.#store.parts.settings.verifiesChecksums && response.status === 200;
    const verifier = isVerified ? await verifierFor(response) : undefined;
    const headers = handedOnHeaders(response.headers);
    const options = { deadline, verifier, address: name };
    const { unwrapKey } = this.#store.parts;
    if (unwrapKey === undefined || response.status !== 200) {
      return { status: response.status, headers, body: await openBody(response, options) };
    }
    const body = await this.#decrypt(response, options, unwrapKey);
    headers.set("content-length", String(body.length));
    return { status: 200, headers, body };
  }

  async #decrypt(response: Response, options: BodyOptions, unwrapKey: KeyUnwrapper): Promise<Uint8Array> {
    const { decryptObject } = await import("./decrypt/decrypt-object.ts");
    const { maxDecryptedBytes: maxBytes } = this.#store.parts.settings;
    return await decryptObject(response, {
      ...options,
      maxBytes,
      unwrap: (envelope) => unwrapKey(envelope, this.#region),
    });
  }

  /** No answer came. Returns when another try is due. */
  async #afterSilence(result: Exclude<ExchangeResult, { kind: "answer" }>): Promise<void> {
    const name = printAddress(this.#job.address);
    if (result.kind === "no-headers") {
      this.#needsFreshConnection = true;
      const error = new AppError("source_timeout", `can't download source image: the store does not answer (${name})`);
      return await this.#again("timeout", 0, () => error);
    }
    const code = connectionErrorCode(result.error);
    const error = connectionError(name, result.error);
    if (isLastingConnectionError(code)) throw error;
    await this.#again(code, pauseBefore(this.#tries + 1, undefined), () => error);
  }

  /** The store said no. Returns when another try is due. */
  async #afterRefusal(refusal: Refusal, credentials: AwsCredentials | undefined): Promise<void> {
    const { bucket } = this.#job;
    if (!bucket.startsWith("arn:") && isWrongRegion(refusal, this.#region)) {
      return await this.#changeRegion(refusal, credentials);
    }
    if (refusal.document.code === "NoSuchBucket") this.#store.regions.forget(bucket);
    else if (refusal.status < 500) this.#confirmRegion();
    if (credentials !== undefined && STALE_KEY_CODES.has(refusal.document.code)) {
      return await this.#renewKeys(refusal, credentials);
    }
    if (refusal.document.code === "RequestTimeTooSkewed") return this.#setClock(refusal);
    const reason = retryReason(refusal);
    if (reason === undefined) throw this.#refused(refusal);
    await this.#again(reason, pauseBefore(this.#tries + 1, refusal.headers), () => this.#refused(refusal));
  }

  async #changeRegion(refusal: Refusal, credentials: AwsCredentials | undefined): Promise<void> {
    const { bucket, deadline } = this.#job;
    const { regions, parts } = this.#store;
    const named = findRegion(refusal);
    if (named === undefined && this.#hintFor(refusal) !== undefined) throw this.#refused(refusal);
    if (!parts.settings.isMultiRegion) throw this.#foreignBucket(refusal, named?.region);
    const used = this.#region;
    const attempt = { bucket, region: used, credentials };
    const found =
      named?.region ?? (await deadline.race(regions.locate(bucket, used, () => probeRegion(this.#store, attempt))));
    if (found === undefined || found === used || this.#hops === MAX_HOPS) {
      regions.giveUp(bucket);
      throw this.#refused(refusal);
    }
    this.#hops++;
    // The detour is no failed try.
    this.#tries--;
    this.#region = found;
    this.#evidence = named?.from ?? "HEAD of the bucket";
    parts.metrics.regionRedirects.add(1);
  }

  /** An answer of the region in use that is not "wrong region" proves it right. */
  #confirmRegion(): void {
    const { bucket } = this.#job;
    if (this.#evidence === undefined) return;
    const before = this.#store.regions.learn(bucket, this.#region);
    if (before !== undefined) {
      const fields = { bucket, old: before, new: this.#region, evidence: this.#evidence };
      this.#store.parts.logger.log("info", `bucket ${bucket} is in region ${this.#region}`, fields);
    }
    this.#evidence = undefined;
  }

  async #renewKeys(refusal: Refusal, credentials: AwsCredentials): Promise<void> {
    if (this.#hasRenewedKeys) throw this.#refused(refusal);
    this.#hasRenewedKeys = true;
    const renewal = this.#store.parts.credentials?.renewAfterRefusal(credentials) ?? Promise.resolve(false);
    if (!(await this.#job.deadline.race(renewal))) throw this.#refused(refusal);
    this.#store.parts.metrics.retries.add(1, { reason: refusal.document.code });
    this.#tries--;
  }

  #setClock(refusal: Refusal): void {
    const storeTime = Date.parse(refusal.headers.get("date") ?? "");
    if (this.#hasSetClock || Number.isNaN(storeTime)) throw this.#refused(refusal);
    this.#hasSetClock = true;
    this.#tries--;
    const { skew, clock, logger, metrics } = this.#store.parts;
    skew.offsetMs = storeTime - clock.now();
    const seconds = Math.round(skew.offsetMs / 1000);
    const message = `the clock of this machine is ${Math.abs(seconds)} s ${seconds < 0 ? "ahead of" : "behind"} the store's; signing with the store's time`;
    logger.log("warn", message, { offset_seconds: seconds });
    metrics.retries.add(1, { reason: "RequestTimeTooSkewed" });
  }

  /** Waits for the next try, or throws the error when there is no try or no time left. */
  async #again(reason: string, pauseMs: number, error: () => AppError): Promise<void> {
    const { settings, metrics } = this.#store.parts;
    const { deadline } = this.#job;
    if (this.#tries >= settings.maxTries || pauseMs >= deadline.remainingMs) throw error();
    metrics.retries.add(1, { reason });
    if (pauseMs > 0) await deadline.pause(pauseMs);
  }

  #foreignBucket(refusal: Refusal, region: string | undefined): AppError {
    const { bucket } = this.#job;
    const where = region === undefined ? "another region (the store does not say which)" : `region ${region}`;
    const hint = `Bucket ${bucket} is in ${where}, not in ${this.#region}; IMGPROXY_S3_MULTI_REGION=true would follow it.`;
    this.#store.warnOnce(`foreign ${bucket}`, hint, { bucket, region: this.#region, bucket_region: region ?? "" });
    return this.#refused(refusal, hint);
  }

  #refused(refusal: Refusal, hint = this.#hintFor(refusal)): AppError {
    const { address, bucket } = this.#job;
    const { settings, logger } = this.#store.parts;
    logger.log(refusal.status === 404 ? "debug" : "warn", "S3 refused a request", {
      bucket,
      store: settings.name,
      region: this.#region,
      status: refusal.status,
      code: refusal.document.code,
      request_id: refusal.headers.get("x-amz-request-id") ?? undefined,
      id2: refusal.headers.get("x-amz-id-2") ?? undefined,
      tries: this.#tries,
      hops: this.#hops,
      headers_ms: Math.round(this.#headersMs),
    });
    return refusalError(refusal, {
      address: printAddress(address),
      region: this.#region,
      isForbiddenNotFound: settings.isForbiddenNotFound,
      ...(hint === undefined ? {} : { hint }),
    });
  }

  #hintFor(refusal: Refusal): string | undefined {
    const { endpoint } = this.#store.parts.settings.addressing;
    const goesToTls = refusal.status < 400 && refusal.headers.get("location")?.startsWith("https:");
    if (!goesToTls || !endpoint?.startsWith("http:")) return undefined;
    return "The endpoint redirects to https: write https:// in front of it in IMGPROXY_S3_ENDPOINT.";
  }
}

async function verifierFor(response: Response): Promise<ChecksumVerifier | undefined> {
  const { checksumVerifier } = await import("./wire/checksum.ts");
  return checksumVerifier(response.headers);
}
