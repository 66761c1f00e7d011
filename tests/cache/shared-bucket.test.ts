/** Executables that share kept results through a bucket. */
import { beforeAll, describe, expect, test } from "bun:test";
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { freePort, type RunningServer, startServer } from "../support/executable.ts";
import { minioServer, type TestMinio } from "../support/minio.ts";
import { keysOf } from "../support/s3-source.ts";
import { RED, startCountingOrigin, tagged } from "./kept-stand.ts";

// Starting two servers takes longer than a test may.
beforeAll(async () => {
  await Promise.all([minioServer(), minioServer("ap-south-9")]);
}, 60_000);

function keepingIn(server: TestMinio, bucket: string, more: Readonly<Record<string, string>> = {}) {
  return {
    ...keysOf(server),
    IMGPROXY_ALLOW_LOOPBACK_SOURCE_ADDRESSES: "true",
    IMGPROXY_DEVELOPMENT_ERRORS_MODE: "true",
    IMGPROXY_CACHE_USE: "s3",
    IMGPROXY_CACHE_BUCKET: bucket,
    IMGPROXY_CACHE_S3_ENDPOINT: server.endpoint,
    ...more,
  };
}

async function ask(server: RunningServer, path: string) {
  const response = await fetch(server.url + path);
  return { status: response.status, via: response.headers.get("x-cache"), bytes: await response.bytes() };
}

async function objectsOf(server: TestMinio, bucket: string, prefix = ""): Promise<string[]> {
  const { Contents = [] } = await server.client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
  return Contents.map(({ Key = "" }) => Key);
}

describe("servers with one bucket", () => {
  test("make a result once for all of them, and it outlives them", async () => {
    const server = await minioServer();
    const bucket = await server.createBucket("kept");
    await using origin = startCountingOrigin((request) => tagged(request, RED, '"v1"'));
    const path = `/unsafe/w:20/plain/${origin.url}/a.png`;
    const first = await startServer({ env: keepingIn(server, bucket, { IMGPROXY_CACHE_PATH_PREFIX: "site/a" }) });
    const made = await ask(first, path);
    expect([made.status, made.via]).toEqual([200, "MISS"]);
    // A stop waits for what is still to be written.
    expect(await first.stop()).toBe(0);
    expect(await objectsOf(server, bucket)).toEqual([
      expect.stringMatching(/^site\/a\/results-v1\/([0-9a-f]{2})\/\1[0-9a-f]{62}$/),
    ]);

    const env = keepingIn(server, bucket, { IMGPROXY_CACHE_PATH_PREFIX: "site/a", IMGPROXY_CACHE_USE: "memory,s3" });
    await using second = await startServer({ env });
    expect(await ask(second, path)).toEqual({ ...made, via: "HIT s3" });
    expect(await ask(second, path)).toEqual({ ...made, via: "HIT memory" });
    await using other = await startServer({ env: { ...env, IMGPROXY_CACHE_PATH_PREFIX: "site/b" } });
    expect((await ask(other, path)).via).toBe("MISS");
    expect(origin.asked).toHaveLength(2);
  });

  test("learn the bucket's region from its answers", async () => {
    const server = await minioServer("ap-south-9");
    const bucket = await server.createBucket("elsewhere");
    await using origin = startCountingOrigin();
    const path = `/unsafe/w:20/plain/${origin.url}/a.png`;
    await using one = await startServer({ env: keepingIn(server, bucket, { IMGPROXY_CACHE_S3_REGION: "us-west-2" }) });
    expect((await ask(one, path)).via).toBe("MISS");
    for (let waited = 0; (await objectsOf(server, bucket)).length === 0 && waited < 3000; waited += 20)
      await Bun.sleep(20);
    expect((await ask(one, path)).via).toBe("HIT s3");
  });
});

describe("a bucket that is away", () => {
  test.each([
    [
      "nobody listens",
      (server: TestMinio, port: number) => ({ env: keysOf(server), endpoint: `http://127.0.0.1:${port}` }),
    ],
    [
      "the keys are wrong",
      (server: TestMinio) => ({
        env: { ...keysOf(server), AWS_SECRET_ACCESS_KEY: "wrong" },
        endpoint: server.endpoint,
      }),
    ],
  ] as const)("because %s costs nobody an image and little time", async (_, place) => {
    const server = await minioServer();
    const { env, endpoint } = place(server, await freePort());
    await using origin = startCountingOrigin();
    await using one = await startServer({
      env: { ...keepingIn(server, "none"), ...env, IMGPROXY_CACHE_S3_ENDPOINT: endpoint },
    });
    const since = performance.now();
    for (let width = 10; width < 30; width++) {
      expect(await ask(one, `/unsafe/w:${width}/plain/${origin.url}/a.png`)).toMatchObject({
        status: 200,
        via: "MISS",
      });
    }
    expect(performance.now() - since).toBeLessThan(8000);
    expect(one.log().match(/Kept results: cannot/g)?.length).toBe(1);
    expect(one.log()).not.toContain("wrong");
  });

  test("because it does not answer holds nobody up for longer than it takes to know", async () => {
    const server = await minioServer();
    await using origin = startCountingOrigin();
    await using silent = startCountingOrigin(() => new Promise<Response>(() => undefined));
    const one = await startServer({ env: keepingIn(server, "none", { IMGPROXY_CACHE_S3_ENDPOINT: silent.url }) });
    const since = performance.now();
    // All at once, so that one wait is enough for all to learn of it.
    const widths = Array.from({ length: 12 }, (_, index) => index + 10);
    const answers = await Promise.all(widths.map((width) => ask(one, `/unsafe/w:${width}/plain/${origin.url}/a.png`)));
    expect(answers.map(({ status }) => status)).toEqual(widths.map(() => 200));
    const again = await ask(one, `/unsafe/w:40/plain/${origin.url}/a.png`);
    expect(again.status).toBe(200);
    expect(performance.now() - since).toBeLessThan(6000);
    // Asked kindly, it would wait a few seconds for what is being written.
    await one.stop("SIGKILL");
  }, 20_000);
});
