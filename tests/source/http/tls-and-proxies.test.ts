import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createServer as createHttpServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { connect } from "node:net";
import { AppError } from "../../../src/errors.ts";
import { parseHttpUrl } from "../../../src/source/http/http-target.ts";
import { readProxies } from "../../../src/source/http/proxy.ts";
import { readBody } from "../../../src/source/read-body.ts";
import type { Source } from "../../../src/source/types.ts";
import { failureOf } from "../../support/failure.ts";
import { TEST_CERTIFICATE } from "../../support/tls-certificate.ts";
import { httpSource, sourceRequest } from "./settings.ts";

/** What the TLS origin and the proxy saw, newest last. */
const originSaw: string[] = [];
const proxySaw: string[] = [];
/** Of the requests to the plain server. */
const referers: (string | undefined)[] = [];
let origin: Server | undefined;
let proxy: Server | undefined;
let connections = 0;

async function listen(server: Server): Promise<Server> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

function portOf(server: Server | undefined): number {
  const address = server?.address();
  if (typeof address !== "object" || address === null) throw new Error("not listening");
  return address.port;
}

function describeRequest(request: IncomingMessage): string {
  const name = "servername" in request.socket ? request.socket.servername : undefined;
  return `${request.url} host=${request.headers.host} sni=${name || "none"} proxy-auth=${request.headers["proxy-authorization"] ?? "none"}`;
}

