import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createEdge } from "../../src/http/edge.ts";
import { createListener, type ListenerSettings } from "../../src/http/listener.ts";
import { silentLogger } from "../../src/telemetry/types.ts";
import { getRequest, openSocket, parseAnswer, rawExchange, readToEnd } from "./raw-exchange.ts";

const SETTINGS: ListenerSettings = {
  readRequestTimeoutSeconds: 1,
  writeResponseTimeoutSeconds: 10,
  keepAliveTimeoutSeconds: 1,
  maxClients: 0,
};

/** A listener whose app says what it saw of the request. */
async function startEcho(settings: Partial<ListenerSettings> = {}) {
  const edge = createEdge();
  const app = {
    async fetch(request: Request) {
      const { method, target, peerAddress } = edge.exchangeOf(request);
      const wait = Number(/wait=(\d+)/.exec(target)?.[1] ?? 0);
      if (wait > 0) await Bun.sleep(wait);
      const text = JSON.stringify({ method, target, peerAddress, accept: request.headers.get("accept") });
      return new Response(text, { headers: { "Content-Length": String(Buffer.byteLength(text)) } });
    },
  };
  const listener = createListener({ app, edge, settings: { ...SETTINGS, ...settings }, logger: silentLogger });
  const port = await listener.listen({ host: "127.0.0.1", port: 0 });
  return { port, listener, [Symbol.asyncDispose]: () => listener.stop(0) };
}

let echo: Awaited<ReturnType<typeof startEcho>>;
beforeAll(async () => {
  echo = await startEcho();
});
afterAll(() => echo[Symbol.asyncDispose]());

function jsonOf(body: Buffer): { method: string; target: string; peerAddress: string; accept: string | null } {
  return JSON.parse(body.toString("utf8"));
}

describe("the target reaches the app byte for byte", () => {
  test.each([
    "/a/../b",
    "/a/./b",
    "/a/%2e%2e/b",
    "/a\\b",
    '/^{}"<>`|',
    "/x#fragment",
    "//x//y",
    "/%zz",
    "/a?b=%zz/../c",
    "http://other.example/path",
    "/é",
    "/日本?ü",
    `/${"a".repeat(1_000_000)}`,
  ])("%.40s", async (target) => {
    const answer = await rawExchange(echo.port, Buffer.from(getRequest(target, { Accept: "image/webp" }), "utf8"));
    expect(answer.status).toBe(200);
    expect(jsonOf(answer.body)).toEqual({ method: "GET", target, peerAddress: "127.0.0.1", accept: "image/webp" });
  });
});

