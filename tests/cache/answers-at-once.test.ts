/** Answers that are given again must not differ in anything from those that went the whole way. */
import { describe, expect, test } from "bun:test";
import { connect } from "node:net";
import sharp from "sharp";
import { patternBytes } from "../support/pattern-bytes.ts";
import { BLUE, image, type KeptStand, RED, startKeptStand, tagged } from "./kept-stand.ts";

/** Outside of development mode, where the short way is open. */
const PLAIN = { IMGPROXY_DEVELOPMENT_ERRORS_MODE: "false" };

const hits = (stand: KeptStand) =>
  stand.lines.filter(({ message, fields }) => message.startsWith("Completed") && fields["cache"] === "HIT memory");

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition() && waited < 5000; waited += 5) await Bun.sleep(5);
  expect(condition()).toBe(true);
}

/** Head and body as they go over the wire, without what differs from answer to answer. */
function rawAnswer(port: number, path: string, headers: readonly string[] = []): Promise<string> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    const socket = connect(port, "127.0.0.1").once("error", reject);
    socket.on("data", (piece) => pieces.push(Buffer.from(piece)));
    socket.once("close", () => {
      const text = Buffer.concat(pieces).toString("latin1");
      const [head = "", ...rest] = text.split("\r\n\r\n");
      const lines = head.split("\r\n").filter((line) => !/^(date|x-request-id):/i.test(line));
      resolve(
        [
          lines
            .map((line) => line.replace(/^[^:]+:/, (name) => name.toLowerCase()))
            .toSorted()
            .join("\n"),
          ...rest,
        ].join("\n\n"),
      );
    });
    socket.write([`GET ${path} HTTP/1.1`, "Host: x", "Connection: close", ...headers, "", ""].join("\r\n"));
  });
}

describe("an answer given again", () => {
  const settings: readonly Record<string, string>[] = [
    {},
    { IMGPROXY_ALLOW_ORIGIN: "*", IMGPROXY_SET_CANONICAL_HEADER: "true", IMGPROXY_ENABLE_DEBUG_HEADERS: "true" },
    { IMGPROXY_CUSTOM_RESPONSE_HEADERS: "X-Own=grün;Cache-Control=no-store", IMGPROXY_SERVER_NAME: "other" },
    { IMGPROXY_AUTO_WEBP: "true", IMGPROXY_TTL: "60", IMGPROXY_ETAG_BUSTER: "b" },
    { IMGPROXY_RESPONSE_HEADERS_PASSTHROUGH: "X-Kind" },
  ];
  test.each(settings)("is byte for byte the one before it: %j", async (env) => {
    await using stand = await startKeptStand({ ...PLAIN, ...env }, (request) =>
      tagged(request, RED, '"v1"', { "X-Kind": "é" }),
    );
    const path = stand.path("w:20/fn:caf%C3%A9/att:1");
    const answers: string[] = [];
    for (let turn = 0; turn < 4; turn++) answers.push(await rawAnswer(stand.port, path));
    expect(answers[0]).toContain("200 OK");
    for (const answer of answers) expect(answer).toBe(answers[0] ?? "");
    expect(stand.origin.asked).toHaveLength(1);
  });

  test("has an id of its own, or the client's", async () => {
    await using stand = await startKeptStand(PLAIN);
    const ids = new Set<string>();
    for (let turn = 0; turn < 5; turn++) ids.add((await stand.get(stand.path())).headers.get("x-request-id") ?? "");
    expect(ids.size).toBe(5);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{21}$/);
    const named = await stand.get(stand.path(), { "X-Request-ID": "mine" });
    expect(named.headers.get("x-request-id")).toBe("mine");
  });

  test("is in the log, the metrics and the number of requests like any other", async () => {
    await using stand = await startKeptStand(PLAIN);
    for (let turn = 0; turn < 5; turn++)
      await (await stand.get(stand.path(), { "X-Forwarded-For": "10.0.0.9" })).bytes();
    await until(() => hits(stand).length === 4);
    const [long, ...short] = hits(stand).map(({ level, message, fields }) => ({
      level,
      message: message.replace(/in \S+ /, ""),
      fields: { ...fields, request_id: "", sending_ms: 0 },
    }));
    for (const line of short) expect(line).toEqual(long as never);
    expect(long?.fields).toMatchObject({
      status: 200,
      client_ip: "10.0.0.9",
      cache: "HIT memory",
      result_size: "20x15",
    });
    const metrics = stand.metrics.render();
    for (const line of [
      "requests_total 5",
      'status_codes_total{status="200"} 5',
      'request_span_duration_seconds_count{span="streaming_image"} 5',
      "request_duration_seconds_count 5",
      "requests_in_progress 0",
    ]) {
      expect(metrics).toContain(`\n${line}\n`);
    }
  });

  test("hides no secret less than the first one", async () => {
    await using stand = await startKeptStand({
      ...PLAIN,
      IMGPROXY_TRUSTED_SIGNATURES: "let-me-in",
      IMGPROXY_KEY: "aa",
      IMGPROXY_SALT: "bb",
    });
    const path = stand.path().replace("unsafe", "let-me-in");
    for (let turn = 0; turn < 4; turn++) expect((await stand.get(path)).status).toBe(200);
    await until(() => hits(stand).length === 3);
    expect(JSON.stringify(stand.lines)).not.toContain("let-me-in");
    expect((await stand.get(stand.path())).status).toBe(403);
  });
});

