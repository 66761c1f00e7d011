import { describe, expect, test } from "bun:test";
import { BLUE, image, RED, startKeptStand, tagged } from "./kept-stand.ts";

/** Holds the origin's answers back until the test lets them go. */
function gate() {
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  return { opened, open };
}

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition() && waited < 5000; waited += 5) await Bun.sleep(5);
  expect(condition()).toBe(true);
}

/** Where no results are kept, which is the default. */
const KEEPING_NONE = { IMGPROXY_CACHE_USE: "" };

describe("requests for one result at the same time", () => {
  test("are one piece of work, without any setting", async () => {
    const { opened, open } = gate();
    await using stand = await startKeptStand(KEEPING_NONE, async () => {
      await opened;
      return image(RED);
    });
    const answers = Array.from({ length: 100 }, (_, index) => stand.get(stand.path(`w:20/fn:name${index}`)));
    await until(() => stand.queue.load.requests === 100);
    open();
    const bodies = new Set<string>();
    for (const [index, answer] of (await Promise.all(answers)).entries()) {
      expect(answer.status).toBe(200);
      expect(answer.headers.get("content-disposition")).toContain(`"name${index}.png"`);
      bodies.add(Buffer.from(await answer.bytes()).toString("base64"));
    }
    expect([bodies.size, stand.origin.asked.length]).toEqual([1, 1]);
    expect(stand.metrics.render()).toContain("shared_requests_total 99");
    expect(await stand.via(stand.path())).toBe("none");
    expect(stand.origin.asked).toHaveLength(2);
  });

  test("take one worker and one place in the queue", async () => {
    const { opened, open } = gate();
    await using stand = await startKeptStand(
      { ...KEEPING_NONE, IMGPROXY_WORKERS: "1", IMGPROXY_REQUESTS_QUEUE_SIZE: "1" },
      async () => {
        await opened;
        return image(RED);
      },
    );
    const same = Array.from({ length: 30 }, () => stand.get(stand.path()));
    await until(() => stand.queue.load.requests === 30);
    const other = stand.get(stand.path("w:21"));
    await until(() => stand.queue.waiting === 1);
    expect((await stand.get(stand.path("w:22"))).status).toBe(429);
    open();
    expect((await Promise.all([...same, other])).map(({ status }) => status)).toEqual(Array(31).fill(200));
  });

  test("share a failure, each logged on its own, and the next one tries again", async () => {
    const { opened, open } = gate();
    await using stand = await startKeptStand(KEEPING_NONE, async () => {
      await opened;
      return new Response("no", { status: 403 });
    });
    const answers = Array.from({ length: 20 }, () => stand.get(stand.path()));
    await until(() => stand.queue.load.requests === 20);
    open();
    for (const answer of await Promise.all(answers)) expect(answer.status).toBe(403);
    expect(stand.origin.asked).toHaveLength(1);
    await until(() => stand.lines.filter(({ fields }) => fields["status"] === 403).length === 20);
    stand.origin.answer = () => image(RED);
    expect((await stand.get(stand.path())).status).toBe(200);
  });

  test("share the fallback image", async () => {
    const { opened, open } = gate();
    await using stand = await startKeptStand(
      {
        ...KEEPING_NONE,
        IMGPROXY_FALLBACK_IMAGE_DATA: BLUE.toString("base64"),
        IMGPROXY_FALLBACK_IMAGE_HTTP_CODE: "0",
      },
      async () => {
        await opened;
        return new Response("no", { status: 404 });
      },
    );
    const answers = [stand.get(stand.path()), stand.get(stand.path())];
    await until(() => stand.queue.load.requests === 2);
    open();
    for (const answer of await Promise.all(answers)) {
      expect([answer.status, answer.headers.get("content-type")]).toEqual([404, "image/png"]);
    }
    expect(stand.origin.asked).toHaveLength(1);
  });

  test("but with other conditions, cookies or headers for the source do not share", async () => {
    const { opened, open } = gate();
    await using stand = await startKeptStand(
      {
        ...KEEPING_NONE,
        IMGPROXY_COOKIE_PASSTHROUGH: "true",
        IMGPROXY_COOKIE_PASSTHROUGH_ALL: "true",
        IMGPROXY_REQUEST_HEADERS_PASSTHROUGH: "X-Tenant",
      },
      async (request) => {
        await opened;
        return tagged(request, request.headers.has("cookie") ? BLUE : RED, '"v1"');
      },
    );
    const ask = (headers: Readonly<Record<string, string>>) => stand.get(stand.path(), headers);
    const asked = [
      {},
      { "If-None-Match": '"v1"' },
      { "If-None-Match": '"v0"' },
      { Cookie: "a=1" },
      { Cookie: "a=2" },
      { "X-Tenant": "t" },
    ];
    const answers = [...asked, ...asked].map(ask);
    await until(() => stand.queue.load.requests === 12 && stand.origin.asked.length === 4);
    open();
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(statuses).toEqual([200, 304, 200, 200, 200, 200, 200, 304, 200, 200, 200, 200]);
    expect(stand.origin.asked).toHaveLength(6);
  });

  test("are looked for once where results are kept", async () => {
    const { opened, open } = gate();
    await using stand = await startKeptStand({}, async () => {
      await opened;
      return image(RED);
    });
    const answers = Array.from({ length: 20 }, () => stand.via(stand.path()));
    await until(() => stand.queue.load.requests === 20);
    open();
    const seen = await Promise.all(answers);
    expect(seen.toSorted()).toEqual(["MISS", ...Array<string>(19).fill("SHARED")]);
    expect(await stand.via(stand.path())).toBe("HIT memory");
  });
});

