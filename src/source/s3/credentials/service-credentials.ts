import type { AwsCredentials } from "./aws-credentials.ts";
import { type Absent, type ChainOptions, fromIdentity } from "./link.ts";
import { reasonOf } from "./load-error.ts";

const SERVICE_TIMEOUT_MS = 1000;

/** Keys in the variables themselves. */
export async function loadEnvironment({ env }: ChainOptions): Promise<AwsCredentials | Absent> {
  const accessKeyId = env["AWS_ACCESS_KEY_ID"] || env["AWS_ACCESS_KEY"];
  const secretAccessKey = env["AWS_SECRET_ACCESS_KEY"] || env["AWS_SECRET_KEY"];
  if (!accessKeyId && !secretAccessKey) return { absent: "AWS_ACCESS_KEY_ID is not set" };
  if (!accessKeyId) return { absent: "AWS_SECRET_ACCESS_KEY is set without AWS_ACCESS_KEY_ID" };
  if (!secretAccessKey) return { absent: "AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY" };
  const sessionToken = env["AWS_SESSION_TOKEN"];
  return { accessKeyId, secretAccessKey, source: "environment", ...(sessionToken ? { sessionToken } : {}) };
}

/** A token in a file, exchanged at the STS: service accounts of EKS (IRSA). The file is read each time, since it rotates. */
export async function loadWebIdentity({ env, client }: ChainOptions): Promise<AwsCredentials | Absent> {
  const webIdentityTokenFile = env["AWS_WEB_IDENTITY_TOKEN_FILE"];
  if (!webIdentityTokenFile) return { absent: "AWS_WEB_IDENTITY_TOKEN_FILE is not set" };
  const roleArn = env["AWS_ROLE_ARN"];
  if (!roleArn) throw new Error("AWS_WEB_IDENTITY_TOKEN_FILE is set without AWS_ROLE_ARN");
  const [{ fromTokenFile }, { sdkClientConfig }] = await Promise.all([
    import("@aws-sdk/credential-providers"),
    import("./sdk-client.ts"),
  ]);
  const roleSessionName = env["AWS_ROLE_SESSION_NAME"] || `imgproxy-${Date.now()}`;
  const identity = await fromTokenFile({
    webIdentityTokenFile,
    roleArn,
    roleSessionName,
    clientConfig: await sdkClientConfig(client),
  })();
  return fromIdentity(identity, `web identity for ${roleArn}`);
}

/** The credential service of ECS tasks and of EKS Pod Identity. */
export async function loadContainer({ env }: ChainOptions): Promise<AwsCredentials | Absent> {
  const relative = env["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"];
  const full = env["AWS_CONTAINER_CREDENTIALS_FULL_URI"];
  if (!relative && !full) return { absent: "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor …_FULL_URI is set" };
  const { fromHttp } = await import("@aws-sdk/credential-providers");
  const token = env["AWS_CONTAINER_AUTHORIZATION_TOKEN"];
  const tokenFile = env["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"];
  const identity = await fromHttp({
    // Both set is no reason for the SDK's warnings on the console: the relative one wins, and of the tokens the file.
    awsContainerCredentialsRelativeUri: relative ?? "",
    awsContainerCredentialsFullUri: relative ? "" : (full ?? ""),
    awsContainerAuthorizationToken: tokenFile ? "" : (token ?? ""),
    awsContainerAuthorizationTokenFile: tokenFile ?? "",
    timeout: SERVICE_TIMEOUT_MS,
    maxRetries: 2,
  })();
  return fromIdentity(identity, `container service ${relative ? "(ECS)" : `at ${new URL(full ?? "").host}`}`);
}

/** The role of the machine: EC2, Beanstalk. */
export async function loadInstanceMetadata({ env }: ChainOptions): Promise<AwsCredentials | Absent> {
  if (env["AWS_EC2_METADATA_DISABLED"]?.toLowerCase() === "true")
    return { absent: "AWS_EC2_METADATA_DISABLED is true" };
  const { fromInstanceMetadata } = await import("@aws-sdk/credential-providers");
  const load = fromInstanceMetadata({
    timeout: SERVICE_TIMEOUT_MS,
    maxRetries: 1,
    ec2MetadataV1Disabled: env["AWS_EC2_METADATA_V1_DISABLED"]?.toLowerCase() === "true",
  });
  try {
    return fromIdentity(await load(), "instance metadata");
  } catch (error) {
    // The last source, which every machine "has": its silence is no mistake of configuration but the end of the list.
    return { absent: reasonOf(error) };
  }
}
