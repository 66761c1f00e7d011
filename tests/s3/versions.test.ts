import { beforeAll, describe, expect, test } from "bun:test";
import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import type { S3Source } from "../../src/source/s3/s3-source.ts";
import { minioServer, type TestMinio } from "../support/minio.ts";
import { patternBytes } from "../support/pattern-bytes.ts";
import { S3Front } from "../support/s3-front.ts";
import { keysOf, outcome, s3Source } from "../support/s3-source.ts";

const [OLD, NEW] = [patternBytes(1000), patternBytes(1500, 2)];

let minio: TestMinio;
let source: S3Source;
let bucket = "";
let versions: { readonly old: string; readonly new: string; readonly marker: string };

beforeAll(async () => {
  minio = await minioServer();
  bucket = await minio.createBucket("versions", { isVersioned: true });
  const old = await minio.put(bucket, "a.jpg", OLD);
  const current = await minio.put(bucket, "a.jpg", NEW);
  await minio.put(bucket, "gone.jpg", OLD);
  const deleted = await minio.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: "gone.jpg" }));
  versions = { old, new: current, marker: deleted.VersionId ?? "" };
  source = s3Source({ s3Endpoint: minio.endpoint, s3Region: minio.region }, { env: keysOf(minio) });
});

describe("versions", () => {
  test.each<[string, () => string, Uint8Array]>([
    ["the newest without a version", () => "", NEW],
    ["the newest with an empty version", () => "?", NEW],
    ["the first by its id", () => `?${versions.old}`, OLD],
    ["the second by its id", () => `?${versions.new}`, NEW],
  ])("reads %s", async (_, query, expected) => {
    expect((await outcome(source, `s3://${bucket}/a.jpg${query()}`)).bytes).toEqual(expected);
  });

  test.each<[string, () => string, number]>([
    ["an id that cannot be one", () => "a.jpg?bad", 400],
    ["an id with a name in front", () => `a.jpg?versionId=${versions.old}`, 400],
    ["a well-formed id that does not exist", () => "a.jpg?11111111-1111-4111-8111-111111111111", 404],
    ["a deleted key", () => "gone.jpg", 404],
    ["the id of a delete marker", () => `gone.jpg?${versions.marker}`, 405],
  ])("answers to %s with the store's status", async (_, key, status) => {
    expect((await outcome(source, `s3://${bucket}/${key()}`)).status).toBe(status);
  });

  test("stand behind whatever separator is set", async () => {
    const config = { s3Endpoint: minio.endpoint, s3Region: minio.region, sourceUrlQuerySeparator: "?version=" };
    const other = s3Source(config, { env: keysOf(minio) });
    await minio.put(bucket, "a?b.jpg", OLD);
    expect((await outcome(other, `s3://${bucket}/a.jpg?version=${versions.old}`)).bytes).toEqual(OLD);
    expect((await outcome(other, `s3://${bucket}/a?b.jpg`)).bytes).toEqual(OLD);
  });

  test("with any character are encoded as they are signed", async () => {
    const front = await S3Front.start();
    front.buckets.set(bucket, { home: minio });
    const through = s3Source({ s3Endpoint: front.endpoint, s3Region: minio.region }, { env: keysOf(minio) });
    const { status, error } = await outcome(through, `s3://${bucket}/a.jpg?v+/=&x y!`);
    expect(front.seen[0]?.url).toBe(`/${bucket}/a.jpg?versionId=v%2B%2F%3D%26x%20y%21`);
    // A wrong signature would be 403; the store got as far as reading the id.
    expect([status, error?.message]).toEqual([400, expect.stringContaining("InvalidArgument")]);
    await front.stop();
  });
});
