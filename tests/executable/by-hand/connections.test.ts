import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startImageOrigin } from "../../http/image-origin.ts";
import {
  getRequest,
  openSocket,
  parseAnswer,
  type RawAnswer,
  rawExchange,
  readToEnd,
} from "../../http/raw-exchange.ts";
import type { Origin } from "../../source/http/origin.ts";
import { type RunningServer, startServer } from "../../support/executable.ts";

let origin: Origin;
let server: RunningServer;
beforeAll(async () => {
  origin = await startImageOrigin();
  server = await start({ IMGPROXY_READ_REQUEST_TIMEOUT: "1", IMGPROXY_KEEP_ALIVE_TIMEOUT: "1" });
});
afterAll(async () => {
  await server.stop();
  await origin[Symbol.asyncDispose]();
});

const start = (env: Record<string, string> = {}) =>
  startServer({ env: { IMGPROXY_ALLOW_LOOPBACK_SOURCE_ADDRESSES: "true", ...env } });
const portOf = ({ url }: RunningServer) => Number(new URL(url).port);
const exchange = (request: string) => rawExchange(portOf(server), request);
const described = ({ status, headers, body }: RawAnswer) => ({
  status,
  type: headers.get("content-type"),
  connection: headers.get("connection"),
  server: headers.get("server"),
  caching: headers.get("cache-control"),
  text: body.toString(),
});

describe("a connection is closed", () => {
  test.concurrent("without an answer after half a request head", async () => {
    const answer = await exchange("GET /health HTTP/1.1\r\nHo");
    expect(answer.body.length).toBe(0);
    expect(answer.closedAfter).toBeWithin(900, 3000);
  });

  test.concurrent("when it has been idle after an answer", async () => {
    const answer = await exchange("GET /health HTTP/1.1\r\nHost: h\r\n\r\n");
    expect(answer.status).toBe(200);
    expect(answer.closedAfter).toBeWithin(900, 3500);
  });
});

describe("what is hardly a request", () => {
  const refused = { type: "text/plain; charset=utf-8", connection: "close", server: undefined, caching: undefined };

  test.concurrent("HTTP/1.1 without Host is refused by the HTTP layer", async () => {
    const answer = await exchange("GET /health HTTP/1.1\r\nConnection: close\r\n\r\n");
    expect(described(answer)).toEqual({
      ...refused,
      status: 400,
      text: "400 Bad Request: missing required Host header",
    });
    expect([...answer.headers.keys()]).not.toContain("x-request-id");
  });

  test.concurrent("a target of 1.1 MB is refused by the HTTP layer", async () => {
    const answer = await exchange(getRequest(`/${"a".repeat(1_100_000)}`));
    expect(described(answer)).toEqual({ ...refused, status: 431, text: "431 Request Header Fields Too Large" });
  });

  // There it is 404 with one space; see docs/differences.md.
  test.concurrent("a method that HTTP does not know is refused by the HTTP layer", async () => {
    const answer = await exchange("BREW /pot HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    expect(described(answer)).toEqual({ ...refused, status: 400, text: "400 Bad Request" });
  });

  test.concurrent.each([
    ["HTTP/1.0 without Host", "GET /health HTTP/1.0\r\n\r\n"],
    ["a target in absolute form", getRequest("http://foo/health")],
  ])("%s is answered", async (_, request) => {
    const answer = await exchange(request);
    expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "no-cache"]);
    expect(answer.body.toString()).toBe("imgproxy is running");
  });
});

describe("a client that does not read", () => {
  const FULL_SIZE = 36_000_000;

  test.concurrent.each([
    ["false", "200"],
    ["true", "500"],
  ])("is cut off; with IMGPROXY_REPORT_IO_ERRORS=%s the log says %s", async (setting, status) => {
    await using own = await start({ IMGPROXY_WRITE_RESPONSE_TIMEOUT: "1", IMGPROXY_REPORT_IO_ERRORS: setting });
    const socket = await openSocket(portOf(own));
    socket.pause();
    socket.write(getRequest(`/unsafe/rs:force:4000:3000/el:1/plain/${origin.url}/ok.png@bmp`));
    while (!own.log().includes("Completed in")) await Bun.sleep(20);
    expect(own.log()).toMatch(new RegExp(`level="ERROR".*status=${status}.*failed to write response`));
    const all = readToEnd(socket);
    socket.resume();
    const bytes = await all;
    expect(parseAnswer(bytes).status).toBe(200);
    expect(bytes.length).toBeLessThan(FULL_SIZE / 2);
  });
});