beforeAll(async () => {
  origin = await listen(
    createHttpsServer(TEST_CERTIFICATE, (request, response) => {
      originSaw.push(describeRequest(request));
      if (request.url === "/down") response.writeHead(302, { location: `http://127.0.0.1:${portOf(proxy)}/plain` });
      response.end("from the origin");
    }),
  );
  origin.on("connection", () => connections++);
  const plain = createHttpServer((request, response) => {
    proxySaw.push(`${request.method} ${describeRequest(request)}`);
    referers.push(request.headers.referer);
    response.end("from the proxy");
  });
  plain.on("connect", (request: IncomingMessage, socket, head: Buffer) => {
    proxySaw.push(`CONNECT ${describeRequest(request)}`);
    socket.on("error", () => undefined);
    if (request.url?.startsWith("forbidden.") === true) return void socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    const upstream = connect(portOf(origin), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on("error", () => socket.destroy());
  });
  proxy = await listen(plain);
});

afterAll(() => {
  for (const server of [origin, proxy]) {
    server?.closeAllConnections();
    server?.close();
  }
});

async function download(source: Source, url: string): Promise<string> {
  const response = await source.fetch(sourceRequest(url));
  return Buffer.from(await readBody(response, { maxBytes: 0, signal: new AbortController().signal })).toString();
}

const resolveName = async () => [{ address: "127.0.0.1", family: 4 }];

describe("TLS", () => {
  test("certificates that nobody vouches for are refused", async () => {
    const error = await failureOf(download(httpSource(), `https://127.0.0.1:${portOf(origin)}/x`));
    expect(error.kind).toBe("source_unreachable");
    expect(error.message).toContain("certificate");
  });

  test("are accepted when verification is turned off", async () => {
    const source = httpSource({ ignoreSslVerification: true });
    expect(await download(source, `https://127.0.0.1:${portOf(origin)}/x`)).toBe("from the origin");
    expect(originSaw.at(-1)).toBe(`/x host=127.0.0.1:${portOf(origin)} sni=none proxy-auth=none`);
    await source.close?.();
  });

  test("the checked address is connected to under the original name, in SNI and Host", async () => {
    const source = httpSource({ ignoreSslVerification: true }, { resolveName });
    expect(await download(source, `https://name.example:${portOf(origin)}/y`)).toBe("from the origin");
    expect(originSaw.at(-1)).toBe(`/y host=name.example:${portOf(origin)} sni=name.example proxy-auth=none`);
    await source.close?.();
  });

  test("connections are kept and used again by name, not by address", async () => {
    const source = httpSource({ ignoreSslVerification: true }, { resolveName });
    const before = connections;
    for (const name of ["a.example", "a.example", "b.example"]) {
      await download(source, `https://${name}:${portOf(origin)}/`);
      await Bun.sleep(1);
    }
    expect(connections - before).toBe(2);
    await source.close?.();
  });
});

test("a redirect from https to http does not tell where it came from", async () => {
  const source = httpSource({ ignoreSslVerification: true });
  expect(await download(source, `https://127.0.0.1:${portOf(origin)}/down`)).toBe("from the proxy");
  expect(proxySaw.at(-1)).toStartWith("GET /plain ");
  expect(referers.at(-1)).toBeUndefined();
  await source.close?.();
});

describe("a proxy", () => {
  const proxyUrl = (userInfo = "") => `http://${userInfo}127.0.0.1:${portOf(proxy)}`;

  test("is asked for http sources by their whole URL, with credentials of its own", async () => {
    const source = httpSource({ httpProxy: proxyUrl("us:pw@") });
    expect(await download(source, "http://someone:secret@target.example:81/a b?c")).toBe("from the proxy");
    expect(proxySaw.at(-1)).toBe(
      "GET http://target.example:81/a%20b?c host=target.example:81 sni=none proxy-auth=Basic dXM6cHc=",
    );
    await source.close?.();
  });

  test("tunnels https sources, which see their own name and no proxy credentials", async () => {
    const source = httpSource({ httpsProxy: proxyUrl("us:pw@"), ignoreSslVerification: true });
    const before = proxySaw.length;
    expect(await download(source, "https://target.example/a")).toBe("from the origin");
    await Bun.sleep(1);
    expect(await download(source, "https://target.example/b")).toBe("from the origin");
    expect(originSaw.at(-1)).toBe("/b host=target.example sni=target.example proxy-auth=none");
    expect(proxySaw.slice(before)).toEqual([
      "CONNECT target.example:443 host=target.example:443 sni=none proxy-auth=Basic dXM6cHc=",
    ]);
    await source.close?.();
  });

  test("does not lift the verification of certificates", async () => {
    const source = httpSource({ httpsProxy: proxyUrl() });
    expect((await failureOf(download(source, "https://target.example/"))).kind).toBe("source_unreachable");
    await source.close?.();
  });

  test("that refuses a tunnel makes the source unreachable", async () => {
    const source = httpSource({ httpsProxy: proxyUrl(), ignoreSslVerification: true });
    const error = await failureOf(download(source, "https://forbidden.example/"));
    expect(error.kind).toBe("source_unreachable");
    expect(error.message).toContain("status 403");
  });

  test("at a forbidden address is not connected to, for http and https", async () => {
    const config = { httpProxy: proxyUrl(), httpsProxy: proxyUrl(), allowLoopbackSourceAddresses: false };
    const before = proxySaw.length;
    for (const url of ["http://target.example/", "https://target.example/"]) {
      expect((await failureOf(download(httpSource(config), url))).kind).toBe("source_forbidden");
    }
    expect(proxySaw.length).toBe(before);
  });

  test("is left out for loopback and for NO_PROXY", async () => {
    const source = httpSource(
      { httpsProxy: proxyUrl(), noProxy: "direct.example", ignoreSslVerification: true },
      { resolveName },
    );
    const before = proxySaw.length;
    await download(source, `https://127.0.0.1:${portOf(origin)}/`);
    await download(source, `https://direct.example:${portOf(origin)}/`);
    expect(proxySaw.length).toBe(before);
    await source.close?.();
  });
});

describe("the proxy settings", () => {
  const settings = (noProxy: string) => readProxies({ httpProxy: "proxy.example:3128", httpsProxy: "", noProxy });

  test("take host:port for an http URL", () => {
    expect(settings("").http).toMatchObject({ scheme: "http", hostname: "proxy.example", port: 3128 });
    expect(settings("").https).toBeUndefined();
  });

  test.each(["socks5://h:1080", "h:99999", "http://h h/", "http://"])("refuse %j at the start", (httpProxy) => {
    let thrown: unknown;
    try {
      readProxies({ httpProxy, httpsProxy: "", noProxy: "" });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(AppError);
    expect((thrown as AppError).kind).toBe("config");
    expect((thrown as AppError).message).toContain("HTTP_PROXY");
  });

  test.each([
    ["", "http://a.example/", false],
    ["", "http://localhost/", true],
    ["", "http://127.0.0.9/", true],
    ["", "http://[::1]/", true],
    ["*", "http://a.example/", true],
    ["a.example", "http://a.example/", true],
    ["A.Example", "http://a.example/", true],
    ["a.example", "http://x.a.example/", true],
    ["a.example", "http://xa.example/", false],
    [".a.example", "http://a.example/", false],
    [".a.example", "http://x.a.example/", true],
    ["*.a.example", "http://x.a.example/", true],
    ["b.example, a.example", "http://a.example/", true],
    ["a.example:81", "http://a.example:81/", true],
    ["a.example:81", "http://a.example/", false],
    ["10.1.2.3", "http://10.1.2.3/", true],
    ["10.1.2.3:80", "http://10.1.2.3/", true],
    ["10.1.2.3", "http://10.1.2.4/", false],
    ["10.0.0.0/8", "http://10.1.2.3/", true],
    ["10.0.0.0/8", "http://11.1.2.3/", false],
    ["10.0.0.0/99", "http://10.1.2.3/", false],
    ["fd00::/8", "http://[fd12::1]/", true],
    ["fd00::/8", "http://10.0.0.1/", false],
    ["[fd12::1]:80", "http://[fd12::1]/", true],
    ["a:b:c", "http://a/", false],
  ])("NO_PROXY=%j sends %s directly: %p", (noProxy, url, isDirect) => {
    expect(settings(noProxy).isDirect(parseHttpUrl(url))).toBe(isDirect);
  });
});
