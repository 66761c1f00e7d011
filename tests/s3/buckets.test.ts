import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { S3Config } from "../../src/source/s3/settings/s3-config.ts";
import { minioServer, type TestMinio } from "../support/minio.ts";
import { patternBytes } from "../support/pattern-bytes.ts";
import { S3Front } from "../support/s3-front.ts";
import { EMPTY_ENV, keysOf, outcome, s3Source } from "../support/s3-source.ts";

const OBJECT = patternBytes(3000);
const folder = mkdtempSync(join(tmpdir(), "s3-buckets-"));

let minio: TestMinio;
let front: S3Front;
let bucket = "";
let publicBucket = "";

beforeAll(async () => {
  minio = await minioServer();
  front = await S3Front.start();
  bucket = await minio.createBucket("rules");
  publicBucket = await minio.createBucket("public", { isPublic: true });
  for (const name of [bucket, publicBucket]) {
    front.buckets.set(name, { home: minio });
    await minio.put(name, "a.jpg", OBJECT);
  }
});

afterAll(async () => {
  await front.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Status and number of requests for an object, under a configuration. */
async function fetched(config: Partial<S3Config>, name = bucket, env: Record<string, string> = keysOf(minio)) {
  front.count();
  const source = s3Source({ s3Endpoint: front.endpoint, s3Region: minio.region, ...config }, { env });
  const { status, error } = await outcome(source, `s3://${name}/a.jpg`);
  await source.close();
  return { status, message: error?.message, requests: front.seen.length, first: front.seen[0] };
}

describe("bucket rules", () => {
  test.each<[string, () => Partial<S3Config>, number]>([
    ["a denied bucket", () => ({ s3DeniedBuckets: [bucket] }), 404],
    ["a bucket that is not in the allow list", () => ({ s3AllowedBuckets: ["another"] }), 404],
    ["a bucket in both lists", () => ({ s3AllowedBuckets: [bucket], s3DeniedBuckets: [bucket] }), 404],
    ["a bucket denied by a pattern", () => ({ s3DeniedBuckets: ["rules-*"] }), 404],
    ["an allowed bucket", () => ({ s3AllowedBuckets: [` ${bucket} `] }), 200],
    ["a bucket allowed by a pattern", () => ({ s3AllowedBuckets: ["rules-*"] }), 200],
  ])("%s", async (_, config, status) => {
    const result = await fetched(config());
    expect([result.status, result.requests]).toEqual([status, status === 200 ? 1 : 0]);
  });
});

describe("access points", () => {
  test("are read through their name, which the lists see", async () => {
    const s3AccessPoints = new Map([["photos", bucket]]);
    expect((await fetched({ s3AccessPoints }, "photos")).status).toBe(200);
    expect((await fetched({ s3AccessPoints, s3AllowedBuckets: ["photos"] }, "photos")).status).toBe(200);
    expect((await fetched({ s3AccessPoints, s3AllowedBuckets: [bucket] }, "photos")).status).toBe(404);
  });

  test("by ARN do not exist at an own endpoint with paths", async () => {
    const s3AccessPoints = new Map([["ap", "arn:aws:s3:us-west-2:123456789012:accesspoint/my-ap"]]);
    expect(await fetched({ s3AccessPoints }, "ap")).toMatchObject({ status: 404, requests: 0 });
  });
});

describe("endpoints", () => {
  test("without a scheme mean http", async () => {
    expect((await fetched({ s3Endpoint: new URL(front.endpoint).host })).status).toBe(200);
  });

  test("keep their path as a prefix", async () => {
    const { first } = await fetched({ s3Endpoint: `${front.endpoint}/base/` });
    expect(first?.url).toBe(`/base/${bucket}/a.jpg`);
  });

  test("with virtual hosts carry the bucket in the host, a dotted one in the path", async () => {
    const virtual = await minioServer("eu-west-1", { settings: { MINIO_DOMAIN: "localhost" } });
    const plain = await virtual.createBucket("virtual");
    const dotted = await virtual.createBucket("dotted", { name: `dotted.name.${plain}` });
    for (const name of [plain, dotted]) await virtual.put(name, "a.jpg", OBJECT);
    const s3Endpoint = virtual.endpoint.replace("127.0.0.1", "localhost");
    const config = { s3Endpoint, s3Region: "eu-west-1", s3EndpointUsePathStyle: false };
    const source = s3Source(config, { env: keysOf(virtual) });
    expect((await outcome(source, `s3://${plain}/a.jpg`)).bytes).toEqual(OBJECT);
    expect((await outcome(source, `s3://${dotted}/a.jpg`)).bytes).toEqual(OBJECT);
  }, 30_000); // It starts a store of its own.

  test("on the loopback interface need no permission, unlike HTTP sources", async () => {
    expect((await fetched({})).status).toBe(200);
  });

  test("of AWS's own variables are used with virtual hosts", async () => {
    const s3Endpoint = front.endpoint.replace("127.0.0.1", "localhost");
    const { first } = await fetched({ s3Endpoint: "" }, bucket, { ...keysOf(minio), AWS_ENDPOINT_URL_S3: s3Endpoint });
    expect(first?.headers.host).toStartWith(`${bucket}.localhost:`);
  });
});

describe("the region of a request", () => {
  const profile = join(folder, "config");
  writeFileSync(profile, "[default]\nregion = sa-east-1\n");

  test.each<[string, Partial<S3Config>, Record<string, string>, string]>([
    ["us-west-1 when nothing is set", {}, {}, "us-west-1"],
    ["that of the profile", {}, { AWS_CONFIG_FILE: profile }, "sa-east-1"],
    [
      "AWS_DEFAULT_REGION before the profile",
      {},
      { AWS_CONFIG_FILE: profile, AWS_DEFAULT_REGION: "eu-north-1" },
      "eu-north-1",
    ],
    ["AWS_REGION before that", {}, { AWS_DEFAULT_REGION: "eu-north-1", AWS_REGION: "eu-west-3" }, "eu-west-3"],
    ["IMGPROXY_S3_REGION before all", { s3Region: "eu-west-2" }, { AWS_REGION: "eu-west-3" }, "eu-west-2"],
    [
      "IMGPROXY_S3_BUCKET_REGIONS for its bucket",
      { s3Region: "eu-west-2", s3BucketRegions: new Map([["elsewhere", "ap-south-2"]]) },
      {},
      "ap-south-2",
    ],
  ])("is %s", async (_, config, env, region) => {
    const { first } = await fetched({ s3Region: "", ...config }, "elsewhere", { ...keysOf(minio), ...env });
    expect(first?.region).toBe(region);
  });
});

describe("special requests", () => {
  test("are unsigned in anonymous mode: a public bucket opens, a private one does not", async () => {
    const open = await fetched({ s3Anonymous: true }, publicBucket, { ...EMPTY_ENV });
    expect([open.status, open.first?.headers.authorization]).toEqual([200, undefined]);
    expect((await fetched({ s3Anonymous: true }, bucket, { ...EMPTY_ENV })).status).toBe(403);
  });

  test("say and sign that the requester pays", async () => {
    const { status, first } = await fetched({ s3RequestPayer: "requester" });
    expect(status).toBe(200);
    expect(first?.headers["x-amz-request-payer"]).toBe("requester");
    expect(first?.headers.authorization).toContain("x-amz-request-payer");
  });

  test("answer 404 for 403 where that is wanted", async () => {
    const config = { s3Anonymous: true, s3ForbiddenAsNotFound: true };
    expect((await fetched(config, bucket, { ...EMPTY_ENV })).status).toBe(404);
  });
});

describe("IMGPROXY_S3_BUCKETS", () => {
  test("gives buckets an endpoint, keys and a region of their own, by name before pattern", async () => {
    const other = await minioServer("ap-south-1");
    const away = await other.createBucket("away");
    await other.put(away, "a.jpg", OBJECT);
    const keys = { accessKeyId: other.credentials.accessKeyId, secretAccessKey: other.credentials.secretAccessKey };
    const s3Buckets = new Map([
      ["away-*", { endpoint: other.endpoint, region: "eu-central-1", ...keys }],
      [away, { endpoint: other.endpoint, region: "ap-south-1", ...keys }],
      ["public-*", { anonymous: true }],
    ]);
    const environment = { ...keysOf(minio), AWS_SECRET_ACCESS_KEY: "wrong for everybody who inherits" };
    expect((await fetched({ s3Buckets }, away, environment)).status).toBe(200);
    expect((await fetched({ s3Buckets }, "away-with-the-pattern", environment)).status).toBe(400);
    expect((await fetched({ s3Buckets }, publicBucket, environment)).status).toBe(200);
    expect((await fetched({ s3Buckets }, bucket, environment)).status).toBe(403);
  });

  test("takes keys from a profile of the shared files", async () => {
    const credentials = join(folder, "credentials");
    const { accessKeyId, secretAccessKey } = minio.credentials;
    writeFileSync(
      credentials,
      `[shop]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
    );
    const s3Buckets = new Map([[bucket, { profile: "shop" }]]);
    const env = { ...EMPTY_ENV, AWS_SHARED_CREDENTIALS_FILE: credentials };
    expect((await fetched({ s3Buckets }, bucket, env)).status).toBe(200);
  });
});
