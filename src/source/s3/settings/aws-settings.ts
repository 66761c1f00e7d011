import { readFileSync } from "node:fs";
import { AppError } from "../../../errors.ts";
import { type Profile, readSharedFiles } from "../credentials/shared-files.ts";
import type { TlsOptions } from "../wire/exchange.ts";
import type { Env } from "./s3-config.ts";

/** What the variables and shared files of AWS say about S3, beside credentials. */
export type AwsSettings = {
  readonly region: string;
  /** For people: the variable or profile. */
  readonly regionFrom: string;
  readonly endpoint: string | undefined;
  readonly stsEndpoint: string | undefined;
  readonly kmsEndpoint: string | undefined;
  readonly usesFips: boolean;
  readonly usesDualStack: boolean;
  readonly usesArnRegion: boolean;
  readonly allowsMultiRegionAccessPoints: boolean;
  readonly maxTries: number;
};

const FALLBACK_REGION = "us-west-1";
const DEFAULT_TRIES = 3;

/**
 * Reads what the SDK for Go reads: a variable wins over the profile. The region falls back to us-west-1, as in the reference.
 */
export async function readAwsSettings(env: Env): Promise<AwsSettings> {
  const { profile = {}, services = {}, profileName } = await readSharedFiles(env);
  const flag = (variable: string, property: string) => (env[variable] || profile[property])?.toLowerCase() === "true";
  const isOff = (variable: string, property: string) => (env[variable] || profile[property])?.toLowerCase() === "false";
  const tries = Number(env["AWS_MAX_ATTEMPTS"] || profile["max_attempts"]);
  return {
    ...findRegion(env, profile, profileName),
    endpoint: findEndpoint("s3", env, { ...services, ...profile }),
    stsEndpoint: findEndpoint("sts", env, { ...services, ...profile }),
    kmsEndpoint: findEndpoint("kms", env, { ...services, ...profile }),
    usesFips: flag("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"),
    usesDualStack: flag("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint"),
    usesArnRegion: !isOff("AWS_S3_USE_ARN_REGION", "s3_use_arn_region"),
    allowsMultiRegionAccessPoints: !flag(
      "AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS",
      "s3_disable_multiregion_access_points",
    ),
    maxTries: Number.isInteger(tries) && tries > 0 ? tries : DEFAULT_TRIES,
  };
}

function findRegion(env: Env, profile: Profile, profileName: string): Pick<AwsSettings, "region" | "regionFrom"> {
  for (const variable of ["AWS_REGION", "AWS_DEFAULT_REGION"]) {
    const region = env[variable];
    if (region) return { region, regionFrom: variable };
  }
  if (profile["region"]) return { region: profile["region"], regionFrom: `profile "${profileName}"` };
  return { region: FALLBACK_REGION, regionFrom: "the default" };
}

/** `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, the profile's section of services, the profile: in the order of the SDKs. */
function findEndpoint(service: "s3" | "sts" | "kms", env: Env, profile: Profile): string | undefined {
  const ignore = env["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] || profile["ignore_configured_endpoint_urls"];
  if (ignore?.toLowerCase() === "true") return undefined;
  const fromEnv = env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] || env["AWS_ENDPOINT_URL"];
  return fromEnv || profile[`${service}.endpoint_url`] || profile["endpoint_url"] || undefined;
}

/**
 * How TLS certificates of the store and of STS are judged: not at all, by `AWS_CA_BUNDLE`, or (undefined) as the system does.
 * Throws `config` for a bundle that cannot be read.
 */
export function tlsOptions(env: Env, ignoresVerification: boolean): TlsOptions | undefined {
  if (ignoresVerification) return { rejectUnauthorized: false };
  const path = env["AWS_CA_BUNDLE"];
  if (!path) return undefined;
  try {
    return { ca: readFileSync(path, "utf8") };
  } catch (error) {
    throw new AppError("config", `AWS_CA_BUNDLE: cannot read ${path}`, { cause: error });
  }
}
