import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { imageAnswer, PNG, startImageOrigin } from "../../http/image-origin.ts";
import type { Origin } from "../../source/http/origin.ts";
import { startServer } from "../../support/executable.ts";
import { TEST_CERTIFICATE } from "../../support/tls-certificate.ts";

let folder: string;
let file: Buffer;
let origin: Origin;
let tls: Server;
let proxy: Server;
const proxySaw: string[] = [];

async function listen(server: Server): Promise<Server> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

// A listening TCP server has an address of this form.
const portOf = (server: Server) => (server.address() as AddressInfo).port;
const redirect = (location: string) => `HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "imgproxy-sources-"));
  file = await sharp({ create: { width: 60, height: 80, channels: 3, background: "#295" } })
    .jpeg()
    .toBuffer();
  writeFileSync(join(folder, "a.jpg"), file);
  origin = await startImageOrigin({
    "/redir-local": (_, socket) => void socket.write(redirect("local:///a.jpg")),
    "/redir/": (_, socket) => void socket.write(redirect("/ok.png")),
    "/exp.png": (_, socket) =>
      void socket.write(imageAnswer({ Expires: new Date(Date.now() + 1_000_000).toUTCString() })),
  });
  tls = await listen(createHttpsServer(TEST_CERTIFICATE, (_, response) => void response.end(PNG)));
  proxy = await listen(
    createHttpServer((request, response) => {
      proxySaw.push(`${request.method} ${request.url}`);
      response.end(PNG);
    }),
  );
});
afterAll(async () => {
  for (const server of [tls, proxy]) {
    server.closeAllConnections();
    server.close();
  }
  await origin[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const start = (env: Record<string, string> = {}) =>
  startServer({
    env: { IMGPROXY_ALLOW_LOOPBACK_SOURCE_ADDRESSES: "true", IMGPROXY_LOCAL_FILESYSTEM_ROOT: folder, ...env },
  });

async function sizeOf(answer: Response): Promise<string> {
  const { format, width, height } = await sharp(await answer.arrayBuffer()).metadata();
  return `${answer.status} ${format} ${width}x${height}`;
}

describe("a redirect", () => {
  // There it is followed; see docs/differences.md.
  test.concurrent("to a local file is refused, raw or not", async () => {
    await using server = await start();
    for (const options of ["", "/raw:1"]) {
      const answer = await fetch(`${server.url}/unsafe${options}/plain/${origin.url}/redir-local`);
      expect([answer.status, await answer.text()]).toEqual([404, "Source is unreachable"]);
    }
  });

  // There it is followed; see docs/differences.md.
  test.concurrent("out of IMGPROXY_ALLOWED_SOURCES is refused, and one within is followed", async () => {
    await using server = await start({ IMGPROXY_ALLOWED_SOURCES: `${origin.url}/redir` });
    const refused = await fetch(`${server.url}/unsafe/plain/${origin.url}/redir/1`);
    expect([refused.status, await refused.text()]).toEqual([404, "Invalid source URL"]);
    await using wide = await start({ IMGPROXY_ALLOWED_SOURCES: `${origin.url}/redir,${origin.url}/ok` });
    expect(await sizeOf(await fetch(`${wide.url}/unsafe/plain/${origin.url}/redir/1`))).toBe("200 png 64x48");
  });
});

describe("a range of a local file", () => {
  // There the first is the whole file and the second promises what it does not send; see docs/differences.md.
  test.concurrent("is what was asked for, and no more than there is", async () => {
    await using server = await start();
    const get = (range: string) =>
      fetch(`${server.url}/unsafe/raw:1/plain/local:///a.jpg`, { headers: { Range: range } });
    const first = await get("bytes=0-0");
    expect([first.status, first.headers.get("content-range")]).toEqual([206, `bytes 0-0/${file.length}`]);
    expect(file.subarray(0, 1).equals(await first.bytes())).toBe(true);
    const all = await get("bytes=0-999999999");
    expect([all.status, all.headers.get("content-range")]).toEqual([206, `bytes 0-${file.length - 1}/${file.length}`]);
    expect(file.equals(await all.bytes())).toBe(true);
  });
});

describe("headers", () => {
  test.concurrent("of a refused secret allow its origin", async () => {
    await using server = await start({ IMGPROXY_SECRET: "a", IMGPROXY_ALLOW_ORIGIN: "*" });
    const answer = await fetch(`${server.url}/unsafe/plain/${origin.url}/ok.png`);
    expect([answer.status, await answer.text()]).toEqual([403, "Forbidden"]);
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
  });

  test.concurrent("that are passed on may outlast IMGPROXY_TTL", async () => {
    await using server = await start({ IMGPROXY_TTL: "10", IMGPROXY_CACHE_CONTROL_PASSTHROUGH: "true" });
    const answer = await fetch(`${server.url}/unsafe/plain/${origin.url}/exp.png`);
    expect(answer.headers.get("cache-control")).toMatch(/^max-age=(99[5-9]|1000), public$/);
    expect(await sizeOf(answer)).toBe("200 png 64x48");
  });
});

describe("the way to a source", () => {
  test.concurrent("leads over the proxy of HTTP_PROXY", async () => {
    await using server = await start({ HTTP_PROXY: `http://127.0.0.1:${portOf(proxy)}` });
    expect(await sizeOf(await fetch(`${server.url}/unsafe/plain/http://10.0.0.1/y.png`))).toBe("200 png 64x48");
    expect(proxySaw).toEqual(["GET http://10.0.0.1/y.png"]);
  });

  test.concurrent.each([
    ["false", 404],
    ["true", 200],
  ])(
    "over TLS with a certificate of its own: IMGPROXY_IGNORE_SSL_VERIFICATION=%s makes it %p",
    async (setting, status) => {
      await using server = await start({ IMGPROXY_IGNORE_SSL_VERIFICATION: setting });
      const answer = await fetch(`${server.url}/unsafe/plain/https://127.0.0.1:${portOf(tls)}/x.png`);
      expect(answer.status).toBe(status);
      if (status === 200) expect(await sizeOf(answer)).toBe("200 png 64x48");
      else expect(await answer.text()).toBe("Source is unreachable");
    },
  );
});