describe("the whole way is gone", () => {
  const warm = async (stand: KeptStand, path = stand.path(), headers = {}) => {
    for (let turn = 0; turn < 3; turn++) expect((await stand.get(path, headers)).status).toBe(200);
  };

  test("for conditions", async () => {
    await using stand = await startKeptStand(PLAIN, (request) => tagged(request, RED, '"v1"'));
    await warm(stand);
    expect((await stand.get(stand.path(), { "If-None-Match": '"v1"' })).status).toBe(304);
    expect((await stand.get(stand.path(), { "If-None-Match": '"v2"' })).status).toBe(200);
  });

  test("for other methods", async () => {
    await using stand = await startKeptStand(PLAIN);
    await warm(stand);
    const statuses = await Promise.all(
      ["HEAD", "OPTIONS", "POST"].map(async (method) =>
        (await fetch(stand.url + stand.path(), { method })).headers.get("content-type"),
      ),
    );
    expect(statuses).toEqual(["text/plain", "text/plain", "text/plain"]);
  });

  test("for what Accept makes another result", async () => {
    await using stand = await startKeptStand({ ...PLAIN, IMGPROXY_AUTO_WEBP: "true" });
    const typeFor = async (Accept: string) => (await stand.get(stand.path(), { Accept })).headers.get("content-type");
    for (let turn = 0; turn < 3; turn++) {
      expect(await typeFor("image/webp")).toBe("image/webp");
      expect(await typeFor("image/png")).toBe("image/png");
    }
  });

  test("once the result is stale or another", async () => {
    await using stand = await startKeptStand({ ...PLAIN, IMGPROXY_CACHE_TTL: "1" }, (request) =>
      tagged(request, RED, '"v1"'),
    );
    await warm(stand);
    stand.origin.answer = (request) => tagged(request, BLUE, '"v2"');
    await Bun.sleep(1050);
    const tags: (string | null)[] = [];
    for (let turn = 0; turn < 3; turn++) tags.push((await stand.get(stand.path())).headers.get("etag"));
    expect(tags).toEqual(['"v2"', '"v2"', '"v2"']);
    expect(stand.origin.asked).toHaveLength(2);
  });

  test("once memory has let go of the result", async () => {
    const noise = await sharp(patternBytes(200 * 200 * 3), { raw: { width: 200, height: 200, channels: 3 } })
      .png()
      .toBuffer();
    await using stand = await startKeptStand({ ...PLAIN, IMGPROXY_CACHE_MEMORY_SIZE: "1M" }, () => image(noise));
    await warm(stand, stand.path("w:100"));
    for (let width = 110; width < 200; width++) {
      // Twice, so that they are worth keeping.
      for (let turn = 0; turn < 2; turn++) await (await stand.get(stand.path(`w:${width}`))).bytes();
    }
    const before = stand.origin.asked.length;
    expect((await stand.get(stand.path("w:100"))).status).toBe(200);
    expect(stand.origin.asked).toHaveLength(before + 1);
  });

  test("after a reload, whose rules may be others", async () => {
    await using stand = await startKeptStand(PLAIN);
    await warm(stand);
    await stand.reload({ ...PLAIN, IMGPROXY_CACHE_USE: "memory", IMGPROXY_KEY: "aa", IMGPROXY_SALT: "bb" });
    expect((await stand.get(stand.path())).status).toBe(403);
  });

  test("until the end that the URL has itself", async () => {
    await using stand = await startKeptStand(PLAIN);
    const end = Math.floor(Date.now() / 1000) + 1;
    const path = stand.path(`w:20/exp:${end}`);
    await warm(stand, path);
    await Bun.sleep(end * 1000 + 1050 - Date.now());
    expect((await stand.get(path)).status).toBe(404);
  });

  test.each([
    { IMGPROXY_SECRET: "s" },
    { IMGPROXY_COOKIE_PASSTHROUGH: "true" },
    { IMGPROXY_REQUEST_HEADERS_PASSTHROUGH: "X-A" },
    { IMGPROXY_CACHE_KEY_HEADERS: "X-A" },
    { IMGPROXY_CACHE_KEY_COOKIES: "a" },
    { IMGPROXY_ENABLE_CLIENT_HINTS: "true" },
    { IMGPROXY_CACHE_ALLOW_NO_CACHE: "true" },
    { IMGPROXY_CACHE_CONTROL_PASSTHROUGH: "true" },
    { IMGPROXY_DEVELOPMENT_ERRORS_MODE: "true" },
    { IMGPROXY_CACHE_USE: "" },
  ])("always with %j, where an answer depends on more", async (env) => {
    await using stand = await startKeptStand({ ...PLAIN, ...env });
    const headers = { Authorization: "Bearer s", Cookie: "a=1", "X-A": "1" };
    await warm(stand, stand.path(), headers);
    expect(stand.hasShortWay).toBe(false);
  });

  test("not with the defaults and memory", async () => {
    await using stand = await startKeptStand(PLAIN);
    expect(stand.hasShortWay).toBe(true);
  });
});

