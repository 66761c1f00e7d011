import { describe, expect, test } from "bun:test";
import { AppError } from "../../../src/errors.ts";
import type { HttpSourceConfig, HttpSourceServices } from "../../../src/source/http/http-source.ts";
import { readBody } from "../../../src/source/read-body.ts";
import type { Source } from "../../../src/source/types.ts";
import { failureOf } from "../../support/failure.ts";
import { answer, type Origin, type Respond, startOrigin } from "./origin.ts";
import { httpSource, sourceRequest } from "./settings.ts";

/** An origin and a source of its own, both let go of at the end. */
async function stand(
  respond: Respond,
  config: Partial<HttpSourceConfig> = {},
  services: Partial<HttpSourceServices> = {},
) {
  const origin = await startOrigin(respond);
  const source = httpSource(config, services);
  return {
    origin,
    source,
    async [Symbol.asyncDispose]() {
      await source.close?.();
      await origin[Symbol.asyncDispose]();
    },
  };
}

async function download(
  source: Source,
  url: string,
  headers: Readonly<Record<string, string>> = {},
  signal?: AbortSignal,
) {
  const request = sourceRequest(url, headers, signal);
  const response = await source.fetch(request);
  const bytes = await readBody(response, { maxBytes: 0, signal: request.signal });
  return { status: response.status, headers: response.headers, body: Buffer.from(bytes).toString() };
}

async function eventually(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 400 && !condition(); turn++) await Bun.sleep(5);
  expect(condition()).toBe(true);
}

function header(origin: Origin, request: number, name: string): string | undefined {
  return origin.seen[request]?.headers.get(name);
}

const ok: Respond = ({ target }, socket) => void socket.write(answer(200, `you asked for ${target}`));
const silent: Respond = () => undefined;

describe("what an origin sees", () => {
  test("Host and User-Agent, and nothing else", async () => {
    await using s = await stand(ok);
    const { status, body } = await download(s.source, `${s.origin.url}/a.png`);
    expect({ status, body }).toEqual({ status: 200, body: "you asked for /a.png" });
    expect([...(s.origin.seen[0]?.headers ?? [])]).toEqual([
      ["Host", `127.0.0.1:${s.origin.port}`],
      ["User-Agent", "imgproxy/4.0.12"],
    ]);
  });

  test("the headers of the request in their usual spelling, but none that the connection decides", async () => {
    await using s = await stand(ok);
    await download(s.source, `${s.origin.url}/`, {
      "if-none-match": '"x"',
      "x-request-id": "1",
      host: "evil",
      connection: "close",
      "content-length": "5",
      "transfer-encoding": "chunked",
      "user-agent": "evil",
    });
    expect([...(s.origin.seen[0]?.headers ?? [])]).toEqual([
      ["Host", `127.0.0.1:${s.origin.port}`],
      ["User-Agent", "imgproxy/4.0.12"],
      ["If-None-Match", '"x"'],
      ["X-Request-Id", "1"],
    ]);
  });

  test("Basic authorization from user info", async () => {
    await using s = await stand(ok);
    await download(s.source, `http://us:pw@127.0.0.1:${s.origin.port}/`);
    expect(header(s.origin, 0, "Authorization")).toBe("Basic dXM6cHc=");
  });

  test("another user agent when one is set", async () => {
    await using s = await stand(ok, { userAgent: "my/1.0 (test)" });
    await download(s.source, `${s.origin.url}/`);
    expect(header(s.origin, 0, "User-Agent")).toBe("my/1.0 (test)");
  });

  test("a header that cannot be sent is a failed source, not a failed server", async () => {
    await using s = await stand(ok);
    const error = await failureOf(download(s.source, `${s.origin.url}/`, { "if-none-match": "a\nb" }));
    expect(error.kind).toBe("source_unreachable");
  });
});

