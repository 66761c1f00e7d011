import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { AwsCredentials } from "../../src/source/s3/credentials/aws-credentials.ts";
import { CredentialCache } from "../../src/source/s3/credentials/credential-cache.ts";
import { Store } from "../../src/source/s3/store.ts";
import { buildStoreTable } from "../../src/source/s3/store-table.ts";
import { silentLogger } from "../../src/telemetry/types.ts";
import { AwsServices } from "../support/aws-services.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { FaultyStore, refusal } from "../support/faulty-store.ts";
import { minioServer, type TestMinio } from "../support/minio.ts";
import { patternBytes } from "../support/pattern-bytes.ts";
import { S3Front } from "../support/s3-front.ts";
import { Recorder } from "../support/s3-recorder.ts";
import { EMPTY_ENV, keysOf, outcome, S3_DEFAULTS, s3Source } from "../support/s3-source.ts";

const OBJECT = patternBytes(2000);

let eu: TestMinio;
let services: AwsServices;
let bucket = "";

beforeAll(async () => {
  eu = await minioServer();
  services = await AwsServices.start(eu);
  bucket = await eu.createBucket("renewal");
  await eu.put(bucket, "a.png", OBJECT);
});

afterAll(() => services.stop());

/** A source whose keys come from the container service of the stand-in. */
function containerSource(endpoint: string, s3Region = "eu-west-1") {
  services.reset();
  const env = { ...EMPTY_ENV, AWS_CONTAINER_CREDENTIALS_FULL_URI: `${services.endpoint}/container` };
  return s3Source({ s3Endpoint: endpoint, s3Region }, { env });
}

describe("keys that the store refuses", () => {
  test.each(["ExpiredToken", "InvalidToken", "TokenRefreshRequired", "InvalidAccessKeyId"])(
    "with %s are fetched anew, and the request succeeds",
    async (code) => {
      const store = await FaultyStore.start(OBJECT);
      const source = containerSource(store.endpoint);
      const { status } = await outcome(source, store.script("a", refusal(400, code), { kind: "object" }));
      expect([status, store.requests("a"), services.calls.get("container")]).toEqual([200, 2, 2]);
      const [first, second] = store.seen.map(
        ({ headers }) => /Credential=([^/]+)/.exec(headers.authorization ?? "")?.[1],
      );
      expect(first).not.toBe(second);
      await source.close();
      await store.stop();
    },
  );

  test("with ExpiredToken for ever end with the store's status after one renewal", async () => {
    const store = await FaultyStore.start(OBJECT);
    const source = containerSource(store.endpoint);
    expect((await outcome(source, store.script("a", refusal(400, "ExpiredToken")))).status).toBe(400);
    expect([store.requests("a"), services.calls.get("container")]).toEqual([2, 2]);
    await source.close();
    await store.stop();
  });

  test("by 50 requests at once are fetched anew once", async () => {
    const other = await minioServer("ap-south-1");
    // Keys of one server are InvalidAccessKeyId at another, however often they are renewed.
    await other.createBucket("renewal", { name: bucket });
    const source = containerSource(other.endpoint, other.region);
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => outcome(source, `s3://${bucket}/a.png`)));
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set([403]));
    expect(services.calls.get("container")).toBe(2);
    await source.close();
  });

  test("and have no source of others are not sent twice", async () => {
    const store = await FaultyStore.start(OBJECT);
    const env = { ...keysOf(eu) };
    const source = s3Source({ s3Endpoint: store.endpoint, s3Region: "eu-west-1" }, { env });
    expect((await outcome(source, store.script("a", refusal(403, "InvalidAccessKeyId")))).status).toBe(403);
    expect(store.requests("a")).toBe(1);
    await store.stop();
  });
});

describe("a clock that is an hour wrong", () => {
  test.each([-3_600_000, 3_600_000])("by %d ms costs one request, once", async (wrong) => {
    const recorder = new Recorder();
    const clock = new FakeClock(Date.now() + wrong);
    const config = { s3Endpoint: eu.endpoint, s3Region: "eu-west-1" };
    const source = s3Source(config, { env: keysOf(eu), clock, logger: recorder.logger, metrics: recorder.metrics });
    expect((await outcome(source, `s3://${bucket}/a.png`)).bytes).toEqual(OBJECT);
    expect(recorder.count("s3_requests_total")).toBe(2);
    expect((await outcome(source, `s3://${bucket}/a.png`)).bytes).toEqual(OBJECT);
    expect(recorder.count("s3_requests_total")).toBe(3);
    expect(recorder.messages("warn").join()).toContain(wrong < 0 ? "behind the store's" : "ahead of the store's");
  });
});

describe("an hour of keys that end every 20 seconds", () => {
  test("fails no image", async () => {
    const clock = new FakeClock(Date.now());
    const front = await S3Front.start();
    front.buckets.set(bucket, { home: eu });
    const endOf = new Map<string, number>();
    let minted = 0;
    const load = async (): Promise<AwsCredentials> => {
      minted++;
      const keys = await eu.temporaryCredentials();
      endOf.set(keys.accessKeyId, clock.now() + 20_000);
      return { ...keys, expiration: new Date(clock.now() + 20_000), source: "test" };
    };
    const credentials = new CredentialCache({
      load,
      clock,
      skewMs: () => 0,
      logger: silentLogger,
      onLoaded: () => undefined,
    });
    const recorder = new Recorder();
    const table = await buildStoreTable({
      config: { ...S3_DEFAULTS, s3Endpoint: front.endpoint, s3Region: "eu-west-1" },
      env: EMPTY_ENV,
      tls: undefined,
      clock,
      logger: silentLogger,
      metrics: recorder.metrics,
    });
    // Keys live by the clock of the test, requests are signed by the real one, which the server knows.
    const real = { now: Date.now, schedule: () => () => undefined };
    const store = new Store({ ...table.storeFor(bucket).parts, credentials, clock: real });
    const address = { bucket, key: "a.png", version: "" };
    const signal = new AbortController().signal;
    await credentials.get();
    for (let elapsed = 0; elapsed < 3_600_000; elapsed += 4000) {
      await clock.advance(4000);
      const { status } = await store.get(address, bucket, { headers: {}, signal });
      expect(status).toBe(200);
      const used = /Credential=([^/]+)/.exec(front.seen.at(-1)?.headers.authorization ?? "")?.[1] ?? "";
      expect(endOf.get(used) ?? 0).toBeGreaterThan(clock.now());
    }
    expect(front.count()).toBe(900);
    expect(minted).toBeGreaterThan(180);
    expect(recorder.count("s3_requests_total 200")).toBe(900);
    credentials.close();
    await front.stop();
  }, 30_000);
});