describe("what is no request is refused as an HTTP layer does", () => {
  test.each([
    ["a space in the target", getRequest("/a b"), 400, "400 Bad Request"],
    ["a control character in the target", getRequest("/a\u0001b"), 400, "400 Bad Request"],
    [
      "no Host over HTTP/1.1",
      "GET /x HTTP/1.1\r\nConnection: close\r\n\r\n",
      400,
      "400 Bad Request: missing required Host header",
    ],
    ["a head above a megabyte", getRequest(`/${"a".repeat(1_060_000)}`), 431, "431 Request Header Fields Too Large"],
    [
      "a length and chunks at once",
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      400,
      "400 Bad Request",
    ],
    ["raw UTF-8 and a body", "GET /é HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc", 400, "400 Bad Request"],
    ["raw UTF-8 and no Host", "GET /é HTTP/1.1\r\nAccept: a\r\n\r\n", 400, "400 Bad Request"],
    ["raw UTF-8 and a broken header", "GET /é HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n", 400, "400 Bad Request"],
    ["two requests of which the first has raw UTF-8", `${getRequest("/é")}${getRequest("/b")}`, 400, "400 Bad Request"],
    ["another protocol", "\u0016\u0003\u0001 hello\r\n\r\n", 400, "400 Bad Request"],
  ])("%s", async (_, request, status, text) => {
    const answer = await rawExchange(echo.port, Buffer.from(request, "utf8"));
    expect([answer.status, answer.body.toString()]).toEqual([status, text]);
    expect(answer.headers.get("connection")).toBe("close");
    expect(answer.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(answer.headers.has("server")).toBe(false);
  });

  test("HTTP/1.0 needs no Host", async () => {
    expect((await rawExchange(echo.port, "GET /health HTTP/1.0\r\n\r\n")).status).toBe(200);
  });

  test.each(["POST", "DELETE", "TRACE", "PROPFIND"])("the method %s is left to the app", async (method) => {
    const answer = await rawExchange(echo.port, getRequest("/x").replace("GET", method));
    expect(jsonOf(answer.body).method).toBe(method);
  });
});

describe("time is limited", () => {
  test.concurrent("for a request that never ends its head", async () => {
    const answer = await rawExchange(echo.port, "GET /x HTTP/1.1\r\nHo");
    expect(answer.body.length).toBe(0);
    expect(answer.closedAfter).toBeWithin(900, 2600);
  });

  test.concurrent("for a request that trickles in", async () => {
    const socket = await openSocket(echo.port);
    const started = performance.now();
    socket.write("GET /x HTTP/1.1\r\nHost: h\r\nX-Long: ");
    const trickle = setInterval(() => socket.write("x"), 100);
    await readToEnd(socket);
    clearInterval(trickle);
    expect(performance.now() - started).toBeWithin(900, 3000);
  });

  test.concurrent("for an idle connection, but not for an answer in work", async () => {
    const socket = await openSocket(echo.port);
    const started = performance.now();
    const all = readToEnd(socket);
    socket.write("GET /?wait=1500 HTTP/1.1\r\nHost: h\r\n\r\n");
    expect(parseAnswer(await all).status).toBe(200);
    expect(performance.now() - started).toBeWithin(2400, 5000);
  });

  test("to nothing at all with a keep-alive time of 0", async () => {
    await using closing = await startEcho({ keepAliveTimeoutSeconds: 0 });
    const answer = await rawExchange(closing.port, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    expect([answer.status, answer.headers.get("connection")]).toEqual([200, "close"]);
  });
});

describe("a limit of clients", () => {
  test("lets the next wait until one has closed its connection", async () => {
    await using limited = await startEcho({
      maxClients: 1,
      readRequestTimeoutSeconds: 10,
      keepAliveTimeoutSeconds: 10,
    });
    const first = await openSocket(limited.port);
    first.write("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n");
    await new Promise((resolve) => first.once("data", resolve));
    const second = rawExchange(limited.port, getRequest("/2"));
    const early = await Promise.race([second.then(() => "answered"), Bun.sleep(150).then(() => "waiting")]);
    expect(early).toBe("waiting");
    first.destroy();
    expect((await second).status).toBe(200);
  });

  test("gives the turn of one who leaves while waiting to the next", async () => {
    await using limited = await startEcho({
      maxClients: 2,
      readRequestTimeoutSeconds: 10,
      keepAliveTimeoutSeconds: 10,
    });
    const served = [await openSocket(limited.port), await openSocket(limited.port)];
    for (const socket of served) {
      socket.write("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n");
      await new Promise((resolve) => socket.once("data", resolve));
    }
    const impatient = await openSocket(limited.port);
    impatient.write(getRequest("/impatient"));
    await Bun.sleep(30);
    const patient = rawExchange(limited.port, getRequest("/patient"));
    await Bun.sleep(30);
    impatient.destroy();
    served[0]?.destroy();
    expect((await patient).status).toBe(200);
    served[1]?.destroy();
  });
});

test("a Unix socket serves too", async () => {
  const path = `/tmp/imgproxy-listener-${process.pid}.sock`;
  const edge = createEdge();
  const app = { fetch: () => new Response("over a socket") };
  const listener = createListener({ app, edge, settings: SETTINGS, logger: silentLogger });
  expect(await listener.listen({ path })).toBe(0);
  const response = await fetch("http://localhost/", { unix: path });
  expect(await response.text()).toBe("over a socket");
  await listener.stop(0);
});

test("an address in use is an error of listening, not of the process", async () => {
  const listener = createListener({
    app: { fetch: () => new Response() },
    edge: createEdge(),
    settings: SETTINGS,
    logger: silentLogger,
  });
  await expect(listener.listen({ host: "127.0.0.1", port: echo.port })).rejects.toThrow(/EADDRINUSE|in use/);
});

test("an app that throws costs one connection, not the server", async () => {
  const lines: string[] = [];
  const logger = { log: (_: string, message: string) => void lines.push(message) };
  const app = { fetch: () => Promise.reject(new Error("a bug")) };
  const listener = createListener({ app, edge: createEdge(), settings: SETTINGS, logger });
  const port = await listener.listen({ host: "127.0.0.1", port: 0 });
  expect((await rawExchange(port, getRequest("/x"))).status).toBe(0);
  expect(lines.join()).toContain("a bug");
  await listener.stop(0);
});
