import { describe, expect, test } from "bun:test";
import type { HttpSourceConfig } from "../../../src/source/http/http-source.ts";
import { readBody } from "../../../src/source/read-body.ts";
import { failureOf } from "../../support/failure.ts";
import { answer, type Origin, type Respond, startOrigin } from "./origin.ts";
import { httpSource, sourceRequest } from "./settings.ts";

/** Fetches `/start` of an origin that answers it with a redirect and everything else with 200. */
async function follow(
  location: (origin: Origin) => string,
  options: {
    readonly status?: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly redirectHeaders?: Readonly<Record<string, string>>;
    readonly config?: Partial<HttpSourceConfig>;
    readonly userInfo?: string;
  } = {},
) {
  const { status = 302, headers = {}, redirectHeaders = {}, config = {}, userInfo = "" } = options;
  let origin: Origin | undefined;
  const respond: Respond = ({ target }, socket) => {
    const isStart = target === "/start" && origin !== undefined;
    socket.write(
      isStart ? answer(status, "", { Location: location(origin as Origin), ...redirectHeaders }) : answer(200, target),
    );
  };
  origin = await startOrigin(respond);
  const source = httpSource(config, { resolveName: async () => [{ address: "127.0.0.1", family: 4 }] });
  try {
    const response = await source.fetch(sourceRequest(`http://${userInfo}127.0.0.1:${origin.port}/start`, headers));
    const body = Buffer.from(
      await readBody(response, { maxBytes: 0, signal: new AbortController().signal }),
    ).toString();
    return { body, status: response.status, seen: origin.seen, port: origin.port, connections: origin.connections() };
  } finally {
    await source.close?.();
    await origin[Symbol.asyncDispose]();
  }
}

describe("a redirect", () => {
  test.each([301, 302, 303, 307, 308])("with status %d is followed", async (status) => {
    expect(await follow(() => "/ok", { status })).toMatchObject({ status: 200, body: "/ok" });
  });

  test.each([300, 305])("with status %d is not", async (status) => {
    expect((await follow(() => "/ok", { status })).status).toBe(status);
  });

  test("without a Location is an answer like any other", async () => {
    expect((await follow(() => "")).status).toBe(302);
  });

  test("is asked for with the previous URL as Referer, without its user info", async () => {
    const { seen, port } = await follow(() => "/ok", { userInfo: "us:pw@" });
    expect(seen[0]?.headers.has("Referer")).toBe(false);
    expect(seen[1]?.headers.get("Referer")).toBe(`http://127.0.0.1:${port}/start`);
  });

  test("repeats user agent and conditions", async () => {
    const { seen } = await follow(() => "/ok", { headers: { "if-none-match": '"abc"', range: "bytes=0-1" } });
    expect(seen[1]?.headers.get("User-Agent")).toBe("imgproxy/4.0.12");
    expect(seen[1]?.headers.get("If-None-Match")).toBe('"abc"');
    expect(seen[1]?.headers.get("Range")).toBe("bytes=0-1");
  });

  test("keeps Basic authorization on its host and drops it on another", async () => {
    const same = await follow(() => "/ok", { userInfo: "us:pw@" });
    expect(same.seen[1]?.headers.get("Authorization")).toBe("Basic dXM6cHc=");
    const other = await follow(({ port }) => `http://other.example:${port}/ok`, { userInfo: "us:pw@" });
    expect(other.seen[1]?.headers.has("Authorization")).toBe(false);
  });

  test("uses its connection again when the body is small, and closes it when the body is large", async () => {
    expect((await follow(() => "/ok")).connections).toBe(1);
    const endless = { "Content-Length": "1000000" };
    expect((await follow(() => "/ok", { redirectHeaders: endless })).connections).toBe(2);
  });

  test("whose small body never comes does not hold its connection", async () => {
    await using origin = await startOrigin(({ target }, socket) => {
      socket.write(
        target === "/start" ? "HTTP/1.1 302 x\r\nLocation: /ok\r\nContent-Length: 10\r\n\r\n" : answer(200, "ok"),
      );
    });
    const source = httpSource({ clientKeepAliveTimeoutSeconds: 0 });
    const response = await source.fetch(sourceRequest(`${origin.url}/start`));
    await readBody(response, { maxBytes: 0, signal: new AbortController().signal });
    for (let turn = 0; turn < 300 && origin.openConnections() > 0; turn++) await Bun.sleep(10);
    expect(origin.openConnections()).toBe(0);
  });
});

