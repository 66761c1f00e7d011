/**
 * Every way to credentials, as a table: which environment and files, what the services do, and what comes of it. Run from source
 * and through the executable, since a bundle has failed where the sources did not.
 */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { AwsServices } from "./aws-services.ts";
import { minioServer, type TestMinio } from "./minio.ts";
import { patternBytes } from "./pattern-bytes.ts";

type Env = Record<string, string>;

/** What the cases work with. */
export class CredentialStand {
  readonly minio: TestMinio;
  readonly services: AwsServices;
  readonly bucket: string;
  readonly object: Uint8Array;
  #home = "";

  private constructor(minio: TestMinio, services: AwsServices, bucket: string, object: Uint8Array) {
    this.minio = minio;
    this.services = services;
    this.bucket = bucket;
    this.object = object;
  }

  static async start(object = patternBytes(2000)): Promise<CredentialStand> {
    const minio = await minioServer();
    const bucket = await minio.createBucket("credentials");
    await minio.put(bucket, "a.png", object);
    return new CredentialStand(minio, await AwsServices.start(minio), bucket, object);
  }

  /** An empty home folder and services in order, for the next case. */
  reset(): void {
    this.#removeHome();
    this.#home = mkdtempSync(join(tmpdir(), "credential-home-"));
    this.services.reset();
  }

  async stop(): Promise<void> {
    this.#removeHome();
    await this.services.stop();
  }

