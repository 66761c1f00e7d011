/** What only a process of its own can show of S3: authorities that count from the start, and 200 requests to a cold server. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CredentialStand } from "../support/credential-cases.ts";
import { runExecutable, startServer } from "../support/executable.ts";
import { minioServer } from "../support/minio.ts";
import { patternBytes } from "../support/pattern-bytes.ts";
import { S3Front } from "../support/s3-front.ts";
import { TEST_CERTIFICATE } from "../support/tls-certificate.ts";

const OBJECT = patternBytes(2000);
const folder = mkdtempSync(join(tmpdir(), "s3-start-"));
const authority = join(folder, "public.crt");
writeFileSync(authority, TEST_CERTIFICATE.cert);
writeFileSync(join(folder, "private.key"), TEST_CERTIFICATE.key);

let stand: CredentialStand;

beforeAll(async () => {
  stand = await CredentialStand.start(OBJECT);
  stand.reset();
});

afterAll(async () => {
  await stand.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("a store with a certificate that nobody knows", () => {
  test.each([
    ["NODE_EXTRA_CA_CERTS", authority, 200],
    ["SSL_CERT_FILE", authority, 200],
    ["AWS_CA_BUNDLE", authority, 200],
    ["IMGPROXY_IGNORE_SSL_VERIFICATION", "true", 200],
    ["AWS_REGION", "eu-west-1", 404],
  ])("with %s=%s is %d", async (variable, value, status) => {
    const tls = await minioServer("eu-west-1", { certsFolder: folder });
    const bucket = await tls.createBucket("tls");
    await tls.put(bucket, "a.png", OBJECT);
    const env = { ...stand.baseEnv(), ...stand.rootKeys(), IMGPROXY_S3_ENDPOINT: tls.endpoint, [variable]: value };
    const server = await startServer({ env });
    expect((await fetch(`${server.url}/unsafe/raw:1/plain/s3://${bucket}/a.png`)).status).toBe(status);
    await server.stop();
    if (status !== 200) expect(server.log()).toContain("SELF_SIGNED_CERT");
  });
});

test("200 first requests to a cold server make one call for credentials and one probe for a foreign bucket", async () => {
  const away = await minioServer("ap-south-1");
  const bucket = await away.createBucket("cold");
  await away.put(bucket, "a.png", OBJECT);
  const front = await S3Front.start();
  front.buckets.set(bucket, { home: away, answer: "301 bare" });
  stand.reset();
  // Keys of the machine are those of one server, and the foreign bucket is on another: hence the keys that both know.
  const process = stand.write("keys.sh", `echo called >> ${folder}/calls\n${keysAsJson()}`);
  stand.write(".aws/config", `[default]\ncredential_process = sh ${process}\n`);
  const env = { ...stand.baseEnv(), IMGPROXY_S3_ENDPOINT: front.endpoint, IMGPROXY_S3_MULTI_REGION: "true" };
  await using server = await startServer({ env });
  const url = `${server.url}/unsafe/raw:1/plain/s3://${bucket}/a.png`;
  const answers = await Promise.all(Array.from({ length: 200 }, async () => (await fetch(url)).bytes()));
  expect(answers.every((bytes) => Buffer.compare(bytes, OBJECT) === 0)).toBe(true);
  expect(await Bun.file(join(folder, "calls")).text()).toBe("called\n");
  expect(front.seen.filter(({ method }) => method === "HEAD")).toHaveLength(1);
  await front.stop();
});

function keysAsJson(): string {
  const { accessKeyId, secretAccessKey } = stand.minio.credentials;
  const keys = { Version: 1, AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey };
  return `printf '%s' '${JSON.stringify(keys)}'\n`;
}

describe("imgproxy s3 check", () => {
  beforeEach(() => stand.reset());

  test("ends with 0 for an object that can be read", async () => {
    const env = { ...stand.baseEnv(), ...stand.rootKeys() };
    const { status, out } = await runExecutable(["s3", "check", `s3://${stand.bucket}/a.png`], { env });
    expect([status, out]).toEqual([0, expect.stringContaining("ok    2000 bytes of image/png")]);
    expect(out).toContain("identity arn:aws:sts::123456789012:assumed-role/test/session");
    expect(out).not.toContain(stand.minio.credentials.secretAccessKey);
  });

  test("ends with 1 for one that cannot, and says why", async () => {
    const { status, out } = await runExecutable(["s3", "check", `s3://${stand.bucket}/a.png`], {
      env: stand.baseEnv(),
    });
    expect([status, out]).toEqual([1, expect.stringContaining("no credentials anywhere")]);
  });
});
