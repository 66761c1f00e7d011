import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { S3Config } from "../../src/source/s3/settings/s3-config.ts";
import { minioServer, type TestMinio } from "../support/minio.ts";
import { patternBytes } from "../support/pattern-bytes.ts";
import { type FrontBucket, S3Front, type WrongRegionAnswer } from "../support/s3-front.ts";
import { Recorder } from "../support/s3-recorder.ts";
import { keysOf, outcome, s3Source } from "../support/s3-source.ts";

const IN_EU = patternBytes(1000);
const IN_AP = patternBytes(1500, 2);

let eu: TestMinio;
let ap: TestMinio;
let front: S3Front;
/** Exists in both regions, with another object in each; the front says where it "is". */
let bucket = "";

beforeAll(async () => {
  [eu, ap] = await Promise.all([minioServer("eu-west-1"), minioServer("ap-south-1")]);
  front = await S3Front.start();
  bucket = await eu.createBucket("moving");
  await ap.createBucket("moving", { name: bucket });
  await eu.put(bucket, "a.jpg", IN_EU);
  await ap.put(bucket, "a.jpg", IN_AP);
});

beforeEach(() => front.count());
afterAll(() => front.stop());

function place(home: TestMinio, answer?: WrongRegionAnswer, more: Partial<FrontBucket> = {}, name = bucket): void {
  front.buckets.set(name, { home, ...(answer === undefined ? {} : { answer }), ...more });
}

function stand(config: Partial<S3Config> = {}) {
  const recorder = new Recorder();
  const { logger, metrics } = recorder;
  const source = s3Source(
    { s3Endpoint: front.endpoint, s3Region: "eu-west-1", s3MultiRegion: true, ...config },
    { env: keysOf(eu), logger, metrics },
  );
  /** Status, which object came, and the requests the front saw. */
  const fetched = async (name = bucket, headers: Record<string, string> = {}) => {
    front.count();
    const { status, bytes, error } = await outcome(source, `s3://${name}/a.jpg`, headers);
    const from = bytes?.length === IN_AP.length ? "ap" : bytes?.length === IN_EU.length ? "eu" : "nowhere";
    return { status, from, error, methods: front.seen.map(({ method }) => method).join(" ") };
  };
  return { fetched, recorder, source };
}

