/**
 * Objects of S3 encryption clients. The samples were written by AWS's own client for Python (amazon-s3-encryption-client-python
 * 4.0.0) against a KMS whose data keys are known; KMS here hands out those keys and insists on the context, as the real one does.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { S3Config } from "../../src/source/s3/settings/s3-config.ts";
import samples from "../fixtures/s3-encrypted-objects.json";
import { minioServer, type TestMinio } from "../support/minio.ts";
import { S3Front } from "../support/s3-front.ts";
import { keysOf, outcome, s3Source } from "../support/s3-source.ts";

const PLAIN = Buffer.from(samples.plaintext, "base64");

let minio: TestMinio;
let front: S3Front;
let bucket = "";
const kms = { calls: 0, region: "", refusal: undefined as string | undefined };
const kmsServer = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: answerAsKms });

async function answerAsKms(request: Request): Promise<Response> {
  kms.calls++;
  kms.region = /Credential=[^/]+\/\d{8}\/([^/]+)\/kms/.exec(request.headers.get("authorization") ?? "")?.[1] ?? "";
  const asked = (await request.json()) as { CiphertextBlob: string; EncryptionContext: Record<string, string> };
  const key = samples.objects.map(({ dataKey }) => dataKey).find(({ wrapped }) => wrapped === asked.CiphertextBlob);
  const isBound = Bun.deepEquals(key?.context, asked.EncryptionContext);
  const refusal = kms.refusal ?? (isBound ? undefined : "InvalidCiphertextException");
  const isDecrypt = request.headers.get("x-amz-target") === "TrentService.Decrypt";
  const headers = { "content-type": "application/x-amz-json-1.1" };
  if (!isDecrypt || refusal !== undefined)
    return Response.json({ __type: refusal, message: "no" }, { status: 400, headers });
  return Response.json({ KeyId: "test", Plaintext: key?.plain }, { headers });
}

beforeAll(async () => {
  minio = await minioServer();
  front = await S3Front.start();
  bucket = await minio.createBucket("encrypted");
  front.buckets.set(bucket, { home: minio });
});

beforeEach(() => Object.assign(kms, { calls: 0, refusal: undefined }));

afterAll(async () => {
  await front.stop();
  await kmsServer.stop(true);
});

type Sample = (typeof samples.objects)[number];

/** Stores a sample, changed where a test wants it changed, and reads it. */
async function read(
  sample: Sample,
  change: { metadata?: Record<string, string>; body?: Uint8Array } = {},
  more: Partial<S3Config> = {},
) {
  const Metadata = { ...sample.metadata, ...change.metadata };
  await minio.put(bucket, "sealed.png", change.body ?? Buffer.from(sample.body, "base64"), { Metadata });
  return await outcome(source(more), `s3://${bucket}/sealed.png`);
}

function source(more: Partial<S3Config> = {}) {
  const env = { ...keysOf(minio), AWS_ENDPOINT_URL_KMS: kmsServer.url.origin };
  return s3Source(
    { s3Endpoint: front.endpoint, s3Region: minio.region, s3UseDecryptionClient: true, ...more },
    { env },
  );
}

function sampleOf(format: 2 | 3): Sample {
  const sample = samples.objects.find(({ name }) => name.startsWith(`format ${format}`));
  if (sample === undefined) throw new Error(`no sample of format ${format}`);
  return sample;
}

