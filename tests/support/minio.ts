/**
 * MinIO servers for tests: real ones, started on first use, shared by all files of the process, gone with it.
 * Where the program comes from is the business of `scripts/minio.ts`.
 */
import { randomBytes } from "node:crypto";
import { readdirSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateBucketCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
} from "@aws-sdk/client-s3";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { isAlive } from "../../scripts/is-alive.ts";
import { type AvailableMinio, ensureMinio } from "../../scripts/minio.ts";
import { type MinioCredentials, type RemoteMinio, startMinioServer } from "../../src/cli/demo/minio.ts";
import { startSweeper } from "./bucket-sweeper.ts";

/** What a test may ask of its server beside the region. */
export type MinioWish = {
  /** Folder with `public.crt` and `private.key`. */
  readonly certsFolder?: string;
  readonly settings?: Readonly<Record<string, string>>;
};

export type BucketWish = {
  readonly isVersioned?: boolean;
  /** Objects can be read by anybody, unsigned. */
  readonly isPublic?: boolean;
  /** The exact name, where the test is about names; otherwise a fresh one is made of the hint. */
  readonly name?: string;
};

export type TemporaryCredentials = MinioCredentials & { readonly sessionToken: string; readonly expiration: Date };

/** A running server and the few things tests do to it. */
export class TestMinio {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: MinioCredentials;
  readonly client: S3Client;
  readonly #onBucket: (bucket: string) => void;

  /** `onBucket` hears of every bucket that is made. */
  constructor(server: RemoteMinio, onBucket: (bucket: string) => void = () => undefined) {
    this.#onBucket = onBucket;
    this.endpoint = server.endpoint;
    this.region = server.region;
    this.credentials = server.credentials;
    this.client = new S3Client({
      endpoint: server.endpoint,
      region: server.region,
      credentials: server.credentials,
      forcePathStyle: true,
      // The certificates of test servers are known to nobody; that is what tests are about.
      requestHandler: { httpsAgent: { rejectUnauthorized: false } },
    });
  }

  /** Makes a bucket and returns its name. */
  async createBucket(hint: string, wish: BucketWish = {}): Promise<string> {
    const bucket = wish.name ?? `${hint}-${randomBytes(4).toString("hex")}`;
    await this.client.send(new CreateBucketCommand({ Bucket: bucket }));
    this.#onBucket(bucket);
    if (wish.isVersioned) {
      const VersioningConfiguration = { Status: "Enabled" } as const;
      await this.client.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration }));
    }
    if (wish.isPublic) {
      const Policy = JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { AWS: ["*"] },
            Action: ["s3:GetObject"],
            Resource: [`arn:aws:s3:::${bucket}/*`],
          },
        ],
      });
      await this.client.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }));
    }
    return bucket;
  }

  /** Stores an object and returns its version id, empty in a bucket without versions. */
  async put(bucket: string, key: string, body: Uint8Array, more: Partial<PutObjectCommandInput> = {}): Promise<string> {
    const answer = await this.client.send(
      new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: "image/png", ...more }),
    );
    return answer.VersionId ?? "";
  }

  /** Real temporary keys of the server's own STS; an inline policy narrows what they may do. */
  async temporaryCredentials(policy?: object): Promise<TemporaryCredentials> {
    const sts = new STSClient({ endpoint: this.endpoint, region: this.region, credentials: this.credentials });
    const { Credentials: made } = await sts.send(
      new AssumeRoleCommand({
        RoleArn: "arn:aws:iam::123456789012:role/test",
        RoleSessionName: "test",
        DurationSeconds: 3600,
        ...(policy === undefined ? {} : { Policy: JSON.stringify(policy) }),
      }),
    );
    if (!made?.AccessKeyId || !made.SecretAccessKey || !made.SessionToken) throw new Error("MinIO's STS gave no keys");
    return {
      accessKeyId: made.AccessKeyId,
      secretAccessKey: made.SecretAccessKey,
      sessionToken: made.SessionToken,
      expiration: made.Expiration ?? new Date(Date.now() + 3_600_000),
    };
  }
}

const servers = new Map<string, Promise<TestMinio>>();
let available: Promise<AvailableMinio> | undefined;

/**
 * The process's server of a region, started when the first test asks. Wishes beyond the region make a server of their own.
 * Servers end with the process, also when it crashes.
 */
export function minioServer(region = "eu-west-1", wish: MinioWish = {}): Promise<TestMinio> {
  const name = JSON.stringify([region, wish]);
  let server = servers.get(name);
  if (server === undefined) {
    server = openServer(region, wish);
    servers.set(name, server);
  }
  return server;
}

async function openServer(region: string, wish: MinioWish): Promise<TestMinio> {
  available ??= ensureMinio(process.env, (line) => console.error(line));
  const minio = await available;
  if (minio.kind === "container") return new TestMinio(await startContainer(minio.image, region, wish));
  if (minio.kind === "binary") return new TestMinio(await startBinary(minio.path, region, wish));
  const isPlain = wish.certsFolder === undefined && wish.settings === undefined;
  const remote = minio.servers.find((server) => isPlain && server.region === region);
  if (remote !== undefined) return new TestMinio(remote, startSweeper(remote));
  // A region, or a wish, that the named servers do not cover: look further for one we can start.
  const further = await ensureMinio({ ...process.env, MINIO_ENDPOINT: "" }, (line) => console.error(line));
  if (further.kind === "binary") return new TestMinio(await startBinary(further.path, region, wish));
  if (further.kind === "container") return new TestMinio(await startContainer(further.image, region, wish));
  throw new Error(`no MinIO for region ${region}`);
}

/** Keys that cannot be taken for anything else when a test looks for them in a log. */
const ROOT_CREDENTIALS: MinioCredentials = { accessKeyId: "test-root-user", secretAccessKey: "test-root-SECRET" };
const FOLDER_PREFIX = "imgproxy-minio-";

async function startBinary(binary: string, region: string, wish: MinioWish): Promise<RemoteMinio> {
  sweepLeftovers();
  const dataFolder = await mkdtemp(join(tmpdir(), `${FOLDER_PREFIX}${process.pid}-`));
  const forever = new AbortController().signal;
  return await startMinioServer({
    binary,
    dataFolder,
    region,
    credentials: ROOT_CREDENTIALS,
    signal: forever,
    removesData: true,
    ...wish,
  });
}

/** Folders of processes that are gone: their supervisor was killed as well and could not clean up. */
function sweepLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    const owner = Number(name.startsWith(FOLDER_PREFIX) && name.slice(FOLDER_PREFIX.length).split("-")[0]);
    if (owner > 0 && !isAlive(owner)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

async function startContainer(image: string, region: string, wish: MinioWish): Promise<RemoteMinio> {
  const { MinioContainer } = await import("@testcontainers/minio");
  const settings = { MINIO_SITE_REGION: region, MINIO_BROWSER: "off", MINIO_UPDATE: "off", ...wish.settings };
  const certsTarget = "/root/.minio/certs";
  let container = new MinioContainer(image)
    .withEnvironment(settings)
    .withUsername(ROOT_CREDENTIALS.accessKeyId)
    .withPassword(ROOT_CREDENTIALS.secretAccessKey);
  if (wish.certsFolder !== undefined) {
    container = container.withCopyDirectoriesToContainer([{ source: wish.certsFolder, target: certsTarget }]);
  }
  const started = await container.start();
  const scheme = wish.certsFolder === undefined ? "http" : "https";
  return {
    endpoint: `${scheme}://${started.getHost()}:${started.getPort()}`,
    region,
    credentials: ROOT_CREDENTIALS,
  };
}
