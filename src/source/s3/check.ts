import { type AppError, toAppError } from "../../errors.ts";
import { type LogFields, type Logger, noMetrics } from "../../telemetry/types.ts";
import type { SourceUrl } from "../types.ts";
import { checkCredentials } from "./check/credentials.ts";
import { checkObject } from "./check/object.ts";
import { CheckReport } from "./check/report.ts";
import { systemClock } from "./clock.ts";
import { encodeKey, type ObjectAddress, parseObjectAddress } from "./object-address.ts";
import { tlsOptions } from "./settings/aws-settings.ts";
import { bucketFilter } from "./settings/bucket-pattern.ts";
import { missingSchemeWarning } from "./settings/endpoint-url.ts";
import type { Env, S3Config } from "./settings/s3-config.ts";
import type { Store } from "./store.ts";
import { buildStoreTable } from "./store-table.ts";

/**
 * Goes the way to one object step by step and writes what it finds: rules and region, endpoint, every source of credentials,
 * whose they are, the object itself; a failure comes with its likely reason and what to do. Writes no secret.
 * Returns whether the object can be read. Throws nothing but `config` for settings that cannot be meant.
 */
export async function checkS3(
  url: string,
  config: S3Config & { readonly useS3: boolean },
  env: Env,
  write: (text: string) => void,
): Promise<boolean> {
  const report = new CheckReport(write);
  const tls = tlsOptions(env, config.ignoreSslVerification);
  const logger = reportingLogger(report);
  const table = await buildStoreTable({ config, env, tls, clock: systemClock, logger, metrics: noMetrics });
  try {
    report.section("Settings");
    const address = checkAddress(url, config, report);
    if (address === undefined) return false;
    const store = table.storeFor(address.bucket);
    const bucket = config.s3AccessPoints.get(address.bucket) ?? address.bucket;
    if (!checkStore(store, { ...address, bucket }, report)) return false;
    if (!(await checkCredentials(store, env, report))) return false;
    return await checkObject(store, address, bucket, report);
  } finally {
    table.close();
  }
}

/** The source's own remarks (a learned region, a foreign bucket, a wrong clock) become lines of the report. */
function reportingLogger(report: CheckReport): Logger {
  return {
    log(level, message, fields: LogFields = {}) {
      const isDetail = level === "debug" || fields["status"] !== undefined || fields["retry_in_ms"] !== undefined;
      if (!isDetail) report.note(message);
    },
  };
}

function checkAddress(
  url: string,
  config: S3Config & { readonly useS3: boolean },
  report: CheckReport,
): ObjectAddress | undefined {
  if (!config.useS3) report.warn("IMGPROXY_USE_S3 is not true: the server will answer 404 to every s3:// source");
  let address: ObjectAddress;
  try {
    // Whoever made the brand has only a string from the command line; it is parsed as strictly as a request's.
    address = parseObjectAddress(url as SourceUrl, config.sourceUrlQuerySeparator);
  } catch (error) {
    report.fail(toAppError(error).message);
    return undefined;
  }
  const { bucket, key, version } = address;
  report.ok(
    `bucket ${bucket}, key ${JSON.stringify(key)}, ${version === "" ? "newest version" : `version ${version}`}`,
  );
  if (!bucketFilter(config.s3AllowedBuckets, config.s3DeniedBuckets)(bucket)) {
    report.fail(`bucket ${bucket} is not allowed`, "See IMGPROXY_S3_ALLOWED_BUCKETS and IMGPROXY_S3_DENIED_BUCKETS.");
    return undefined;
  }
  const warning = missingSchemeWarning(config.s3Endpoint);
  if (warning !== undefined) report.warn(warning);
  return address;
}

function checkStore(store: Store, { bucket, key }: ObjectAddress, report: CheckReport): boolean {
  const { name, region, regionFrom, isMultiRegion, addressing } = store.parts.settings;
  if (name !== "default") report.ok(`the entry ${JSON.stringify(name)} of IMGPROXY_S3_BUCKETS applies`);
  const start = store.regions.regionOf(bucket);
  const from = start === region ? regionFrom : "IMGPROXY_S3_BUCKET_REGIONS";
  const reach = isMultiRegion
    ? "and every other where a bucket turns out to be"
    : "and no other (IMGPROXY_S3_MULTI_REGION)";
  report.ok(`region ${start}, from ${from}, ${reach}`);
  try {
    const target = store.targetOf(bucket, start);
    const kind = addressing.endpoint === undefined ? "AWS" : "own endpoint";
    report.ok(`${kind}: ${target.origin}${target.pathPrefix}/${encodeKey(key)}`);
    return true;
  } catch (thrown) {
    const error: AppError = toAppError(thrown);
    report.fail(error.message, error.hint);
    return false;
  }
}