describe("a client that reads slowly", () => {
  const large = async () =>
    sharp(patternBytes(1500 * 1500 * 3), { raw: { width: 1500, height: 1500, channels: 3 } })
      .png({ compressionLevel: 0 })
      .toBuffer();

  async function askSlowly(stand: KeptStand, path: string) {
    const socket = connect(stand.port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    socket.pause();
    return socket;
  }

  test("is cut when its time is over, and that is in the log", async () => {
    const source = await large();
    await using stand = await startKeptStand(
      { ...PLAIN, IMGPROXY_WRITE_RESPONSE_TIMEOUT: "1", IMGPROXY_CACHE_MEMORY_SIZE: "200M" },
      () => image(source),
    );
    const path = stand.path("w:1400");
    for (let turn = 0; turn < 2; turn++) await (await stand.get(path)).bytes();
    const socket = await askSlowly(stand, path);
    await until(() => hits(stand).some(({ fields }) => String(fields["error"]).includes("reads too slowly")));
    socket.destroy();
  });

  test("and leaves is logged as one that left", async () => {
    const source = await large();
    await using stand = await startKeptStand({ ...PLAIN, IMGPROXY_CACHE_MEMORY_SIZE: "200M" }, () => image(source));
    const path = stand.path("w:1400");
    for (let turn = 0; turn < 2; turn++) await (await stand.get(path)).bytes();
    const socket = await askSlowly(stand, path);
    await Bun.sleep(100);
    socket.destroy();
    await until(() => hits(stand).some(({ fields }) => fields["status"] === 499));
  });
});
