import { expect, test } from "bun:test";
import { readBody } from "../../../src/source/read-body.ts";
import type { Source } from "../../../src/source/types.ts";
import { failureOf } from "../../support/failure.ts";
import { answer, type Respond, startOrigin } from "./origin.ts";
import { httpSource, sourceRequest } from "./settings.ts";

const signal = new AbortController().signal;

async function text(source: Source, url: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await source.fetch(sourceRequest(url, headers));
  return { status: response.status, body: Buffer.from(await readBody(response, { maxBytes: 0, signal })).toString() };
}

const ok: Respond = (request, socket) => void socket.write(answer(200, `you asked for ${request.target}`));

test("a source is fetched with Host and User-Agent and nothing else", async () => {
  await using origin = await startOrigin(ok);
  const source = httpSource();
  expect(await text(source, `${origin.url}/a.png`)).toEqual({ status: 200, body: "you asked for /a.png" });
  expect(Object.fromEntries(origin.seen[0]?.headers ?? [])).toEqual({
    Host: `127.0.0.1:${origin.port}`,
    "User-Agent": "imgproxy/4.0.12",
  });
  source.close?.();
});

test("connections are kept and used again", async () => {
  await using origin = await startOrigin(ok);
  const source = httpSource();
  for (let turn = 0; turn < 5; turn++) await text(source, `${origin.url}/${turn}`);
  expect(origin.connections()).toBe(1);
  source.close?.();
});

test("a keep-alive time of 0 closes each connection and says so", async () => {
  await using origin = await startOrigin(ok);
  const source = httpSource({ clientKeepAliveTimeoutSeconds: 0 });
  await text(source, `${origin.url}/a`);
  await text(source, `${origin.url}/b`);
  expect(origin.connections()).toBe(2);
  expect(origin.seen[0]?.headers.get("Connection")).toBe("close");
});

test("loopback is refused before anything is sent", async () => {
  await using origin = await startOrigin(ok);
  const source = httpSource({ allowLoopbackSourceAddresses: false });
  const error = await failureOf(source.fetch(sourceRequest(`${origin.url}/a`)));
  expect(error.kind).toBe("source_forbidden");
  expect(error.message).toBe(`Loopback source address is not allowed: 127.0.0.1:${origin.port}`);
  expect(origin.connections()).toBe(0);
});

test("a body that is cut short is an incomplete response", async () => {
  await using origin = await startOrigin((_, socket) => {
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort");
    socket.end();
  });
  const error = await failureOf(text(httpSource(), `${origin.url}/a`));
  expect(error.kind).toBe("source_incomplete");
});

test("the Nth redirect fails with a limit of N", async () => {
  await using origin = await startOrigin((request, socket) => {
    const left = Number(request.target.slice(1));
    socket.write(left === 0 ? answer(200, "there") : answer(302, "", { Location: `/${left - 1}` }));
  });
  const source = httpSource({ maxRedirects: 3 });
  expect(await text(source, `${origin.url}/2`)).toEqual({ status: 200, body: "there" });
  const error = await failureOf(text(source, `${origin.url}/3`));
  expect(error.kind).toBe("source_unreachable");
  expect(error.message).toContain("stopped after 3 redirects");
  source.close?.();
});

test("a source that does not answer in time is a timeout, and its connection is closed", async () => {
  await using origin = await startOrigin(() => undefined);
  const source = httpSource({ downloadTimeoutSeconds: 0.05 });
  const error = await failureOf(text(source, `${origin.url}/a`));
  expect(error.kind).toBe("source_timeout");
  await Bun.sleep(20);
  expect(origin.openConnections()).toBe(0);
});
