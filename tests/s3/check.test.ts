import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { checkS3 } from "../../src/source/s3/check.ts";
import type { S3Config } from "../../src/source/s3/settings/s3-config.ts";
import { CredentialStand } from "../support/credential-cases.ts";
import { FaultyStore, refusal } from "../support/faulty-store.ts";
import { minioServer } from "../support/minio.ts";
import { keysOf, S3_DEFAULTS } from "../support/s3-source.ts";

let stand: CredentialStand;

beforeAll(async () => {
  stand = await CredentialStand.start();
});
beforeEach(() => stand.reset());
afterAll(() => stand.stop());

type CheckedConfig = S3Config & { readonly useS3: boolean };

/** The report on a URL, and whether the object can be read. */
async function check(url: string, config: Partial<CheckedConfig> = {}, env: Record<string, string> = {}) {
  let report = "";
  const complete = { ...S3_DEFAULTS, useS3: true, s3Endpoint: stand.minio.endpoint, s3Region: stand.minio.region };
  const isReadable = await checkS3(url, { ...complete, ...config }, env, (text) => {
    report += text;
  });
  return { isReadable, report };
}

function object(): string {
  return `s3://${stand.bucket}/a.png`;
}

describe("imgproxy s3 check", () => {
  test("names object, region, endpoint, keys and the result of a good read", async () => {
    const { isReadable, report } = await check(object(), {}, keysOf(stand.minio));
    expect(isReadable).toBe(true);
    expect(report).toContain(`ok    bucket ${stand.bucket}, key "a.png", newest version`);
    expect(report).toContain("ok    region eu-west-1, from IMGPROXY_S3_REGION, and no other");
    expect(report).toContain(`ok    own endpoint: ${stand.minio.endpoint}/${stand.bucket}/a.png`);
    expect(report).toContain("ok    environment: access key test…user");
    expect(report).toContain("ok    2000 bytes of image/png in ");
    expect(report).not.toContain(stand.minio.credentials.secretAccessKey);
  });

  test("tells whose the keys are where there is an STS to ask", async () => {
    const env = { ...keysOf(stand.minio), AWS_ENDPOINT_URL_STS: stand.services.endpoint };
    const { report } = await check(object(), {}, env);
    expect(report).toContain("identity arn:aws:sts::123456789012:assumed-role/test/session, account 123456789012");
  });

  test("goes through the sources of keys and says why each has none", async () => {
    const { isReadable, report } = await check(object(), {}, { ...stand.baseEnv() });
    expect(isReadable).toBe(false);
    expect(report).toContain("-     environment: AWS_ACCESS_KEY_ID is not set");
    expect(report).toMatch(/- {5}shared files: no profile "default" in .*credentials/);
    expect(report).toContain("-     instance metadata: AWS_EC2_METADATA_DISABLED is true");
    expect(report).toMatch(/FAIL {2}no credentials anywhere\n {8}-> .*IMGPROXY_S3_ANONYMOUS=true/);
  });

  test("stops at a source that is configured and fails", async () => {
    const env = { ...stand.baseEnv(), ...stand.webIdentity(), AWS_WEB_IDENTITY_TOKEN_FILE: "/nonexistent/token" };
    const { report } = await check(object(), {}, env);
    expect(report).toMatch(/FAIL {2}web identity: ENOENT.*\n {8}-> It is configured, so no other source is asked/);
    expect(report).not.toContain("container:");
  });

  test("says whose keys could not assume the role", async () => {
    stand.services.behaviour.failsWith = 403;
    const env = { ...stand.baseEnv(), ...stand.rootKeys() };
    const { isReadable, report } = await check(object(), { s3AssumeRoleArn: "arn:aws:iam::1:role/img" }, env);
    expect(isReadable).toBe(false);
    expect(report).toMatch(/FAIL {2}.*AssumeRole arn:aws:iam::1:role\/img: AccessDenied/);
    expect(report).toContain("trust policy");
  });

  test("follows an assumed role", async () => {
    const env = { ...stand.baseEnv(), ...stand.rootKeys() };
    const { isReadable, report } = await check(object(), { s3AssumeRoleArn: "arn:aws:iam::1:role/img" }, env);
    expect(isReadable).toBe(true);
    expect(report).toMatch(/ok {4}assumed arn:aws:iam::1:role\/img: temporary access key .*, until 20/);
  });

  test("says where a foreign bucket is and which switch would follow it", async () => {
    const keys = keysOf(stand.minio);
    const off = await check(object(), { s3Region: "us-west-1" }, keys);
    expect(off.isReadable).toBe(false);
    expect(off.report).toContain(
      "is in region eu-west-1, not in us-west-1; IMGPROXY_S3_MULTI_REGION=true would follow it",
    );
    const on = await check(object(), { s3Region: "us-west-1", s3MultiRegion: true }, keys);
    expect(on.isReadable).toBe(true);
    expect(on.report).toContain("from region eu-west-1");
  });

  test.each([
    ["a b.png", "a%20b.png"],
    ["a b.png", "a+b.png"],
  ])("finds %s when %s was asked for", async (stored, asked) => {
    await stand.minio.put(stand.bucket, stored, stand.object);
    const { isReadable, report } = await check(`s3://${stand.bucket}/${asked}`, {}, keysOf(stand.minio));
    expect(isReadable).toBe(false);
    expect(report).toContain(`s3://${stand.bucket}/${stored} can be read: is that the one you mean?`);
  });

  test("finds a version that was asked for by name", async () => {
    const bucket = await stand.minio.createBucket("checked", { isVersioned: true });
    const version = await stand.minio.put(bucket, "a.png", stand.object);
    const { report } = await check(`s3://${bucket}/a.png?versionId=${version}`, {}, keysOf(stand.minio));
    expect(report).toContain(`s3://${bucket}/a.png?${version} can be read`);
  });

  test("notices a public bucket behind keys of another store", async () => {
    const bucket = await stand.minio.createBucket("open", { isPublic: true });
    await stand.minio.put(bucket, "a.png", stand.object);
    const env = { ...keysOf(stand.minio), AWS_ACCESS_KEY_ID: "AKIAOTHER" };
    const { report } = await check(`s3://${bucket}/a.png`, {}, env);
    expect(report).toContain("InvalidAccessKeyId");
    expect(report).toContain("without a signature it can be read");
  });

  test("explains what the store refuses, and what the server would answer", async () => {
    const store = await FaultyStore.start(stand.object);
    const url = store.script("locked", refusal(403, "SignatureDoesNotMatch"));
    const { report } = await check(url, { s3Endpoint: store.endpoint }, keysOf(stand.minio));
    expect(report).toContain("SignatureDoesNotMatch");
    expect(report).toContain("-> The secret key is wrong, or a proxy");
    expect(report).toContain("-     the server would answer 403");
    await store.stop();
  });

  test.each<[string, string, Partial<CheckedConfig>, RegExp]>([
    ["a bucket that is not allowed", "s3://b/a", { s3DeniedBuckets: ["b"] }, /FAIL {2}bucket b is not allowed/],
    ["a key with dot segments", "s3://b/../a", {}, /FAIL {2}.*segment \. or \.\./],
    ["no URL of an object", "s3://b", {}, /FAIL {2}.*the object key is empty/],
    [
      "an access point at an own endpoint",
      "s3://ap/a",
      { s3AccessPoints: new Map([["ap", "arn:aws:s3:us-west-2:123456789012:accesspoint/x"]]) },
      /FAIL {2}.*ARN buckets/,
    ],
    ["S3 that is off", "s3://b", { useS3: false }, /warn {2}IMGPROXY_USE_S3 is not true/],
  ])("sees %s without a request", async (_, url, config, expected) => {
    const { isReadable, report } = await check(url, config, keysOf(stand.minio));
    expect([isReadable, report]).toEqual([false, expect.stringMatching(expected)]);
  });

  test("wonders about a public endpoint without a scheme", async () => {
    const { report } = await check(object(), { s3Endpoint: "s3.example.com" }, { ...stand.baseEnv() });
    expect(report).toContain("warn  the S3 endpoint s3.example.com has no scheme and is used over http");
  });

  test("says which entry of IMGPROXY_S3_BUCKETS applies, and hides its keys", async () => {
    const other = await minioServer("ap-south-1");
    const bucket = await other.createBucket("side");
    await other.put(bucket, "a.png", stand.object);
    const settings = { endpoint: other.endpoint, region: "ap-south-1", ...other.credentials };
    const { isReadable, report } = await check(`s3://${bucket}/a.png`, { s3Buckets: new Map([["side-*", settings]]) });
    expect(isReadable).toBe(true);
    expect(report).toContain('the entry "side-*" of IMGPROXY_S3_BUCKETS applies');
    expect(report).not.toContain(other.credentials.secretAccessKey);
  });
});
