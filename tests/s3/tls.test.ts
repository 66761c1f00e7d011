import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { S3Config } from "../../src/source/s3/settings/s3-config.ts";
import { minioServer, type TestMinio } from "../support/minio.ts";
import { patternBytes } from "../support/pattern-bytes.ts";
import { probe } from "../support/s3-probe.ts";
import { keysOf, outcome, s3Source } from "../support/s3-source.ts";
import { TEST_CERTIFICATE } from "../support/tls-certificate.ts";

const OBJECT = patternBytes(2000);
const folder = mkdtempSync(join(tmpdir(), "s3-tls-"));
const authority = join(folder, "public.crt");
writeFileSync(authority, TEST_CERTIFICATE.cert);
writeFileSync(join(folder, "private.key"), TEST_CERTIFICATE.key);

let minio: TestMinio;
let bucket = "";

beforeAll(async () => {
  // The set-up itself speaks TLS to the server, with the certificate that only these tests trust.
  minio = await minioServer("eu-west-1", { certsFolder: folder });
  bucket = await minio.createBucket("tls");
  await minio.put(bucket, "a.png", OBJECT);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function read(config: Partial<S3Config>, env: Record<string, string> = {}) {
  const source = s3Source(
    { s3Endpoint: minio.endpoint, s3Region: minio.region, ...config },
    { env: { ...keysOf(minio), ...env } },
  );
  return outcome(source, `s3://${bucket}/a.png`);
}

describe("a store with a certificate that nobody knows", () => {
  test("is 404 with the code and a hint", async () => {
    const { status, error } = await read({});
    expect(status).toBe(404);
    expect(error?.message).toMatch(/SELF_SIGNED_CERT|UNABLE_TO_VERIFY/);
    expect(error?.hint).toContain("AWS_CA_BUNDLE");
  });

  test("is read with IMGPROXY_IGNORE_SSL_VERIFICATION", async () => {
    expect((await read({ ignoreSslVerification: true })).bytes).toEqual(OBJECT);
  });

  test("is read with its authority in AWS_CA_BUNDLE", async () => {
    expect((await read({}, { AWS_CA_BUNDLE: authority })).bytes).toEqual(OBJECT);
  });

  test("stops the start when AWS_CA_BUNDLE cannot be read", () => {
    expect(() => s3Source({}, { env: { AWS_CA_BUNDLE: "/nonexistent.pem" } })).toThrow("AWS_CA_BUNDLE: cannot read");
  });

  test.each(["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"])("is read with its authority in %s", async (variable) => {
    const env = {
      ...keysOf(minio),
      IMGPROXY_USE_S3: "true",
      IMGPROXY_S3_ENDPOINT: minio.endpoint,
      IMGPROXY_S3_REGION: "eu-west-1",
    };
    expect(await probe(`s3://${bucket}/a.png`, { ...env, [variable]: authority })).toEqual({
      statuses: [200],
      messages: [],
    });
  });

  test("keeps its connections", async () => {
    const { createServer } = await import("node:https");
    let connections = 0;
    const server = createServer(TEST_CERTIFICATE, (_, outgoing) =>
      outgoing.writeHead(200, { "content-length": "2" }).end("ok"),
    );
    server.on("secureConnection", () => connections++);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    const config = { s3Endpoint: `https://127.0.0.1:${port}`, s3Region: "eu-west-1" };
    const source = s3Source(config, { env: { ...keysOf(minio), AWS_CA_BUNDLE: authority } });
    for (let index = 0; index < 50; index++) expect((await outcome(source, "s3://b/a")).status).toBe(200);
    expect(connections).toBe(1);
    server.closeAllConnections();
    server.close();
  });
});

describe("objects encrypted with a key of the customer", () => {
  const sseCustomerKey = Buffer.from(patternBytes(32)).toString("base64");

  beforeAll(async () => {
    await minio.put(bucket, "secret.png", OBJECT, { SSECustomerAlgorithm: "AES256", SSECustomerKey: sseCustomerKey });
  });

  test("open with it and with nothing else", async () => {
    const read = (s3Buckets: S3Config["s3Buckets"]) =>
      outcome(
        s3Source(
          { s3Endpoint: minio.endpoint, s3Region: minio.region, s3Buckets },
          { env: { ...keysOf(minio), AWS_CA_BUNDLE: authority } },
        ),
        `s3://${bucket}/secret.png`,
      );
    expect((await read(new Map())).status).toBe(400);
    expect((await read(new Map([["tls-*", { sseCustomerKey }]]))).bytes).toEqual(OBJECT);
  });

  test("stop the start over plain http, where others would read the key", () => {
    const s3Buckets = new Map([[bucket, { sseCustomerKey, endpoint: "minio:9000" }]]);
    expect(() => s3Source({ s3Region: minio.region, s3Buckets }, { env: keysOf(minio) })).toThrow(
      "only sent over https",
    );
  });

  test("are not asked for over plain http by AWS's own variables either", async () => {
    const s3Buckets = new Map([[bucket, { sseCustomerKey }]]);
    const env = { ...keysOf(minio), AWS_ENDPOINT_URL_S3: "http://127.0.0.1:1" };
    const { error } = await outcome(s3Source({ s3Buckets }, { env }), `s3://${bucket}/secret.png`);
    expect([error?.kind, error?.message]).toEqual(["config", expect.stringContaining("only sent over https")]);
  });
});
