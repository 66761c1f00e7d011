import { toAppError } from "../../../errors.ts";
import { assumeRole } from "../credentials/assume-role.ts";
import type { AwsCredentials } from "../credentials/aws-credentials.ts";
import { type ChainOptions, tryLink } from "../credentials/link.ts";
import { reasonOf } from "../credentials/load-error.ts";
import { CHAIN } from "../credentials/provider-chain.ts";
import { sdkClientConfig } from "../credentials/sdk-client.ts";
import type { Env } from "../settings/s3-config.ts";
import type { Store } from "../store.ts";
import type { CheckReport } from "./report.ts";

/** Looks through the sources of keys one by one, assumes the role, and asks whose the keys are. False when there are none. */
export async function checkCredentials(store: Store, env: Env, report: CheckReport): Promise<boolean> {
  report.section("Credentials");
  if (store.parts.credentials === undefined) {
    report.ok("requests are not signed (anonymous)");
    return true;
  }
  const base = await findKeys(store, env, report);
  if (base === undefined) return false;
  const { role, client } = store.parts.identity;
  let keys = base;
  if (role.arn !== "") {
    try {
      keys = await assumeRole(base, role, client);
      report.ok(`assumed ${role.arn}: ${describeKeys(keys)}`);
    } catch (error) {
      const advice = "The role's trust policy must name the identity below, with this external id if it demands one.";
      report.fail(toAppError(error).message, advice);
      await tellIdentity(store, base, report);
      return false;
    }
  }
  await tellIdentity(store, keys, report);
  return true;
}

async function findKeys(store: Store, env: Env, report: CheckReport): Promise<AwsCredentials | undefined> {
  const { keys, client } = store.parts.identity;
  const { accessKeyId, secretAccessKey, sessionToken, profile } = keys;
  if (accessKeyId !== undefined && secretAccessKey !== undefined) {
    const own = { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
    const found = { ...own, source: "IMGPROXY_S3_BUCKETS" };
    report.ok(`IMGPROXY_S3_BUCKETS: ${describeKeys(found)}`);
    return found;
  }
  const options: ChainOptions = { env, client, ...(profile === undefined ? {} : { profileName: profile }) };
  const links = profile === undefined ? CHAIN : CHAIN.filter(({ source }) => source === "shared files");
  for (const link of links) {
    const found = await tryLink(link, options);
    if ("accessKeyId" in found) {
      report.ok(`${found.source}: ${describeKeys(found)}`);
      return found;
    }
    if ("error" in found) {
      const advice = "It is configured, so no other source is asked: repair it, or unset what configures it.";
      report.fail(`${link.source}: ${reasonOf(found.error)}`, advice);
      return undefined;
    }
    report.note(`${link.source}: ${found.absent}`);
  }
  report.fail(
    "no credentials anywhere",
    "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, attach a role to the machine, or, for public buckets, set IMGPROXY_S3_ANONYMOUS=true.",
  );
  return undefined;
}

/** The access key is a name, not a secret; its middle is left out all the same. */
function describeKeys({ accessKeyId, sessionToken, expiration }: AwsCredentials): string {
  const name = accessKeyId.length > 10 ? `${accessKeyId.slice(0, 4)}…${accessKeyId.slice(-4)}` : accessKeyId;
  const kind = sessionToken === undefined ? "access key" : "temporary access key";
  return `${kind} ${name}${expiration === undefined ? "" : `, until ${expiration.toISOString()}`}`;
}

async function tellIdentity(store: Store, keys: AwsCredentials, report: CheckReport): Promise<void> {
  const { addressing, stsEndpoint } = store.parts.settings;
  if (addressing.endpoint !== undefined && stsEndpoint === undefined) {
    report.note("whose keys these are is not asked: the endpoint is not AWS, and no AWS_ENDPOINT_URL_STS is set");
    return;
  }
  try {
    const { GetCallerIdentityCommand, STSClient } = await import("@aws-sdk/client-sts");
    const sts = new STSClient({ ...(await sdkClientConfig(store.parts.identity.client)), credentials: keys });
    const { Arn, Account } = await sts.send(new GetCallerIdentityCommand({}));
    report.ok(`identity ${Arn ?? "unknown"}, account ${Account ?? "unknown"}`);
  } catch (error) {
    report.warn(`STS does not say whose keys these are: ${reasonOf(error)}`);
  }
}
