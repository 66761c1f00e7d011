import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { startImageOrigin } from "../../http/image-origin.ts";
import type { Origin } from "../../source/http/origin.ts";
import { type RunningServer, startServer } from "../../support/executable.ts";

let origin: Origin;
beforeAll(async () => {
  origin = await startImageOrigin();
});
afterAll(() => origin[Symbol.asyncDispose]());

const start = (env: Record<string, string> = {}) =>
  startServer({ env: { IMGPROXY_ALLOW_LOOPBACK_SOURCE_ADDRESSES: "true", ...env } });

/** Asks for an image whose source takes so long, and waits until the source has been asked. */
async function askSlowly(
  { url }: RunningServer,
  ms: number,
  name: string,
): Promise<{ answer: Promise<number | "cut"> }> {
  const answer = fetch(`${url}/unsafe/plain/${origin.url}/delay/${ms}/${name}.png`).then(
    async (response) => {
      await response.arrayBuffer();
      return response.status;
    },
    () => "cut" as const,
  );
  while (!origin.seen.some(({ target }) => target.endsWith(`${name}.png`))) await Bun.sleep(5);
  return { answer };
}

async function timed(status: Promise<number>): Promise<{ status: number; seconds: number }> {
  const startedAt = performance.now();
  return { status: await status, seconds: (performance.now() - startedAt) / 1000 };
}

describe("a stop", () => {
  test.concurrent.each(["SIGTERM", "SIGINT"] as const)(
    "by %s refuses connections at once and ends with the last answer",
    async (signal) => {
      await using server = await start();
      const { answer } = await askSlowly(server, 1000, signal);
      const stopped = timed(server.stop(signal));
      await Bun.sleep(100);
      await expect(fetch(`${server.url}/health`, { keepalive: false })).rejects.toThrow();
      expect(await answer).toBe(200);
      const { status, seconds } = await stopped;
      expect(status).toBe(0);
      expect(seconds).toBeWithin(0.5, 3);
    },
  );

  test.concurrent("cuts what takes longer than IMGPROXY_GRACEFUL_STOP_TIMEOUT, and still ends well", async () => {
    await using server = await start({ IMGPROXY_GRACEFUL_STOP_TIMEOUT: "1" });
    const { answer } = await askSlowly(server, 5000, "cut");
    const { status, seconds } = await timed(server.stop());
    expect(status).toBe(0);
    expect(seconds).toBeWithin(0.9, 3);
    expect(await answer).toBe("cut");
  });

  test.concurrent("is not changed by a second signal", async () => {
    await using server = await start();
    const { answer } = await askSlowly(server, 1500, "twice");
    const stopped = timed(server.stop());
    await Bun.sleep(200);
    server.process.kill("SIGTERM");
    await Bun.sleep(200);
    server.process.kill("SIGINT");
    expect(await answer).toBe(200);
    const { status, seconds } = await stopped;
    expect(status).toBe(0);
    expect(seconds).toBeWithin(0.8, 4);
  });
});

// There it kills the process; see docs/differences.md.
test.concurrent("SIGHUP reads the configuration anew, and requests in work end under the old one", async () => {
  const file = `/tmp/imgproxy-signals-${process.pid}.env`;
  writeFileSync(file, "IMGPROXY_TTL=60\n");
  try {
    await using server = await start({ IMGPROXY_ENV_LOCAL_FILE_PATH: file });
    const { answer } = await askSlowly(server, 800, "reload");
    writeFileSync(file, "IMGPROXY_TTL=70\n");
    server.process.kill("SIGHUP");
    while (!server.log().includes("Reloaded the configuration")) await Bun.sleep(10);
    const after = await fetch(`${server.url}/unsafe/plain/${origin.url}/ok.png`);
    expect(after.headers.get("cache-control")).toBe("max-age=70, public");
    expect(await answer).toBe(200);
    expect(server.process.exitCode).toBeNull();
  } finally {
    await Bun.file(file).unlink();
  }
});