  /** Writes a file below the home folder and returns its path. */
  write(path: string, content: string): string {
    const file = join(this.#home, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  }

  /** What every case has in its environment: the store, an empty home, and no metadata service. */
  baseEnv(): Env {
    return {
      PATH: process.env["PATH"] ?? "",
      HOME: this.#home,
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_ENDPOINT_URL_STS: this.services.endpoint,
      IMGPROXY_USE_S3: "true",
      IMGPROXY_S3_ENDPOINT: this.minio.endpoint,
      IMGPROXY_S3_REGION: this.minio.region,
    };
  }

  /** The keys of the server in the form of a profile. */
  profileKeys(): string {
    const { accessKeyId, secretAccessKey } = this.minio.credentials;
    return `aws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;
  }

  rootKeys(): Env {
    const { accessKeyId, secretAccessKey } = this.minio.credentials;
    return { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  }

  metadata(): Env {
    return { AWS_EC2_METADATA_DISABLED: "false", AWS_EC2_METADATA_SERVICE_ENDPOINT: this.services.endpoint };
  }

  webIdentity(): Env {
    return {
      AWS_WEB_IDENTITY_TOKEN_FILE: this.write("token", "WEB-TOKEN"),
      AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/web",
      AWS_ROLE_SESSION_NAME: "pod",
    };
  }

  #removeHome(): void {
    if (this.#home !== "") rmSync(this.#home, { recursive: true, force: true });
  }
}

export type CredentialCase = {
  readonly name: string;
  /** Sets the scene and returns what the environment has besides. */
  readonly env: (stand: CredentialStand) => Env | Promise<Env>;
  /** Default 200. */
  readonly status?: number;
  /** Requests made at once; default 1. */
  readonly parallel?: number;
  /** Calls that the services must have seen, by kind. */
  readonly calls?: Readonly<Record<string, number>>;
  /** What the log must say. */
  readonly log?: RegExp;
  /** Further checks afterwards. */
  readonly verify?: (stand: CredentialStand) => void;
};

const WRONG_KEYS = "aws_access_key_id = AKIAWRONG\naws_secret_access_key = wrong\n";
const ROLE = "arn:aws:iam::123456789012:role/img";
const ssoCache = (key: string) => `.aws/sso/cache/${createHash("sha1").update(key).digest("hex")}.json`;
const SSO_TOKEN = JSON.stringify({ accessToken: "SSO-TOKEN", expiresAt: "2099-01-01T00:00:00Z" });
const SSO_ACCOUNT = "sso_account_id = 123456789012\nsso_role_name = images\nsso_region = eu-west-1\n";

/** Fails with a message that says what was expected, in the manner of an assertion. */
function must(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}

export const CREDENTIAL_CASES: readonly CredentialCase[] = [
  { name: "keys in the environment", env: (stand) => stand.rootKeys() },
  {
    name: "keys in the environment under their other names",
    env: ({ minio: { credentials } }) => ({
      AWS_ACCESS_KEY: credentials.accessKeyId,
      AWS_SECRET_KEY: credentials.secretAccessKey,
    }),
  },
  {
    name: "temporary keys with a session token in the environment",
    env: async ({ minio }) => {
      const { accessKeyId, secretAccessKey, sessionToken } = await minio.temporaryCredentials();
      return {
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_SESSION_TOKEN: sessionToken,
      };
    },
  },
  {
    name: "keys in the environment before a profile of another identity",
    env: (stand) => {
      stand.write(".aws/credentials", `[other]\n${WRONG_KEYS}`);
      return { ...stand.rootKeys(), AWS_PROFILE: "other" };
    },
  },
  {
    name: "the default profile of the shared files",
    env: (stand) => {
      stand.write(".aws/credentials", `[default]\n${stand.profileKeys()}`);
      return {};
    },
  },
  {
    name: "a named profile",
    env: (stand) => {
      stand.write(".aws/credentials", `[default]\n${WRONG_KEYS}[web]\n${stand.profileKeys()}`);
      return { AWS_PROFILE: "web" };
    },
  },
  {
    name: "a profile of the config file",
    env: (stand) => {
      stand.write(".aws/config", `[profile web]\n${stand.profileKeys()}`);
      return { AWS_DEFAULT_PROFILE: "web" };
    },
  },
  {
    name: "a credentials file elsewhere",
    env: (stand) => ({
      AWS_SHARED_CREDENTIALS_FILE: stand.write("elsewhere", `[default]\n${stand.profileKeys()}`),
    }),
  },
  {
    name: "a named profile that does not exist",
    env: (stand) => ({ AWS_PROFILE: "missing", AWS_SHARED_CREDENTIALS_FILE: stand.write("x", "[default]\n") }),
    status: 404,
    log: /shared files: no profile "missing"/,
  },
  {
    name: "a role over a source profile, with an external id",
    env: (stand) => {
      stand.write(".aws/credentials", `[base]\n${stand.profileKeys()}`);
      stand.write(".aws/config", `[profile web]\nrole_arn = ${ROLE}\nsource_profile = base\nexternal_id = EXTERNAL\n`);
      return { AWS_PROFILE: "web" };
    },
    calls: { AssumeRole: 1 },
    verify: ({ services }) => must(services.stsCalls[0]?.["ExternalId"] === "EXTERNAL", "the external id goes along"),
  },
  {
    name: "a role over the machine's role",
    env: (stand) => {
      stand.write(".aws/config", `[profile web]\nrole_arn = ${ROLE}\ncredential_source = Ec2InstanceMetadata\n`);
      return { AWS_PROFILE: "web", ...stand.metadata() };
    },
    calls: { AssumeRole: 1, "metadata keys": 1 },
  },
  {
    name: "a role over the container's role",
    env: (stand) => {
      stand.write(".aws/config", `[profile web]\nrole_arn = ${ROLE}\ncredential_source = EcsContainer\n`);
      return { AWS_PROFILE: "web", AWS_CONTAINER_CREDENTIALS_FULL_URI: `${stand.services.endpoint}/container` };
    },
    calls: { AssumeRole: 1, container: 1 },
  },
  {
    name: "a credential process",
    env: (stand) => {
      const { accessKeyId, secretAccessKey } = stand.minio.credentials;
      const keys = { Version: 1, AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey };
      const file = stand.write("keys.json", JSON.stringify(keys));
      stand.write(".aws/config", `[default]\ncredential_process = cat ${file}\n`);
      return {};
    },
  },
  {
    name: "a credential process that fails, whose command line stays secret",
    env: (stand) => {
      stand.write(".aws/config", "[default]\ncredential_process = sh -c 'exit 1' --password HUSH\n");
      return {};
    },
    status: 404,
    log: /credential_process: the command failed/,
  },
  {
    name: "SSO with a cached token",
    env: (stand) => {
      stand.write(ssoCache("https://start.example"), SSO_TOKEN);
      stand.write(".aws/config", `[default]\nsso_start_url = https://start.example\n${SSO_ACCOUNT}`);
      return { AWS_ENDPOINT_URL_SSO: stand.services.endpoint };
    },
    calls: { sso: 1 },
  },
  {
    name: "an SSO session with a cached token",
    env: (stand) => {
      stand.write(ssoCache("work"), SSO_TOKEN);
      const session = "[sso-session work]\nsso_start_url = https://start.example\nsso_region = eu-west-1\n";
      stand.write(".aws/config", `[default]\nsso_session = work\n${SSO_ACCOUNT}${session}`);
      return { AWS_ENDPOINT_URL_SSO: stand.services.endpoint };
    },
    calls: { sso: 1 },
  },
  {
    name: "an SSO session that has expired",
    env: (stand) => {
      stand.write(ssoCache("https://start.example"), SSO_TOKEN.replace("2099", "2001"));
      stand.write(".aws/config", `[default]\nsso_start_url = https://start.example\n${SSO_ACCOUNT}`);
      return { AWS_ENDPOINT_URL_SSO: stand.services.endpoint };
    },
    status: 404,
    log: /shared files: .*aws sso login/,
  },
  {
    name: "the machine's role",
    env: (stand) => stand.metadata(),
    calls: { "metadata token": 1, "metadata role": 1, "metadata keys": 1 },
  },
  {
    name: "the machine's role for 50 first requests at once",
    env: (stand) => stand.metadata(),
    parallel: 50,
    calls: { "metadata token": 1, "metadata role": 1, "metadata keys": 1 },
  },
  {
    name: "a machine's role whose name ends in a line break",
    env: (stand) => {
      stand.services.behaviour.roleName = "machine-role\n";
      return stand.metadata();
    },
  },
  {
    name: "a machine that knows version 1 of the metadata service only",
    env: (stand) => {
      stand.services.behaviour.hasOnlyVersion1 = true;
      return stand.metadata();
    },
  },
  {
    name: "version 1 of the metadata service where that is not wanted",
    env: (stand) => {
      stand.services.behaviour.hasOnlyVersion1 = true;
      return { ...stand.metadata(), AWS_EC2_METADATA_V1_DISABLED: "true" };
    },
    status: 404,
    log: /instance metadata: .*v1 fallback has been blocked/,
  },
  {
    name: "the container service with a token",
    env: (stand) => {
      stand.services.behaviour.token = "CONTAINER-TOKEN";
      return {
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `${stand.services.endpoint}/container`,
        AWS_CONTAINER_AUTHORIZATION_TOKEN: "CONTAINER-TOKEN",
      };
    },
    calls: { container: 1 },
  },
  {
    name: "the container service with a token in a file, as EKS Pod Identity has it",
    env: (stand) => {
      stand.services.behaviour.token = "POD-TOKEN";
      return {
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `${stand.services.endpoint}/container`,
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: stand.write("pod-token", "POD-TOKEN"),
      };
    },
    parallel: 50,
    calls: { container: 1 },
  },
  {
    name: "the container service when it refuses, without a look at the machine's role",
    env: (stand) => {
      stand.services.behaviour.failsWith = 403;
      return { ...stand.metadata(), AWS_CONTAINER_CREDENTIALS_FULL_URI: `${stand.services.endpoint}/container` };
    },
    status: 404,
    calls: { "metadata keys": 0 },
    log: /container: .*403/,
  },
  {
    name: "web identity, as IRSA has it",
    env: (stand) => stand.webIdentity(),
    parallel: 50,
    calls: { AssumeRoleWithWebIdentity: 1 },
    verify: ({ services }) => {
      const call = services.stsCalls[0];
      must(
        call?.["WebIdentityToken"] === "WEB-TOKEN" && call["RoleSessionName"] === "pod",
        "token and session name go along",
      );
    },
  },
  {
    name: "web identity before the shared files",
    env: (stand) => {
      stand.write(".aws/credentials", `[default]\n${WRONG_KEYS}`);
      return stand.webIdentity();
    },
    calls: { AssumeRoleWithWebIdentity: 1 },
  },
  {
    name: "web identity without its token file",
    env: (stand) => ({ ...stand.webIdentity(), AWS_WEB_IDENTITY_TOKEN_FILE: "/nonexistent/token" }),
    status: 404,
    log: /web identity: ENOENT.*\/nonexistent\/token/,
  },
  {
    name: "web identity when the STS refuses, without a look at the machine's role",
    env: (stand) => {
      stand.services.behaviour.failsWith = 403;
      return { ...stand.webIdentity(), ...stand.metadata() };
    },
    status: 403,
    calls: { "metadata keys": 0 },
    log: /web identity: AccessDenied not authorized to perform/,
  },
  {
    name: "an assumed role over keys of the environment, in the region of the store",
    env: (stand) => ({
      ...stand.rootKeys(),
      IMGPROXY_S3_ASSUME_ROLE_ARN: ROLE,
      IMGPROXY_S3_ASSUME_ROLE_EXTERNAL_ID: "EXTERNAL",
    }),
    parallel: 50,
    calls: { AssumeRole: 1 },
    verify: ({ services }) => {
      const call = services.stsCalls[0];
      must(
        call?.region === "eu-west-1" && call["RoleArn"] === ROLE && call["ExternalId"] === "EXTERNAL",
        "role, id, region",
      );
      must(call?.["DurationSeconds"] === "900", "the session lasts 900 seconds");
      must(call?.["RoleSessionName"]?.startsWith("imgproxy-") === true, "the session has a telling name");
    },
  },
  {
    name: "an assumed role at MinIO's own STS",
    env: (stand) => ({
      ...stand.rootKeys(),
      IMGPROXY_S3_ASSUME_ROLE_ARN: ROLE,
      AWS_ENDPOINT_URL_STS: stand.minio.endpoint,
    }),
    parallel: 50,
  },
  {
    name: "an assumed role over the machine's role",
    env: (stand) => ({ ...stand.metadata(), IMGPROXY_S3_ASSUME_ROLE_ARN: ROLE }),
    parallel: 50,
    calls: { "metadata keys": 1, AssumeRole: 1 },
  },
  {
    name: "an assumed role when the STS refuses",
    env: (stand) => {
      stand.services.behaviour.failsWith = 403;
      return { ...stand.rootKeys(), IMGPROXY_S3_ASSUME_ROLE_ARN: ROLE };
    },
    status: 403,
    log: /AssumeRole arn:aws:iam::123456789012:role\/img: AccessDenied not authorized/,
  },
  {
    name: "nothing at all, each source named with its reason",
    env: () => ({}),
    status: 404,
    log: /no AWS credentials: environment: AWS_ACCESS_KEY_ID is not set; web identity: .* is not set; shared files: no profile "default" in .*; container: .* is set; instance metadata: AWS_EC2_METADATA_DISABLED is true/,
  },
  {
    name: "half of a pair of keys, named as such",
    env: () => ({ AWS_ACCESS_KEY_ID: "AKIAHALF" }),
    status: 404,
    log: /environment: AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY/,
  },
];

/** What must never stand in a log: the secrets of the cases above. */
export const CASE_SECRETS = /WEB-TOKEN|POD-TOKEN|CONTAINER-TOKEN|SSO-TOKEN|METADATA-TOKEN|HUSH|Signature=|AWS4-HMAC/;