describe("a bucket in another region", () => {
  test.each<WrongRegionAnswer>(["301", "301 endpoint only", "400", "400 opt-in", "307", "307 location only"])(
    "is found through %s with one more request, and then without",
    async (answer) => {
      place(ap, answer);
      const { fetched, recorder } = stand();
      expect(await fetched()).toMatchObject({ status: 200, from: "ap", methods: "GET GET" });
      expect(await fetched()).toMatchObject({ status: 200, from: "ap", methods: "GET" });
      expect(recorder.count("s3_region_redirects_total")).toBe(1);
      expect(recorder.gauge("s3_region_cache_size")).toBe(1);
      const learned = recorder.lines.find(({ message }) => message === `bucket ${bucket} is in region ap-south-1`);
      expect(learned).toMatchObject({ level: "info", fields: { bucket, old: "eu-west-1", new: "ap-south-1" } });
    },
  );

  test("is never asked for at the place that a redirect names", async () => {
    place(ap, "307");
    await stand().fetched();
    expect(front.seen.map(({ url }) => url)).toEqual([`/${bucket}/a.jpg`, `/${bucket}/a.jpg`]);
  });

  test("is asked for with one HEAD when the answer names no region", async () => {
    place(ap, "301 bare");
    const { fetched, recorder } = stand();
    expect(await fetched()).toMatchObject({ status: 200, from: "ap", methods: "GET HEAD GET" });
    expect(await fetched()).toMatchObject({ status: 200, methods: "GET" });
    expect(recorder.count("s3_region_probes_total")).toBe(1);
  });

  test("that nobody can place is 404, and is not asked for again at once", async () => {
    place(ap, "301 mute");
    const { fetched } = stand();
    expect(await fetched()).toMatchObject({ status: 404, methods: "GET HEAD" });
    expect(await fetched()).toMatchObject({ status: 404, methods: "GET" });
    expect(await fetched()).toMatchObject({ status: 404, methods: "GET" });
  });

  test("shares one HEAD among 200 first requests", async () => {
    place(ap, "301 bare");
    const { source } = stand();
    const outcomes = await Promise.all(Array.from({ length: 200 }, () => outcome(source, `s3://${bucket}/a.jpg`)));
    expect(outcomes.every(({ status, bytes }) => status === 200 && bytes?.length === IN_AP.length)).toBe(true);
    expect(front.seen.filter(({ method }) => method === "HEAD")).toHaveLength(1);
  });

  test("keeps its conditions over the detour", async () => {
    place(ap);
    const { source } = stand();
    const etag = (await outcome(source, `s3://${bucket}/a.jpg`)).headers?.get("etag") ?? "";
    expect(await stand().fetched(bucket, { "if-none-match": etag })).toMatchObject({ status: 304, methods: "GET GET" });
  });

  test("that moves works again one request later, in both directions", async () => {
    place(eu);
    const { fetched, recorder } = stand();
    expect(await fetched()).toMatchObject({ from: "eu", methods: "GET" });
    for (let round = 0; round < 3; round++) {
      place(ap);
      expect(await fetched()).toMatchObject({ status: 200, from: "ap", methods: "GET GET" });
      expect(await fetched()).toMatchObject({ status: 200, from: "ap", methods: "GET" });
      place(eu, "400");
      expect(await fetched()).toMatchObject({ status: 200, from: "eu", methods: "GET GET" });
      expect(await fetched()).toMatchObject({ status: 200, from: "eu", methods: "GET" });
    }
    expect(recorder.gauge("s3_region_cache_size")).toBe(0);
    expect(recorder.messages("info").filter((message) => message.includes("is in region"))).toHaveLength(6);
  });

  test("moves back and forth without evidence in the answers, too", async () => {
    place(ap, "301 bare");
    const { fetched } = stand();
    expect(await fetched()).toMatchObject({ from: "ap", methods: "GET HEAD GET" });
    place(eu, "301 bare");
    expect(await fetched()).toMatchObject({ from: "eu", methods: "GET HEAD GET" });
  });

  test("works beside buckets of the own region", async () => {
    const near = await eu.createBucket("near");
    await eu.put(near, "a.jpg", IN_EU);
    place(eu, undefined, {}, near);
    place(ap);
    const { source } = stand();
    const names = Array.from({ length: 40 }, (_, index) => (index % 2 ? near : bucket));
    const outcomes = await Promise.all(names.map((name) => outcome(source, `s3://${name}/a.jpg`)));
    for (const [index, { status, bytes }] of outcomes.entries()) {
      expect([status, bytes?.length]).toEqual([200, index % 2 ? IN_EU.length : IN_AP.length]);
    }
  });

  test("is found by MinIO's own answer", async () => {
    const recorder = new Recorder();
    const config = { s3Endpoint: eu.endpoint, s3Region: "us-west-1", s3MultiRegion: true };
    const source = s3Source(config, { env: keysOf(eu), metrics: recorder.metrics });
    expect((await outcome(source, `s3://${bucket}/a.jpg`)).bytes).toEqual(IN_EU);
    expect(recorder.count("s3_requests_total")).toBe(2);
  });
});