describe("connections", () => {
  test("are kept and used again, after 204 and 304 too", async () => {
    const statuses = [200, 204, 304, 404, 200];
    await using s = await stand(({ target }, socket) => {
      const status = statuses[Number(target.slice(1))] ?? 500;
      socket.write(status === 204 || status === 304 ? `HTTP/1.1 ${status} x\r\n\r\n` : answer(status, "body"));
    });
    for (const [turn, status] of statuses.entries()) {
      const response = await download(s.source, `${s.origin.url}/${turn}`);
      expect(response.status).toBe(status);
      // A connection is back in the pool a moment after its body has ended.
      await Bun.sleep(1);
    }
    expect(s.origin.connections()).toBe(1);
  });

  test("are not kept with a keep-alive time of 0", async () => {
    await using s = await stand(ok, { clientKeepAliveTimeoutSeconds: 0 });
    await download(s.source, `${s.origin.url}/a`);
    await download(s.source, `${s.origin.url}/b`);
    expect(s.origin.connections()).toBe(2);
    expect(header(s.origin, 0, "Connection")).toBe("close");
  });

  test("are closed when they have been idle for the keep-alive time", async () => {
    await using s = await stand(ok, { clientKeepAliveTimeoutSeconds: 0.05 });
    await download(s.source, `${s.origin.url}/a`);
    expect(s.origin.openConnections()).toBe(1);
    await eventually(() => s.origin.openConnections() === 0);
  });

  test("are closed with the source", async () => {
    await using s = await stand(ok);
    await download(s.source, `${s.origin.url}/a`);
    await s.source.close?.();
    await eventually(() => s.origin.openConnections() === 0);
  });

  test("in use when the source is closed end with their download", async () => {
    await using s = await stand((_, socket) => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst");
      setTimeout(() => socket.write(" half"), 30);
    });
    const running = download(s.source, `${s.origin.url}/`);
    await eventually(() => s.origin.seen.length === 1);
    await s.source.close?.();
    expect((await running).body).toBe("first half");
    await eventually(() => s.origin.openConnections() === 0);
  });

  test("that went stale are replaced without anybody noticing", async () => {
    const perConnection = new Map<number, number>();
    await using s = await stand((request, socket) => {
      const count = (perConnection.get(request.connection) ?? 0) + 1;
      perConnection.set(request.connection, count);
      if (count > 1) socket.destroy();
      else socket.write(answer(200, "fine"));
    });
    for (let turn = 0; turn < 3; turn++) expect((await download(s.source, `${s.origin.url}/`)).body).toBe("fine");
  });

  test("that break before an answer are tried once only when they were new", async () => {
    await using s = await stand((_, socket) => void socket.destroy());
    expect((await failureOf(download(s.source, `${s.origin.url}/`))).kind).toBe("source_unreachable");
    expect(s.origin.seen).toHaveLength(1);
  });
});

describe("an answer", () => {
  test("comes back whatever its status is", async () => {
    await using s = await stand(({ target }, socket) => void socket.write(answer(Number(target.slice(1)), "text")));
    for (const status of [200, 201, 206, 300, 403, 404, 416, 429, 500, 503]) {
      expect((await download(s.source, `${s.origin.url}/${status}`)).status).toBe(status);
    }
  });

  test("loses the headers of its connection and keeps the others as they came", async () => {
    const raw = Buffer.from(
      'HTTP/1.1 200 OK\r\nETag: W/"1"\r\nX-A: 1\r\nX-A: 2\r\nETag: "2"\r\nX-Name: \xe9\r\nKeep-Alive: timeout=5\r\nContent-Length: 2\r\n\r\nok',
      "latin1",
    );
    await using s = await stand((_, socket) => void socket.write(raw));
    const { headers } = await download(s.source, `${s.origin.url}/`);
    expect(Object.fromEntries(headers)).toEqual({ etag: 'W/"1"', "x-a": "1, 2", "x-name": "é", "content-length": "2" });
  });

  test("may be chunked, or end with its connection", async () => {
    await using s = await stand(({ target }, socket) => {
      if (target === "/chunked")
        socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
      else socket.end("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabcde");
    });
    expect((await download(s.source, `${s.origin.url}/chunked`)).body).toBe("abcde");
    expect((await download(s.source, `${s.origin.url}/close`)).body).toBe("abcde");
  });

  test("may have long headers, within reason", async () => {
    await using s = await stand(
      ({ target }, socket) => void socket.write(answer(200, "ok", { "X-Long": "x".repeat(Number(target.slice(1))) })),
    );
    expect((await download(s.source, `${s.origin.url}/100000`)).body).toBe("ok");
    expect((await failureOf(download(s.source, `${s.origin.url}/1000000`))).kind).toBe("source_unreachable");
  });

  test("may be preceded by 103 Early Hints", async () => {
    await using s = await stand(
      (_, socket) => void socket.write(`HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${answer(200, "ok")}`),
    );
    expect((await download(s.source, `${s.origin.url}/`)).body).toBe("ok");
  });

  test.each([
    ["is no HTTP", "hello there\r\n\r\n"],
    ["has two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc"],
    ["has a negative length", "HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\nabc"],
    ["switches protocols", "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"],
  ])("that %s is an unreachable source", async (_, text) => {
    await using s = await stand((_request, socket) => void socket.write(text));
    expect((await failureOf(download(s.source, `${s.origin.url}/`))).kind).toBe("source_unreachable");
    await eventually(() => s.origin.openConnections() === 0);
  });

  test.each([
    ["its length", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"],
    ["its last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n"],
    ["the end of a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\nshort"],
  ])("cut before %s is incomplete", async (_, text) => {
    await using s = await stand((_request, socket) => void socket.end(text));
    expect((await failureOf(download(s.source, `${s.origin.url}/`))).kind).toBe("source_incomplete");
  });

  test("with a connection that is reset in its middle is incomplete", async () => {
    await using s = await stand((_, socket) => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort");
      setTimeout(() => socket.resetAndDestroy(), 20);
    });
    expect((await failureOf(download(s.source, `${s.origin.url}/`))).kind).toBe("source_incomplete");
  });
});

