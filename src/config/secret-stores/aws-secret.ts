import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { Variables } from "../environment.ts";
import { awsClientSettings } from "./aws-client.ts";

/** The text of a secret in AWS Secrets Manager. Rejects when it cannot be had. */
export async function readAwsSecret(id: string, variables: Variables): Promise<string> {
  const versionId = variables["IMGPROXY_ENV_AWS_SECRET_VERSION_ID"]?.trim();
  const stage = variables["IMGPROXY_ENV_AWS_SECRET_VERSION_STAGE"]?.trim();
  const client = new SecretsManagerClient(awsClientSettings(variables["IMGPROXY_ENV_AWS_SECRET_REGION"], variables));
  try {
    const { SecretString, SecretBinary } = await client.send(
      new GetSecretValueCommand({
        SecretId: id,
        // The version wins over the stage, as in the reference.
        ...(versionId ? { VersionId: versionId } : stage ? { VersionStage: stage } : {}),
      }),
    );
    return SecretString ?? Buffer.from(SecretBinary ?? []).toString("utf8");
  } finally {
    client.destroy();
  }
}
