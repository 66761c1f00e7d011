import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startImageOrigin } from "../../http/image-origin.ts";
import { getRequest, openSocket } from "../../http/raw-exchange.ts";
import type { Origin } from "../../source/http/origin.ts";
import { freePort, startServer } from "../../support/executable.ts";

let origin: Origin;
beforeAll(async () => {
  origin = await startImageOrigin();
});
afterAll(() => origin[Symbol.asyncDispose]());

const LOOPBACK = { IMGPROXY_ALLOW_LOOPBACK_SOURCE_ADDRESSES: "true", IMGPROXY_WORKERS: "1" };
const start = (env: Record<string, string> = {}) => startServer({ env: { ...LOOPBACK, ...env } });
/** An image whose source takes so long. Each has a name of its own, so that no two share their work. */
const slow = (ms: number, name: string) => `/unsafe/plain/${origin.url}/delay/${ms}/${name}.png`;

type Timed = { readonly status: number; readonly text: string; readonly seconds: number };

async function ask(url: string): Promise<Timed> {
  const startedAt = performance.now();
  const answer = await fetch(url, { headers: { Connection: "close" } });
  const text = await answer.text();
  return { status: answer.status, text, seconds: (performance.now() - startedAt) / 1000 };
}

/** Asks one after the other, 50 ms apart, without waiting for answers. */
async function askInTurn(urls: readonly string[]): Promise<Timed[]> {
  const answers = urls.map(async (url, index) => {
    await Bun.sleep(index * 50);
    return ask(url);
  });
  return Promise.all(answers);
}

const statuses = (answers: readonly Timed[]) => answers.map(({ status }) => status);

describe("one worker", () => {
  test.concurrent("and a queue of one refuse the third and fourth at once, and answer what needs no worker", async () => {
    await using server = await start({ IMGPROXY_REQUESTS_QUEUE_SIZE: "1" });
    const load = askInTurn(["a", "b", "c", "d"].map((name) => server.url + slow(1000, `queue-${name}`)));
    await Bun.sleep(400);
    const raw = await ask(`${server.url}/unsafe/raw:1/plain/${origin.url}/ok.png`);
    const health = await ask(`${server.url}/health`);
    expect([raw.status, health.status, health.text]).toEqual([200, 200, "imgproxy is running"]);
    expect(raw.seconds + health.seconds).toBeLessThan(0.5);
    const answers = await load;
    expect(statuses(answers)).toEqual([200, 200, 429, 429]);
    for (const { seconds } of answers.slice(2)) expect(seconds).toBeLessThan(0.5);
    expect(answers[1]?.seconds).toBeWithin(1.6, 4);
  });

  test.concurrent("and no bound serve one after the other", async () => {
    await using server = await start();
    const answers = await askInTurn(["a", "b", "c", "d"].map((name) => server.url + slow(500, `turn-${name}`)));
    expect(statuses(answers)).toEqual([200, 200, 200, 200]);
    for (const [index, { seconds }] of answers.entries())
      expect(seconds).toBeWithin(0.5 * (index + 1) - 0.05 * index - 0.05, 0.5 * (index + 1) + 2);
  });

  test.concurrent("and a time limit give up on those who wait too long", async () => {
    await using server = await start({ IMGPROXY_TIMEOUT: "2" });
    const answers = await askInTurn(["a", "b", "c"].map((name) => server.url + slow(1300, `late-${name}`)));
    expect(statuses(answers)).toEqual([200, 503, 503]);
    for (const { seconds, text } of answers.slice(1)) {
      expect(seconds).toBeWithin(1.9, 3.5);
      expect(text).toBe("Timeout");
    }
  });
});

describe("clients", () => {
  test.concurrent("beyond IMGPROXY_MAX_CLIENTS wait for a connection to close", async () => {
    await using server = await start({ IMGPROXY_MAX_CLIENTS: "1", IMGPROXY_WORKERS: "4" });
    const answers = await askInTurn(["a", "b"].map((name) => server.url + slow(600, `client-${name}`)));
    expect(statuses(answers)).toEqual([200, 200]);
    expect(answers[1]?.seconds).toBeWithin(1.1, 4);
  });

  test.concurrent("that leave are logged and counted as 499, and are no errors", async () => {
    const metrics = `127.0.0.1:${await freePort()}`;
    await using server = await start({ IMGPROXY_PROMETHEUS_BIND: metrics });
    const socket = await openSocket(Number(new URL(server.url).port));
    socket.write(getRequest(slow(2000, "left")));
    await Bun.sleep(300);
    socket.destroy();
    while (!server.log().includes("Completed in")) await Bun.sleep(10);
    expect(server.log()).toContain("status=499");
    expect(server.log()).toContain("Request was cancelled after");
    const text = await (await fetch(`http://${metrics}/`)).text();
    expect(text).toContain('status_codes_total{status="499"} 1');
    expect(text).not.toContain("errors_total{");
  });
});