describe("a client that leaves", () => {
  test("first does not take the others' image away", async () => {
    const { opened, open } = gate();
    await using stand = await startKeptStand(KEEPING_NONE, async () => {
      await opened;
      return image(RED);
    });
    const client = new AbortController();
    const first = fetch(stand.url + stand.path(), { signal: client.signal }).catch(() => "left");
    await until(() => stand.origin.asked.length === 1);
    const others = [stand.get(stand.path()), stand.get(stand.path())];
    await until(() => stand.queue.load.requests === 3);
    client.abort();
    expect(await first).toBe("left");
    await until(() => stand.queue.load.requests === 2);
    open();
    expect((await Promise.all(others)).map(({ status }) => status)).toEqual([200, 200]);
    expect(stand.origin.asked).toHaveLength(1);
  });

  test("last ends the work and frees its worker", async () => {
    await using stand = await startKeptStand(KEEPING_NONE, () => new Promise<Response>(() => undefined));
    const clients = [new AbortController(), new AbortController()];
    const answers = clients.map(({ signal }) => fetch(stand.url + stand.path(), { signal }).catch(() => "left"));
    await until(() => stand.queue.load.requests === 2 && stand.queue.busy === 1);
    for (const client of clients) client.abort();
    expect(await Promise.all(answers)).toEqual(["left", "left"]);
    await until(() => stand.queue.busy === 0 && stand.queue.load.requests === 0);
    stand.origin.answer = () => image(RED);
    expect((await stand.get(stand.path())).status).toBe(200);
  });
});

describe("the time of a request", () => {
  test("is its own, whoever began the work", async () => {
    await using stand = await startKeptStand(
      { ...KEEPING_NONE, IMGPROXY_TIMEOUT: "1" },
      () => new Promise<Response>(() => undefined),
    );
    const startedAt = performance.now();
    const first = stand.get(stand.path());
    await Bun.sleep(500);
    // By the time the first one gives up, the source answers; the second one has half a second left.
    const second = stand.get(stand.path());
    await until(() => stand.queue.load.requests === 2);
    stand.origin.answer = () => image(RED);
    expect((await first).status).toBe(503);
    expect(performance.now() - startedAt).toBeLessThan(1450);
    expect((await second).status).toBe(200);
    expect(stand.origin.asked).toHaveLength(2);
  });
});