describe("an object of an S3 encryption client", () => {
  for (const sample of samples.objects) {
    test(`of ${sample.name} is decrypted`, async () => {
      const { status, bytes, headers } = await read(sample);
      expect([status, bytes && Buffer.compare(bytes, PLAIN)]).toEqual([200, 0]);
      expect(headers?.get("content-length")).toBe(String(PLAIN.length));
      expect(kms).toMatchObject({ calls: 1, region: "eu-west-1" });
    });

    test(`of ${sample.name} is refused with one bit changed`, async () => {
      const body = Buffer.from(sample.body, "base64");
      body.writeUInt8((body.at(20) ?? 0) ^ 1, 20);
      const { status, error } = await read(sample, { body });
      expect([status, error?.kind]).toEqual([422, "source_incomplete"]);
    });

    test(`of ${sample.name} is handed on as it is stored where decryption is off`, async () => {
      const { bytes } = await read(sample, {}, { s3UseDecryptionClient: false });
      expect(Buffer.from(bytes ?? []).toString("base64")).toBe(sample.body);
      expect(kms.calls).toBe(0);
    });
  }

  test("is never decrypted in part: a range gives the whole", async () => {
    await read(sampleOf(3));
    const { status, bytes } = await outcome(source(), `s3://${bucket}/sealed.png`, { range: "bytes=0-9" });
    expect([status, bytes?.length]).toEqual([200, PLAIN.length]);
  });

  test("answers 304 without a call of KMS", async () => {
    const { headers } = await read(sampleOf(3));
    const etag = headers?.get("etag") ?? "";
    expect((await outcome(source(), `s3://${bucket}/sealed.png`, { "if-none-match": etag })).status).toBe(304);
    expect(kms.calls).toBe(1);
  });

  test("that was committed to another key is refused", async () => {
    const commitment = Buffer.alloc(28, 7).toString("base64");
    const { status, error } = await read(sampleOf(3), { metadata: { "x-amz-d": commitment } });
    expect([status, error?.message]).toEqual([422, expect.stringContaining("another key")]);
  });

  test.each<[string, 2 | 3, Record<string, string>]>([
    ["with AES/CBC", 2, { "x-amz-cek-alg": "AES/CBC/PKCS5Padding" }],
    ["with a key wrapped without a context", 2, { "x-amz-wrap-alg": "kms" }],
    ["with a short tag", 2, { "x-amz-tag-len": "96" }],
    ["with a context that does not name the algorithm", 2, { "x-amz-matdesc": "{}" }],
    ["with a context that is no JSON", 2, { "x-amz-matdesc": "nothing" }],
    ["with a short vector", 2, { "x-amz-iv": "AAAA" }],
    ["with another algorithm of the content", 3, { "x-amz-c": "116" }],
    ["with another algorithm of the key", 3, { "x-amz-w": "22" }],
    ["with a short message id", 3, { "x-amz-i": "AAAA" }],
  ])("%s is refused without a call of KMS", async (_, format, metadata) => {
    const { status, error } = await read(sampleOf(format), { metadata });
    expect([status, error?.message, kms.calls]).toEqual([422, expect.stringContaining("cannot be decrypted"), 0]);
  });

  test("with an altered context is refused by KMS", async () => {
    const context = JSON.stringify({ team: "others", "aws:x-amz-cek-alg": "115" });
    const { status, error } = await read(sampleOf(3), { metadata: { "x-amz-t": context } });
    expect([status, error?.message]).toEqual([404, expect.stringContaining("InvalidCiphertextException")]);
  });

  test("is 403 where KMS forbids its key", async () => {
    kms.refusal = "AccessDeniedException";
    const { status, error } = await read(sampleOf(3));
    expect([status, error?.hint]).toEqual([403, expect.stringContaining("kms:Decrypt")]);
  });

  test("beyond the size limit is not read into memory", async () => {
    const { status, error } = await read(sampleOf(3), {}, { maxSrcFileSize: PLAIN.length - 1 });
    expect([status, error?.message]).toEqual([422, expect.stringContaining("IMGPROXY_MAX_SRC_FILE_SIZE")]);
    expect((await read(sampleOf(3), {}, { maxSrcFileSize: PLAIN.length })).status).toBe(200);
  });

  test("that is a plain object is refused", async () => {
    await minio.put(bucket, "plain.png", PLAIN);
    const { status, error } = await outcome(source(), `s3://${bucket}/plain.png`);
    expect([status, error?.message]).toEqual([422, expect.stringContaining("not been encrypted")]);
  });
});