describe("evidence that cannot be right", () => {
  test("the region that was used ends the matter with one request", async () => {
    place(ap, "400", { hint: "eu-west-1" });
    expect(await stand().fetched()).toMatchObject({ status: 400, methods: "GET" });
  });

  test.each(["evil.example.com/", "EU-WEST-1", "a b", "-x"])("%s is ignored", async (hint) => {
    place(ap, "400", { hint });
    expect(await stand().fetched()).toMatchObject({ status: 400, methods: "GET HEAD" });
  });

  test("a circle ends after two hops", async () => {
    const circle = await S3Front.start();
    const names = ["eu-west-1", "ap-south-1"] as const;
    // Each answer names the other region: the front's idea of the bucket changes with every request.
    const home = {
      ...eu,
      get region() {
        return circle.seen.length % 2 ? names[1] : names[0];
      },
    };
    circle.buckets.set("round", { home: home as unknown as TestMinio });
    const source = s3Source(
      { s3Endpoint: circle.endpoint, s3Region: "eu-west-1", s3MultiRegion: true },
      { env: keysOf(eu) },
    );
    expect((await outcome(source, "s3://round/a.jpg")).status).toBe(404);
    expect(circle.seen).toHaveLength(3);
    await circle.stop();
  });

  test("403 with the header of another region is about rights, not regions", async () => {
    place(ap, "403");
    expect(await stand().fetched()).toMatchObject({ status: 403, methods: "GET" });
  });
});

describe("a learned region", () => {
  test("is forgotten when the bucket is gone from it", async () => {
    place(ap);
    const { fetched, recorder } = stand();
    await fetched();
    front.buckets.delete(bucket);
    expect(await fetched()).toMatchObject({ status: 404, methods: "GET" });
    expect(recorder.gauge("s3_region_cache_size")).toBe(0);
  });

  test("is learned from a refusal as well, since only the right region refuses", async () => {
    place(ap);
    const { source, recorder } = stand();
    expect((await outcome(source, `s3://${bucket}/missing.jpg`)).status).toBe(404);
    expect(recorder.gauge("s3_region_cache_size")).toBe(1);
  });

  test("can be given beforehand and heals all the same", async () => {
    place(ap);
    const { fetched } = stand({ s3BucketRegions: new Map([[bucket, "ap-south-1"]]) });
    expect(await fetched()).toMatchObject({ from: "ap", methods: "GET" });
    place(eu);
    expect(await fetched()).toMatchObject({ from: "eu", methods: "GET GET" });
  });
});

describe("without IMGPROXY_S3_MULTI_REGION", () => {
  test.each<[WrongRegionAnswer, number]>([
    ["301", 404],
    ["307", 404],
    ["400", 400],
  ])("a foreign bucket that answers %s is refused with %d and one request", async (answer, status) => {
    place(ap, answer);
    const { fetched, recorder } = stand({ s3MultiRegion: false });
    const { error, ...rest } = await fetched();
    expect(rest).toEqual({ status, from: "nowhere", methods: "GET" });
    const advice = `Bucket ${bucket} is in region ap-south-1, not in eu-west-1; IMGPROXY_S3_MULTI_REGION=true would follow it.`;
    expect(error?.hint).toBe(advice);
    await fetched();
    expect(recorder.messages("warn").filter((message) => message === advice)).toHaveLength(1);
  });

  test("a foreign bucket is not probed for", async () => {
    place(ap, "301 mute");
    const { error, ...rest } = await stand({ s3MultiRegion: false }).fetched();
    expect(rest).toEqual({ status: 404, from: "nowhere", methods: "GET" });
    expect(error?.hint).toContain("another region (the store does not say which)");
  });

  test("a bucket whose region is given beforehand is read", async () => {
    place(ap);
    const config = { s3MultiRegion: false, s3BucketRegions: new Map([[bucket, "ap-south-1"]]) };
    expect(await stand(config).fetched()).toMatchObject({ from: "ap", methods: "GET" });
  });

  test("the start-up log says so and names the switch", async () => {
    const { source, recorder } = stand({ s3MultiRegion: false });
    await source.ready();
    expect(recorder.messages("info").join()).toContain("IMGPROXY_S3_MULTI_REGION=true");
  });
});
