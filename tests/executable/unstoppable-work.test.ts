import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { freePort, type RunningServer, startServer } from "../support/executable.ts";

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "imgproxy-unstoppable-"));
  const noise = { type: "gaussian", mean: 128, sigma: 40 } as const;
  await sharp({ create: { width: 600, height: 450, channels: 3, background: "#888", noise } })
    .jpeg({ quality: 95 })
    .toFile(join(folder, "noise.jpg"));
  const blurs = '<feGaussianBlur stdDeviation="60"/>'.repeat(400);
  writeFileSync(
    join(folder, "blurred.svg"),
    `<svg xmlns="http://www.w3.org/2000/svg" width="3000" height="3000"><filter id="f">${blurs}</filter><circle r="900" filter="url(#f)"/></svg>`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Noise is the hardest to encode: a minute at the slowest speed, and nothing can stop the encoder. */
const ENCODING = "/unsafe/rs:force:1500:1200/el:1/plain/local:///noise.jpg@avif";
/** Minutes of blurring for librsvg. */
const DRAWING = "/unsafe/plain/local:///blurred.svg@png";
const QUICK = "/unsafe/w:9/plain/local:///noise.jpg@png";

async function start(
  env: Record<string, string>,
): Promise<{ server: RunningServer; imagesInProgress: () => Promise<number> }> {
  const metrics = `127.0.0.1:${await freePort()}`;
  const server = await startServer({
    env: {
      IMGPROXY_LOCAL_FILESYSTEM_ROOT: folder,
      IMGPROXY_WORKERS: "1",
      IMGPROXY_AVIF_SPEED: "0",
      IMGPROXY_PROMETHEUS_BIND: metrics,
      ...env,
    },
  });
  return {
    server,
    async imagesInProgress() {
      const text = await (await fetch(`http://${metrics}/`)).text();
      return Number(/^images_in_progress (\d+)$/m.exec(text)?.[1]);
    },
  };
}

async function timed(answer: Promise<Response>): Promise<{ status: number; seconds: number }> {
  const startedAt = performance.now();
  const { status } = await answer;
  return { status, seconds: (performance.now() - startedAt) / 1000 };
}

describe("work of libvips that nothing can stop", () => {
  test("does not hold up the answer, and keeps its worker's place until it is over", async () => {
    const { server, imagesInProgress } = await start({ IMGPROXY_TIMEOUT: "1" });
    try {
      for (const path of [ENCODING, QUICK]) {
        const { status, seconds } = await timed(fetch(server.url + path));
        expect(status).toBe(503);
        expect(seconds).toBeWithin(0.9, 3);
        expect(await imagesInProgress()).toBe(1);
      }
    } finally {
      await server.stop("SIGKILL");
    }
  });

  test("does not hold up a stop", async () => {
    const { server, imagesInProgress } = await start({ IMGPROXY_GRACEFUL_STOP_TIMEOUT: "1" });
    const answer = fetch(server.url + ENCODING).catch(() => "cut");
    while ((await imagesInProgress()) === 0) await Bun.sleep(20);
    // Until the encoder has what it needs.
    await Bun.sleep(500);
    const startedAt = performance.now();
    expect(await server.stop()).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(5000);
    expect(await answer).toBe("cut");
  });
});

test("a drawing that takes long ends with its request, and the worker is free", async () => {
  const { server, imagesInProgress } = await start({ IMGPROXY_TIMEOUT: "1" });
  await using _ = server;
  expect((await fetch(server.url + DRAWING)).status).toBe(503);
  expect((await fetch(server.url + QUICK)).status).toBe(200);
  const controller = new AbortController();
  const left = fetch(server.url + DRAWING, { signal: controller.signal }).catch(() => "left");
  while ((await imagesInProgress()) === 0) await Bun.sleep(5);
  controller.abort();
  expect(await left).toBe("left");
  expect((await fetch(server.url + QUICK)).status).toBe(200);
});
