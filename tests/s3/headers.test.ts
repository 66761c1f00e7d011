import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { readBody } from "../../src/source/read-body.ts";
import type { S3Source } from "../../src/source/s3/s3-source.ts";
import { requireWholeSource } from "../../src/source/whole-source.ts";
import { failureOf } from "../support/failure.ts";
import { minioServer, type TestMinio } from "../support/minio.ts";
import { patternBytes } from "../support/pattern-bytes.ts";
import { S3Front } from "../support/s3-front.ts";
import { get, keysOf, outcome, s3Source } from "../support/s3-source.ts";

const OBJECT = patternBytes(3000);

let minio: TestMinio;
let front: S3Front;
let source: S3Source;
let bucket = "";
let validators: { readonly etag: string; readonly modified: string };

beforeAll(async () => {
  minio = await minioServer();
  front = await S3Front.start();
  bucket = await minio.createBucket("headers");
  front.buckets.set(bucket, { home: minio });
  source = s3Source({ s3Endpoint: front.endpoint, s3Region: minio.region }, { env: keysOf(minio) });
  await minio.put(bucket, "a.png", OBJECT, {
    CacheControl: "max-age=123",
    Expires: new Date("2031-01-01T00:00:00Z"),
    Metadata: { owner: "somebody" },
  });
  const { headers } = await outcome(source, `s3://${bucket}/a.png`);
  validators = { etag: headers?.get("etag") ?? "", modified: headers?.get("last-modified") ?? "" };
});

afterAll(() => front.stop());

async function conditionally(headers: Record<string, string>) {
  front.count();
  const { status } = await outcome(source, `s3://${bucket}/a.png`, headers);
  const { range, "if-none-match": etag, "if-modified-since": since } = front.seen[0]?.headers ?? {};
  return { status, sent: { range, etag, since } };
}

describe("conditions", () => {
  const nothing = { range: undefined, etag: undefined, since: undefined };

  test("that hold give 304, others the object", async () => {
    const older = new Date(Date.parse(validators.modified) - 3_600_000).toUTCString();
    expect((await conditionally({ "if-none-match": validators.etag })).status).toBe(304);
    expect((await conditionally({ "if-none-match": '"other"' })).status).toBe(200);
    expect((await conditionally({ "if-modified-since": validators.modified })).status).toBe(304);
    expect((await conditionally({ "if-modified-since": older })).status).toBe(200);
  });

  test("with an unreadable date are dropped", async () => {
    expect(await conditionally({ "if-modified-since": "yesterday" })).toEqual({ status: 200, sent: nothing });
  });

  test("with letters that cannot be signed as they are sent are dropped", async () => {
    expect(await conditionally({ "if-none-match": '"caf\u00e9"' })).toEqual({ status: 200, sent: nothing });
    expect(await conditionally({ range: "bytes=0-9\u00e9" })).toEqual({ status: 200, sent: nothing });
  });

  test("of two kinds leave the decision to the ETag", async () => {
    const both = { "if-none-match": '"other"', "if-modified-since": validators.modified };
    expect(await conditionally(both)).toEqual({ status: 200, sent: { ...nothing, etag: '"other"' } });
  });

  test("are not sent beside a range", async () => {
    const all = { range: "bytes=0-9", "if-none-match": validators.etag, "if-modified-since": validators.modified };
    expect(await conditionally(all)).toEqual({ status: 206, sent: { ...nothing, range: "bytes=0-9" } });
  });

  test("beyond the end are 416", async () => {
    expect((await conditionally({ range: "bytes=99999-" })).status).toBe(416);
  });
});

describe("headers of an answer", () => {
  test("are handed on where they concern the object, and nothing of S3's own", async () => {
    const { headers } = await outcome(source, `s3://${bucket}/a.png`);
    expect(Object.fromEntries(headers ?? [])).toEqual({
      "accept-ranges": "bytes",
      "cache-control": "max-age=123",
      "content-length": "3000",
      "content-type": "image/png",
      etag: validators.etag,
      expires: "Wed, 01 Jan 2031 00:00:00 GMT",
      "last-modified": validators.modified,
    });
  });
});

describe("stored gzip", () => {
  beforeAll(async () => {
    await minio.put(bucket, "packed.svg", gzipSync(OBJECT), { ContentEncoding: "gzip" });
    await minio.put(bucket, "liar.svg", OBJECT, { ContentEncoding: "gzip" });
  });

  test("comes as it is stored, headers and bytes in agreement", async () => {
    const { headers, bytes } = await outcome(source, `s3://${bucket}/packed.svg`);
    expect(headers?.get("content-encoding")).toBe("gzip");
    expect(headers?.get("content-length")).toBe(String(bytes?.length));
    expect(Buffer.compare(gunzipSync(bytes ?? new Uint8Array(0)), OBJECT)).toBe(0);
  });

  test("is unpacked for processing", async () => {
    const whole = await requireWholeSource(await get(source, `s3://${bucket}/packed.svg`));
    expect(await readBody(whole, { maxBytes: 0, signal: new AbortController().signal })).toEqual(OBJECT);
    expect(whole.headers.get("content-length")).toBeNull();
  });

  test("that is none is 422 for processing", async () => {
    const whole = await requireWholeSource(await get(source, `s3://${bucket}/liar.svg`));
    const error = await failureOf(readBody(whole, { maxBytes: 0, signal: new AbortController().signal }));
    expect(error.status).toBe(422);
  });
});

describe("bodies", () => {
  test("that are empty come as no bytes", async () => {
    await minio.put(bucket, "empty.png", new Uint8Array(0));
    const { status, bytes } = await outcome(source, `s3://${bucket}/empty.png`);
    expect([status, bytes?.length]).toEqual([200, 0]);
  });

  test("of 20 MB are streamed, and one beyond the limit is let go of early", async () => {
    const large = patternBytes(20_000_000);
    await minio.put(bucket, "large.png", large);
    const response = await get(source, `s3://${bucket}/large.png`);
    expect(response.body).toBeInstanceOf(ReadableStream);
    response.headers.delete("content-length");
    const signal = new AbortController().signal;
    expect((await failureOf(readBody(response, { maxBytes: 1_000_000, signal }))).status).toBe(422);
    expect((await outcome(source, `s3://${bucket}/large.png`)).bytes?.length).toBe(large.length);
  });

  test("of XML that is an SVG pass", async () => {
    const svg = new TextEncoder().encode('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>');
    await minio.put(bucket, "a.svg", svg, { ContentType: "application/xml" });
    expect((await outcome(source, `s3://${bucket}/a.svg`)).bytes).toEqual(svg);
  });
});

describe("checksums", () => {
  const algorithms = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const;

  test.each(algorithms)("of kind %s are asked for and verified where that is wanted", async (ChecksumAlgorithm) => {
    const config = { s3Endpoint: front.endpoint, s3Region: minio.region, s3VerifyChecksums: true };
    const strict = s3Source(config, { env: keysOf(minio) });
    for (const size of [3000, 2_000_000]) {
      const body = patternBytes(size);
      await minio.put(bucket, "summed.png", body, { ChecksumAlgorithm });
      front.count();
      expect((await outcome(strict, `s3://${bucket}/summed.png`)).bytes).toEqual(body);
      expect(front.seen[0]?.headers["x-amz-checksum-mode"]).toBe("ENABLED");
    }
  });

  test("are not asked for otherwise", async () => {
    front.count();
    await outcome(source, `s3://${bucket}/a.png`);
    expect(front.seen[0]?.headers["x-amz-checksum-mode"]).toBeUndefined();
  });
});