describe("a source that cannot be reached", () => {
  test("because nobody listens", async () => {
    const origin = await startOrigin(ok);
    await origin[Symbol.asyncDispose]();
    const error = await failureOf(download(httpSource(), `${origin.url}/`));
    expect(error.kind).toBe("source_unreachable");
    expect(error.status).toBe(404);
  });

  test("because its name is unknown", async () => {
    const resolveName = () => Promise.reject(new Error("getaddrinfo ENOTFOUND nowhere.example"));
    const error = await failureOf(download(httpSource({}, { resolveName }), "http://nowhere.example/"));
    expect(error.kind).toBe("source_unreachable");
    expect(error.message).toBe("can't download source image: getaddrinfo ENOTFOUND nowhere.example");
  });
});

describe("the download timeout", () => {
  test("covers the wait for an answer", async () => {
    await using s = await stand(silent, { downloadTimeoutSeconds: 0.05 });
    const error = await failureOf(download(s.source, `${s.origin.url}/`));
    expect(error.kind).toBe("source_timeout");
    expect(error.status).toBe(504);
    await eventually(() => s.origin.openConnections() === 0);
  });

  test("covers the body", async () => {
    await using s = await stand(
      (_, socket) => void socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"),
      { downloadTimeoutSeconds: 0.05 },
    );
    expect((await failureOf(download(s.source, `${s.origin.url}/`))).kind).toBe("source_timeout");
    await eventually(() => s.origin.openConnections() === 0);
  });

  test("covers a body that trickles", async () => {
    await using s = await stand(
      (_, socket) => {
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
        const timer = setInterval(() => socket.write("x"), 5);
        socket.on("close", () => clearInterval(timer));
      },
      { downloadTimeoutSeconds: 0.08 },
    );
    expect((await failureOf(download(s.source, `${s.origin.url}/`))).kind).toBe("source_timeout");
    await eventually(() => s.origin.openConnections() === 0);
  });

  test("covers all redirects together", async () => {
    await using s = await stand(
      ({ target }, socket) => void setTimeout(() => socket.write(answer(302, "", { Location: `${target}x` })), 20),
      { downloadTimeoutSeconds: 0.09 },
    );
    expect((await failureOf(download(s.source, `${s.origin.url}/`))).kind).toBe("source_timeout");
    expect(s.origin.seen.length).toBeGreaterThan(1);
  });

  test("covers a TLS handshake that nobody answers", async () => {
    await using s = await stand(silent, { downloadTimeoutSeconds: 0.1 });
    expect((await failureOf(download(s.source, `https://127.0.0.1:${s.origin.port}/`))).kind).toBe("source_timeout");
    await eventually(() => s.origin.openConnections() === 0);
  });

  test("covers a name that is never resolved", async () => {
    const source = httpSource({ downloadTimeoutSeconds: 0.05 }, { resolveName: () => new Promise(() => undefined) });
    expect((await failureOf(download(source, "http://slow.example/"))).kind).toBe("source_timeout");
  });
});

describe("a caller who leaves", () => {
  test.each([
    ["while the answer is awaited", silent],
    [
      "in the middle of the body",
      ((_, socket) => void socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")) satisfies Respond,
    ],
  ])("%s gets his own reason, and the connection is closed", async (_, respond) => {
    await using s = await stand(respond);
    const abort = new AbortController();
    const failed = failureOf(download(s.source, `${s.origin.url}/`, {}, abort.signal));
    await eventually(() => s.origin.seen.length === 1);
    await Bun.sleep(10);
    const reason = new AppError("timeout", "time is up");
    abort.abort(reason);
    expect(await failed).toBe(reason);
    await eventually(() => s.origin.openConnections() === 0);
  });

  test("without a reason of ours has cancelled", async () => {
    await using s = await stand(silent);
    const abort = new AbortController();
    const failed = failureOf(download(s.source, `${s.origin.url}/`, {}, abort.signal));
    await eventually(() => s.origin.seen.length === 1);
    abort.abort();
    expect((await failed).kind).toBe("cancelled");
  });

  test("leaves no listener behind on a signal that lives on", async () => {
    await using s = await stand(ok);
    const { signal } = new AbortController();
    let listeners = 0;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...args: unknown[]) => {
      listeners++;
      return Reflect.apply(addEventListener, signal, args);
    };
    signal.removeEventListener = (...args: unknown[]) => {
      listeners--;
      return Reflect.apply(removeEventListener, signal, args);
    };
    for (let turn = 0; turn < 3; turn++) await download(s.source, `${s.origin.url}/`, {}, signal);
    expect(listeners).toBe(0);
  });
});

test("a slow reader slows the origin down instead of filling the memory", async () => {
  const total = 64 * 1024 * 1024;
  let written = 0;
  await using s = await stand((_, socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${total}\r\n\r\n`);
    const piece = Buffer.alloc(256 * 1024);
    const push = () => {
      while (written < total) {
        written += piece.length;
        if (!socket.write(piece)) return void socket.once("drain", push);
      }
    };
    push();
  });
  const response = await s.source.fetch(sourceRequest(`${s.origin.url}/`));
  await Bun.sleep(200);
  expect(written).toBeLessThan(total / 2);
  if (response.body instanceof ReadableStream) await response.body.cancel();
  await eventually(() => s.origin.openConnections() === 0);
});