test("a redirect is logged without queries and user info", async () => {
  const lines: unknown[] = [];
  await using origin = await startOrigin(({ target }, socket) => {
    socket.write(target.startsWith("/start") ? answer(302, "", { Location: "/ok?token=secret" }) : answer(200));
  });
  const source = httpSource({}, { logger: { log: (...line) => lines.push(line) } });
  await source.fetch(sourceRequest(`http://us:pw@127.0.0.1:${origin.port}/start?key=secret`));
  await source.close?.();
  const fields = { from: `${origin.url}/start`, to: `${origin.url}/ok` };
  expect(lines).toEqual([["debug", "Following a redirect of the source", fields]]);
});

describe("the redirect limit", () => {
  const countdown: Respond = ({ target }, socket) => {
    const left = Number(target.slice(1));
    socket.write(left === 0 ? answer(200, "there") : answer(302, "", { Location: `/${left - 1}` }));
  };

  test.each([
    [0, 0, true, 1],
    [0, 1, false, 1],
    [1, 1, false, 1],
    [2, 1, true, 2],
    [2, 2, false, 2],
    [2, 3, false, 2],
    [10, 9, true, 10],
    [10, 10, false, 10],
    [10, 11, false, 10],
  ])("of %d with %d redirects", async (maxRedirects, redirects, arrives, requests) => {
    await using origin = await startOrigin(countdown);
    const source = httpSource({ maxRedirects });
    const request = source.fetch(sourceRequest(`${origin.url}/${redirects}`));
    if (arrives) expect((await request).status).toBe(200);
    else {
      const error = await failureOf(request);
      expect(error.kind).toBe("source_unreachable");
      expect(error.message).toStartWith(`stopped after ${maxRedirects} redirects`);
    }
    expect(origin.seen).toHaveLength(requests);
    await source.close?.();
  });
});

describe("cookies", () => {
  test("set by a redirect go along to where they belong", async () => {
    const redirectHeaders = { "Set-Cookie": "seen=1; Path=/" };
    const { seen } = await follow(() => "/ok", { redirectHeaders, headers: { cookie: "sid=42" } });
    expect(seen[0]?.headers.get("Cookie")).toBe("sid=42");
    expect(seen[1]?.headers.get("Cookie")).toBe("sid=42; seen=1");
    const elsewhere = await follow(({ port }) => `http://other.example:${port}/ok`, { redirectHeaders });
    expect(elsewhere.seen[1]?.headers.has("Cookie")).toBe(false);
  });

  test("of the client stay on the first host", async () => {
    const { seen } = await follow(({ port }) => `http://other.example:${port}/ok`, { headers: { cookie: "sid=42" } });
    expect(seen[1]?.headers.has("Cookie")).toBe(false);
  });

  test("of the client go everywhere when they are to", async () => {
    const config = { cookiePassthroughAll: true };
    const { seen } = await follow(({ port }) => `http://other.example:${port}/ok`, {
      headers: { cookie: "sid=42" },
      config,
    });
    expect(seen[1]?.headers.get("Cookie")).toBe("sid=42");
  });

  test("are forgotten with the download that they were set in", async () => {
    await using origin = await startOrigin(({ target }, socket) => {
      socket.write(
        target === "/start" ? answer(302, "", { Location: "/ok", "Set-Cookie": "a=1; Path=/" }) : answer(200),
      );
    });
    const source = httpSource();
    await source.fetch(sourceRequest(`${origin.url}/start`));
    await source.fetch(sourceRequest(`${origin.url}/ok`));
    expect(origin.seen.map(({ headers }) => headers.get("Cookie"))).toEqual([undefined, "a=1", undefined]);
    await source.close?.();
  });
});
