import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Origin } from "../source/http/origin.ts";
import { startImageOrigin } from "./image-origin.ts";
import { getRequest, openSocket, parseAnswer, readToEnd } from "./raw-exchange.ts";
import { completedLines, type Stand, startStand } from "./stand.ts";

let origin: Origin;
beforeAll(async () => {
  origin = await startImageOrigin();
});
afterAll(() => origin[Symbol.asyncDispose]());

const delayed = (ms: number, name = "a") => `/unsafe/plain/${origin.url}/delay/${ms}/${name}.png`;

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 5) {
    if (waited > 3000) throw new Error("it did not happen within 3 seconds");
    await Bun.sleep(5);
  }
}

/** Statuses of requests sent one after the other in this order, without waiting for answers. */
async function statuses(stand: Stand, count: number, ms: number): Promise<number[]> {
  const pending: Promise<Response>[] = [];
  for (let index = 0; index < count; index++) {
    pending.push(stand.get(delayed(ms, `n${index}`)));
    await until(() => stand.queue.load.requests === index + 1 || index >= 2);
    await Bun.sleep(15);
  }
  return (await Promise.all(pending)).map(({ status }) => status);
}

describe("under load", () => {
  test("workers and queue are bounded, and the rest is told when to come back", async () => {
    await using stand = await startStand({ env: { IMGPROXY_WORKERS: "1", IMGPROXY_REQUESTS_QUEUE_SIZE: "1" } });
    const first = stand.get(delayed(300));
    await until(() => stand.queue.busy === 1);
    const second = stand.get(delayed(10, "b"));
    await until(() => stand.queue.waiting === 1);
    const refused = await stand.get(delayed(10, "c"));
    expect([refused.status, await refused.text()]).toEqual([429, "Too many requests"]);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    // What needs no worker is answered all the same.
    expect((await stand.get("/health")).status).toBe(200);
    expect((await stand.get(`/unsafe/raw:1/plain/${origin.url}/ok.png`)).status).toBe(200);
    expect((await stand.get("/unsafe/nosuch:1/plain/x")).status).toBe(404);
    expect([(await first).status, (await second).status]).toEqual([200, 200]);
  });

  test("without a bound everybody waits for his turn", async () => {
    await using stand = await startStand({ env: { IMGPROXY_WORKERS: "1" } });
    expect(await statuses(stand, 4, 40)).toEqual([200, 200, 200, 200]);
    expect(stand.queue.busy).toBe(0);
  });

  test("the time of a request counts while it waits", async () => {
    await using stand = await startStand({ env: { IMGPROXY_WORKERS: "1", IMGPROXY_TIMEOUT: "1" } });
    const first = stand.get(delayed(700));
    await until(() => stand.queue.busy === 1);
    const second = await stand.get(delayed(700, "b"));
    expect([second.status, await second.text()]).toEqual([503, "Timeout"]);
    expect((await first).status).toBe(200);
    await until(() => stand.queue.busy === 0);
  });

  test("a client that leaves frees its worker and ends its download", async () => {
    await using quiet = await startImageOrigin();
    await using stand = await startStand({ env: { IMGPROXY_WORKERS: "1" } });
    const socket = await openSocket(stand.port);
    socket.write(getRequest(`/unsafe/plain/${quiet.url}/silent`));
    await until(() => quiet.openConnections() === 1);
    socket.destroy();
    await until(() => stand.queue.busy === 0 && quiet.openConnections() === 0);
    const [line] = await completedLines(stand, 1);
    expect([line?.level, line?.fields["status"]]).toEqual(["info", 499]);
    expect(stand.metrics.render()).toContain('status_codes_total{status="499"} 1');
    expect(stand.metrics.render()).not.toContain("errors_total{");
  });

  test("a client that leaves the queue is not waited for", async () => {
    await using stand = await startStand({ env: { IMGPROXY_WORKERS: "1" } });
    const first = stand.get(delayed(300));
    await until(() => stand.queue.busy === 1);
    const socket = await openSocket(stand.port);
    socket.write(getRequest(delayed(10, "gone")));
    await until(() => stand.queue.waiting === 1);
    socket.destroy();
    await until(() => stand.queue.waiting === 0);
    expect((await first).status).toBe(200);
    expect(origin.seen.some(({ target }) => target.endsWith("gone.png"))).toBe(false);
  });

  test("a client that leaves a raw answer ends the source's stream", async () => {
    await using slow = await startImageOrigin();
    await using stand = await startStand();
    const socket = await openSocket(stand.port);
    socket.write(getRequest(`/unsafe/raw:1/plain/${slow.url}/stall`));
    await new Promise((resolve) => socket.once("data", resolve));
    expect(stand.metrics.render()).toContain("\nimages_in_progress 1\n");
    socket.destroy();
    await until(() => slow.openConnections() === 0 && stand.queue.load.streams === 0);
    const [line] = await completedLines(stand, 1);
    expect(line?.fields["status"]).toBe(499);
  });

  test.concurrent("processing is aborted when the time is over", async () => {
    const started: AbortSignal[] = [];
    const processImage = ({ signal }: { signal: AbortSignal }) =>
      new Promise<never>((_, reject) => {
        started.push(signal);
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    await using stand = await startStand({ env: { IMGPROXY_TIMEOUT: "1" }, change: () => ({ processImage }) });
    const response = await stand.get(`/unsafe/plain/${origin.url}/ok.png`);
    expect([response.status, await response.text(), started.length]).toEqual([503, "Timeout", 1]);
    expect(stand.queue.busy).toBe(0);
  });

  test.concurrent("a source that stalls ends with the download's time, not the request's", async () => {
    await using stand = await startStand({ env: { IMGPROXY_DOWNLOAD_TIMEOUT: "1" } });
    const response = await stand.get(`/unsafe/plain/${origin.url}/silent`);
    expect([response.status, await response.text()]).toEqual([504, "Source is unreachable"]);
  });

  test.concurrent("waiting for a raw source is the source's time-out too", async () => {
    await using stand = await startStand({ env: { IMGPROXY_TIMEOUT: "1" } });
    expect((await stand.get(`/unsafe/raw:1/plain/${origin.url}/silent`)).status).toBe(504);
  });

  test("a reader that does not read is cut off, and holds no worker until then", async () => {
    const big = { bytes: new Uint8Array(50_000_000), format: "bmp", isSource: false, width: 1, height: 1 } as const;
    const processImage = async () => ({ ...big, frames: 1, sourceWidth: 1, sourceHeight: 1, timings: {} });
    const env = { IMGPROXY_WORKERS: "1", IMGPROXY_WRITE_RESPONSE_TIMEOUT: "1" };
    await using stand = await startStand({ env, change: () => ({ processImage }) });
    const socket = await openSocket(stand.port);
    socket.pause();
    socket.write(getRequest(`/unsafe/plain/${origin.url}/ok.png`));
    await until(() => origin.seen.length > 0 && stand.queue.load.requests === 1 && stand.queue.busy === 0);
    const [line] = await completedLines(stand, 1);
    expect([line?.level, line?.fields["status"]]).toEqual(["error", 200]);
    expect(line?.fields["error"]).toContain("IMGPROXY_WRITE_RESPONSE_TIMEOUT");
    socket.resume();
    expect((await readToEnd(socket)).length).toBeLessThan(50_000_000);
  });
});

describe("a stop", () => {
  test("lets a running request finish and takes no new connection", async () => {
    await using stand = await startStand();
    const running = stand.get(delayed(300));
    await until(() => stand.queue.busy === 1);
    const stopped = stand.listener.stop(5);
    await expect(fetch(`${stand.url}/health`, { keepalive: false })).rejects.toThrow();
    const response = await running;
    expect([response.status, response.headers.get("connection")]).toEqual([200, "close"]);
    await stopped;
  });

  test("cuts what takes longer than its grace", async () => {
    await using stand = await startStand();
    const socket = await openSocket(stand.port);
    const ended = readToEnd(socket);
    socket.write(getRequest(`/unsafe/plain/${origin.url}/silent`));
    await until(() => stand.queue.busy === 1);
    const started = performance.now();
    await stand.listener.stop(0.2);
    expect(performance.now() - started).toBeLessThan(1500);
    expect(parseAnswer(await ended).status).toBe(0);
    await until(() => stand.queue.busy === 0);
  });

  test("does not wait for idle connections", async () => {
    await using stand = await startStand();
    const socket = await openSocket(stand.port);
    socket.write("GET /health HTTP/1.1\r\nHost: h\r\n\r\n");
    await new Promise((resolve) => socket.once("data", resolve));
    const started = performance.now();
    await stand.listener.stop(5);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe("a reload", () => {
  test("serves the new configuration and ends running requests under the old one", async () => {
    const png = Buffer.from(
      "iVBORw0KGgoAAAANSUhEUgAAAAIAAAADCAIAAAA2iEnWAAAAEElEQVR4nGM4YXMChBggFAA2bQZLYFbqNQAAAABJRU5ErkJggg==",
      "base64",
    );
    await using stand = await startStand({ env: { IMGPROXY_TTL: "60" } });
    const running = stand.get(delayed(200));
    await until(() => stand.queue.busy === 1);
    await stand.reload({ IMGPROXY_TTL: "70", IMGPROXY_FALLBACK_IMAGE_DATA: png.toString("base64") });
    const after = await stand.get(`/unsafe/plain/${origin.url}/404`);
    expect([after.status, after.headers.get("cache-control")]).toEqual([200, "max-age=70, public"]);
    expect((await running).headers.get("cache-control")).toBe("max-age=60, public");
    await completedLines(stand, 2);
    expect(stand.metrics.render()).toContain("\nrequests_in_progress 0\n");
    expect(stand.metrics.render()).toContain("\nrequests_total 2\n");
  });
});
