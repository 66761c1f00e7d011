import { beforeAll, describe, expect, test } from "bun:test";
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { BucketStore } from "../../src/cache/bucket-store.ts";
import { CorruptRecord } from "../../src/cache/record.ts";
import { openObjectBucket } from "../../src/source/s3/object-bucket.ts";
import { noMetrics, silentLogger } from "../../src/telemetry/types.ts";
import { describeStoreContract } from "../contract/store-contract.ts";
import { failureOf } from "../support/failure.ts";
import { minioServer, type TestMinio } from "../support/minio.ts";
import { keysOf, S3_DEFAULTS } from "../support/s3-source.ts";
import { isSame, keyOf, never, resultOf } from "./results.ts";

let server: TestMinio;
let bucket: string;
beforeAll(async () => {
  server = await minioServer();
  bucket = await server.createBucket("results");
}, 60_000);

function open(name = bucket, change: Readonly<Record<string, string>> = {}) {
  const config = { ...S3_DEFAULTS, s3Endpoint: server.endpoint, s3Region: server.region, s3MultiRegion: true };
  const env = { ...keysOf(server), ...change };
  return openObjectBucket(name, config, { logger: silentLogger, metrics: noMetrics, env });
}

describeStoreContract("bucket", async () => {
  server = await minioServer();
  const own = await server.createBucket("contract");
  return { store: new BucketStore(await open(own), "site/results-v1/") };
});

describe("a bucket of results", () => {
  test("holds one object a result, below the prefix, named by its key alone", async () => {
    const store = new BucketStore(await open(), "site/");
    await store.put(keyOf("a"), resultOf(1000), never);
    const { Contents = [] } = await server.client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: "site/" }));
    expect(Contents.map(({ Key }) => Key)).toEqual([`site/${keyOf("a").slice(0, 2)}/${keyOf("a")}`]);
    await store.close();
  });

  test("is shared by servers", async () => {
    const [one, other] = [new BucketStore(await open(), ""), new BucketStore(await open(), "")];
    await one.put(keyOf("shared"), resultOf(5000), never);
    expect(isSame(await other.get(keyOf("shared"), never), resultOf(5000))).toBe(true);
    await one.close();
    await other.close();
  });

  test("that was damaged is refused and removed", async () => {
    const store = new BucketStore(await open(), "");
    const key = keyOf("damaged");
    await store.put(key, resultOf(5000), never);
    const place = { Bucket: bucket, Key: `${key.slice(0, 2)}/${key}` };
    const { Body } = await server.client.send(new GetObjectCommand(place));
    const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
    await server.client.send(new PutObjectCommand({ ...place, Body: bytes.subarray(0, 4000) }));
    expect(await Promise.resolve(store.get(key, never)).catch((error: unknown) => error)).toBeInstanceOf(CorruptRecord);
    expect(await store.get(key, never)).toBeUndefined();
    await store.close();
  });

  test("is read in the region it turns out to be in", async () => {
    const config = { ...S3_DEFAULTS, s3Endpoint: server.endpoint, s3Region: "eu-north-7", s3MultiRegion: true };
    const objects = await openObjectBucket(bucket, config, {
      logger: silentLogger,
      metrics: noMetrics,
      env: keysOf(server),
    });
    await objects.put("region", new Uint8Array([1, 2, 3]), never);
    expect(await objects.get("region", 100, never)).toEqual(Buffer.from([1, 2, 3]));
    await objects.close();
  });

  test("gives nothing larger than allowed", async () => {
    const objects = await open();
    await objects.put("large", new Uint8Array(1000), never);
    expect((await failureOf(objects.get("large", 999, never))).kind).toBe("invalid_image");
    expect(await objects.get("large", 1000, never)).toHaveLength(1000);
    await objects.close();
  });
});

describe("a bucket that cannot be used", () => {
  test("because it is not there is a fault and no miss", async () => {
    const objects = await open("no-such-bucket-here");
    expect((await failureOf(objects.get("a", 10, never))).message).toContain("NoSuchBucket");
    expect((await failureOf(objects.put("a", new Uint8Array(1), never))).message).toContain("NoSuchBucket");
    await objects.close();
  });

  test("because the keys are wrong says so, without the keys", async () => {
    const objects = await open(bucket, { AWS_SECRET_ACCESS_KEY: "wrong-secret" });
    const { message, hint = "" } = await failureOf(objects.get("a", 10, never));
    expect(message).toContain("SignatureDoesNotMatch");
    expect(message + hint).not.toContain("wrong-secret");
    await objects.close();
  });

  test("because nobody listens there says where", async () => {
    const config = { ...S3_DEFAULTS, s3Endpoint: "http://127.0.0.1:9", s3Region: "us-east-1" };
    const objects = await openObjectBucket("b", config, {
      logger: silentLogger,
      metrics: noMetrics,
      env: keysOf(server),
    });
    expect((await failureOf(objects.get("a", 10, never))).message).toContain("http://127.0.0.1:9");
    await objects.close();
  });
});
