import type { AwsCredentials } from "./aws-credentials.ts";
import { noCredentialsError, reasonOf } from "./load-error.ts";
import { type SdkClientOptions, sdkClientConfig } from "./sdk-client.ts";

export type Role = { readonly arn: string; readonly externalId: string };

/** The shortest session AWS gives, as in the reference; the cache renews it in time. */
const SESSION_SECONDS = 900;

/** Exchanges keys for those of a role, at the STS of the S3 region. Throws `AppError` with the status of the STS. */
export async function assumeRole(base: AwsCredentials, role: Role, client: SdkClientOptions): Promise<AwsCredentials> {
  const source = `role ${role.arn} (over ${base.source})`;
  try {
    const { AssumeRoleCommand, STSClient } = await import("@aws-sdk/client-sts");
    const sts = new STSClient({ ...(await sdkClientConfig(client)), credentials: base });
    const answer = await sts.send(
      new AssumeRoleCommand({
        RoleArn: role.arn,
        RoleSessionName: `imgproxy-${Date.now()}`,
        DurationSeconds: SESSION_SECONDS,
        ...(role.externalId === "" ? {} : { ExternalId: role.externalId }),
      }),
    );
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = answer.Credentials ?? {};
    if (!AccessKeyId || !SecretAccessKey) throw new Error("the STS answered without keys");
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      source,
      ...(SessionToken ? { sessionToken: SessionToken } : {}),
      ...(Expiration ? { expiration: Expiration } : {}),
    };
  } catch (error) {
    throw noCredentialsError([{ source: `AssumeRole ${role.arn}`, reason: reasonOf(error) }], error);
  }
}
