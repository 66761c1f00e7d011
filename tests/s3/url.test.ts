import { beforeAll, describe, expect, test } from "bun:test";
import type { S3Source } from "../../src/source/s3/s3-source.ts";
import { minioServer, type TestMinio } from "../support/minio.ts";
import { patternBytes } from "../support/pattern-bytes.ts";
import { S3Front } from "../support/s3-front.ts";
import { keysOf, outcome, s3Source } from "../support/s3-source.ts";

const OBJECT = patternBytes(3000);
const OTHER = patternBytes(2000, 2);

let minio: TestMinio;
let front: S3Front;
let source: S3Source;
let bucket = "";

beforeAll(async () => {
  minio = await minioServer();
  front = await S3Front.start();
  bucket = await minio.createBucket("keys");
  front.buckets.set(bucket, { home: minio });
  source = s3Source({ s3Endpoint: front.endpoint, s3Region: minio.region }, { env: keysOf(minio) });
  await minio.put(bucket, "a.jpg", OBJECT);
  front.count();
});

/** What came, and what the store saw of it. */
async function seen(url: string, from = source) {
  front.count();
  const { status, bytes } = await outcome(from, url);
  return {
    status,
    isObject: bytes !== undefined && Buffer.compare(bytes, OBJECT) === 0,
    paths: front.seen.map((request) => request.url),
  };
}

describe("URLs", () => {
  test.each([
    "s3://B/a.jpg",
    "S3://B/a.jpg",
    "s3://B//a.jpg",
    "s3://B///a.jpg",
    "s3://user:pw@B/a.jpg",
    "s3://B/a.jpg?",
  ])("%s reads a.jpg with one request", async (url) => {
    expect(await seen(url.replace("B", bucket))).toEqual({ status: 200, isObject: true, paths: [`/${bucket}/a.jpg`] });
  });

  test.each(["s3://B", "s3://B/", "s3:///a", "s3:/B/a.jpg", "s3://B x/a.jpg"])(
    "%s is 404 without a request",
    async (url) => {
      expect(await seen(url.replace("B", bucket))).toEqual({ status: 404, isObject: false, paths: [] });
    },
  );

  test.each(["./a.jpg", "x/../a.jpg", "../other/a.jpg", "..", "x/.", "a.jpg/.."])(
    "the key %s is 400 without a request",
    async (key) => {
      expect(await seen(`s3://${bucket}/${key}`)).toEqual({ status: 400, isObject: false, paths: [] });
    },
  );

  test.each([
    ["doubled slashes", "dir//x", "/dir//x"],
    ["a slash at the end", "dir/x/", "/dir/x/"],
    ["a backslash", "dir\\x", "/dir%5Cx"],
    ["literal percent-encoded dots", "%2e%2e/other/a.jpg", "/%252e%252e/other/a.jpg"],
  ])("a key with %s goes out as it is", async (_, key, path) => {
    const result = await seen(`s3://${bucket}/${key}`);
    expect(result.paths).toEqual([`/${bucket}${path}`]);
    expect([400, 404]).toContain(result.status);
  });

  test.each(["BKT", "e_u", "keys:80"])("the store itself refuses the bucket name %s", async (name) => {
    const direct = s3Source({ s3Endpoint: minio.endpoint, s3Region: minio.region }, { env: keysOf(minio) });
    expect((await outcome(direct, `s3://${name}/a.jpg`)).status).toBe(400);
  });
});

describe("keys", () => {
  /** Every printable ASCII character but the separator, each in a key of its own; MinIO folds a lone `/` away and refuses `\`. */
  const CHARACTERS = Array.from({ length: 95 }, (_, index) => String.fromCharCode(index + 32)).filter(
    (character) => !"?/\\".includes(character),
  );

  test("with any printable ASCII character are found", async () => {
    await Promise.all(CHARACTERS.map((character) => minio.put(bucket, `ascii/x${character}y`, OBJECT)));
    for (const character of CHARACTERS) {
      const result = await outcome(source, `s3://${bucket}/ascii/x${character}y`);
      expect([character, result.status]).toEqual([character, 200]);
    }
  });

  test.each([
    "a b",
    "a+b",
    "a%b",
    "a%20b",
    "a#b",
    "a&b=c",
    "тест.jpg",
    "日本 語.jpg",
    "emoji😀.jpg",
    "~!*'()",
    "@:,;=$",
    "a..b/c.jpg",
  ])("%s is read as it is written", async (key) => {
    await minio.put(bucket, key, OBJECT);
    expect((await seen(`s3://${bucket}/${key}`)).isObject).toBe(true);
  });

  test("composed and decomposed letters are different keys", async () => {
    const [composed, decomposed] = ["\u00e9.jpg", "e\u0301.jpg"];
    await minio.put(bucket, composed ?? "", OBJECT);
    await minio.put(bucket, decomposed ?? "", OTHER);
    expect((await outcome(source, `s3://${bucket}/${composed}`)).bytes).toEqual(OBJECT);
    expect((await outcome(source, `s3://${bucket}/${decomposed}`)).bytes).toEqual(OTHER);
  });

  test("with a question mark need another separator", async () => {
    await minio.put(bucket, "a?b.jpg", OBJECT);
    expect((await seen(`s3://${bucket}/a?b.jpg`)).status).toBe(400);
    const config = { s3Endpoint: front.endpoint, s3Region: minio.region, sourceUrlQuerySeparator: "" };
    expect((await seen(`s3://${bucket}/a?b.jpg`, s3Source(config, { env: keysOf(minio) }))).isObject).toBe(true);
  });
});

describe("requests", () => {
  test("carry what S3 needs and nothing of the asker", async () => {
    front.count();
    const asked = { cookie: "session=1", "x-request-id": "r", authorization: "Bearer x" };
    await outcome(source, `s3://${bucket}/a.jpg`, asked);
    const headers = front.seen[0]?.headers ?? {};
    expect(headers.authorization).toStartWith(`AWS4-HMAC-SHA256 Credential=${minio.credentials.accessKeyId}/`);
    expect(headers["user-agent"]).toBe("imgproxy/test");
    expect(headers["accept-encoding"]).toBe("identity");
    expect(headers.cookie).toBeUndefined();
    expect(headers["x-request-id"]).toBeUndefined();
    const signed = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? "")?.[1];
    expect(signed).toBe("host;x-amz-content-sha256;x-amz-date");
  });

  test("reuse their connection", async () => {
    front.count();
    for (let index = 0; index < 20; index++) await outcome(source, `s3://${bucket}/a.jpg`);
    expect(new Set(front.seen.map(({ connection }) => connection)).size).toBe(1);
  });

  test("open a connection each where keep-alive is off", async () => {
    const config = { s3Endpoint: front.endpoint, s3Region: minio.region, clientKeepAliveTimeoutSeconds: 0 };
    const alone = s3Source(config, { env: keysOf(minio) });
    front.count();
    for (let index = 0; index < 3; index++) await outcome(alone, `s3://${bucket}/a.jpg`);
    expect(new Set(front.seen.map(({ connection }) => connection)).size).toBe(3);
  });
});
