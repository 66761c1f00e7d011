import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import sharp from "sharp";
import { BUILD_INFO } from "../../src/native/build-info.ts";
import type { Origin } from "../source/http/origin.ts";
import { MODIFIED, PNG, startImageOrigin } from "./image-origin.ts";
import { getRequest, rawExchange } from "./raw-exchange.ts";
import { type Stand, startStand } from "./stand.ts";

const CSP = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox";
const A_YEAR = "max-age=31536000, public";
/** Headers that are of the connection and the day. */
const OF_THE_DAY = ["connection", "date", "keep-alive"];

let origin: Origin;
let plain: Stand;

beforeAll(async () => {
  origin = await startImageOrigin();
  plain = await startStand();
});
afterAll(async () => {
  await plain[Symbol.asyncDispose]();
  await origin[Symbol.asyncDispose]();
});

function headersOf(response: Response): Record<string, string> {
  return Object.fromEntries([...response.headers].filter(([name]) => !OF_THE_DAY.includes(name)));
}

async function sizeOf(response: Response): Promise<string> {
  const { format, width, height } = await sharp(await response.bytes()).metadata();
  return `${format} ${width}x${height}`;
}

/** One answer of a server of its own. */
async function under<T>(env: Record<string, string>, use: (stand: Stand) => Promise<T>): Promise<T> {
  await using stand = await startStand({ env });
  return await use(stand);
}

describe("an image", () => {
  test("comes with these headers and no others", async () => {
    const response = await plain.get(`/unsafe/rs:fit:20:20/plain/${origin.url}/ok.png@webp`, {
      "X-Request-ID": "my-id",
    });
    expect(response.status).toBe(200);
    expect(headersOf(response)).toEqual({
      "cache-control": A_YEAR,
      "content-disposition": 'inline; filename="ok.webp"',
      "content-length": expect.stringMatching(/^[1-9]\d*$/),
      "content-security-policy": CSP,
      "content-type": "image/webp",
      server: "imgproxy",
      "x-request-id": "my-id",
    });
    expect(await sizeOf(response)).toBe("webp 20x15");
  });

  test("takes nothing from its source's headers but validators", async () => {
    const response = await plain.get(`/unsafe/plain/${origin.url}/rich.png`);
    expect(Object.keys(headersOf(response))).not.toContain("x-foo");
    expect(response.headers.get("etag")).toBe('"r1"');
    for (const name of ["set-cookie", "vary", "link"]) expect(response.headers.has(name)).toBe(false);
  });

  test("ignores Range", async () => {
    const response = await plain.get(`/unsafe/plain/${origin.url}/ok.png`, { Range: "bytes=0-3" });
    expect(response.status).toBe(200);
    expect(await sizeOf(response)).toBe("png 64x48");
  });

  test("has a name in UTF-8, byte for byte", async () => {
    const answer = await rawExchange(plain.port, getRequest(`/unsafe/plain/${origin.url}/ok%C3%A9.png`));
    expect(answer.headers.get("content-disposition")).toBe('inline; filename="oké.png"');
  });

  test("is asked for of the source with nothing of the client's but conditions", async () => {
    await plain.get(`/unsafe/plain/${origin.url}/ok-plain.png`, {
      Cookie: "sid=42",
      "User-Agent": "UA",
      Range: "bytes=0-1",
    });
    const seen = origin.seen.find(({ target }) => target === "/ok-plain.png");
    expect([...(seen?.headers.keys() ?? [])].toSorted()).toEqual(["Host", "User-Agent"]);
    expect(seen?.headers.get("User-Agent")).toStartWith("imgproxy/");
  });
});

describe("a conditional request", () => {
  test("is passed to the source and answered 304 with what caches need", async () => {
    const response = await plain.get(`/unsafe/plain/${origin.url}/etag.png`, { "If-None-Match": '"abc"' });
    expect(response.status).toBe(304);
    expect(headersOf(response)).toEqual({
      "cache-control": A_YEAR,
      "content-security-policy": CSP,
      etag: '"abc"',
      "last-modified": MODIFIED,
      server: "imgproxy",
      "x-request-id": expect.any(String),
    });
    expect(await response.text()).toBe("");
  });

  test("finds its way through an ETag buster in both directions", async () => {
    await under({ IMGPROXY_ETAG_BUSTER: "v2" }, async (stand) => {
      const path = `/unsafe/plain/${origin.url}/etag.png`;
      const etag = (await stand.get(path)).headers.get("etag") ?? "";
      expect(etag).toBe('"v2/ImFiYyI"');
      expect((await stand.get(path, { "If-None-Match": etag })).status).toBe(304);
      expect((await stand.get(path, { "If-None-Match": '"abc"' })).status).toBe(200);
    });
  });

  test("of a raw answer reaches the source although validators are off", async () => {
    await under({ IMGPROXY_USE_ETAG: "false", IMGPROXY_USE_LAST_MODIFIED: "false" }, async (stand) => {
      const headers = { "If-None-Match": '"abc"' };
      expect((await stand.get(`/unsafe/plain/${origin.url}/etag.png`, headers)).status).toBe(200);
      const raw = await stand.get(`/unsafe/raw:1/plain/${origin.url}/etag.png`, headers);
      expect([raw.status, raw.headers.get("etag")]).toEqual([304, '"abc"']);
    });
  });
});

describe("an answer that is no image", () => {
  test.each([
    ["GET", "/", 200, "text/html", A_YEAR],
    ["GET", "/health", 200, "text/plain", "no-cache"],
    ["GET", "/favicon.ico", 404, "text/plain", null],
    ["GET", "/.well-known/acme", 404, "text/plain", null],
    ["POST", "/unsafe/plain/x", 404, "text/plain", null],
    ["OPTIONS", "/unsafe/plain/x", 200, "text/plain", A_YEAR],
    ["HEAD", "/unsafe/plain/x", 200, "text/plain", A_YEAR],
  ])("%s %s is %p, %p, %p", async (method, path, status, type, caching) => {
    const response = await fetch(plain.url + path, { method });
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe(type);
    expect(response.headers.get("cache-control")).toBe(caching);
    expect(response.headers.get("content-security-policy")).toBe(CSP);
    expect(response.headers.get("server")).toBe("imgproxy");
    expect(response.headers.get("x-request-id")).toMatch(/^[A-Za-z0-9_-]{21}$/);
    const body = await response.text();
    if (status === 404) expect(body).toBe(" ");
  });

  test("tells its version to developers only", async () => {
    const page = async (stand: Stand) => (await stand.get("/")).text();
    expect(await page(plain)).not.toContain(BUILD_INFO.version);
    await under({ IMGPROXY_DEVELOPMENT_ERRORS_MODE: "true" }, async (stand) => {
      expect(await page(stand)).toContain(BUILD_INFO.version);
    });
  });

  test("to HEAD has a length and no body", async () => {
    const answer = await rawExchange(plain.port, getRequest("/x").replace("GET", "HEAD"));
    expect([answer.status, answer.headers.get("content-length"), answer.body.length]).toEqual([200, "1", 0]);
  });

  test("about health is 500 when the libraries no longer work", async () => {
    await using stand = await startStand({ change: () => ({ checkHealth: () => Promise.reject(new Error("gone")) }) });
    const response = await stand.get("/health");
    expect([response.status, await response.text(), response.headers.get("cache-control")]).toEqual([
      500,
      "Error",
      "no-cache",
    ]);
  });

  test("can have another message, another lifetime and another path", async () => {
    const env = {
      IMGPROXY_HEALTH_CHECK_MESSAGE: "fine",
      IMGPROXY_HEALTH_CHECK_PATH: "/up",
      IMGPROXY_SERVICE_PAGES_TTL: "0",
      IMGPROXY_PATH_PREFIX: "/img",
    };
    await under(env, async (stand) => {
      expect(await (await stand.get("/img/up")).text()).toBe("fine");
      expect((await stand.get("/img/")).headers.get("cache-control")).toBe("no-cache");
      expect((await stand.get("/img")).status).toBe(200);
      expect((await stand.get("/health")).status).toBe(404);
      expect((await stand.get(`/img/unsafe/plain/${origin.url}/ok.png`)).status).toBe(200);
    });
  });
});

describe("errors", () => {
  test.each([
    ["/unsafe/nosuch:1/plain/http://h/a.png", 404, "Invalid URL"],
    ["/unsafe", 404, "Invalid URL"],
    [
      "/w:10/plain/http://h/a.png",
      403,
      "The signature appears to be a processing option. The signature section should always be present in the URL.",
    ],
    ["/unsafe/msr:1/plain/http://h/a.png", 403, "Invalid URL"],
    ["/unsafe/plain/s3://b/k.png", 404, "Source is unreachable"],
    ["/unsafe/plain/http://169.254.1.1/a.png", 404, "Invalid source URL"],
    ["/unsafe/plain/{ORIGIN}/404", 404, "Source is unreachable"],
    ["/unsafe/plain/{ORIGIN}/500", 502, "Source is unreachable"],
    ["/unsafe/plain/{ORIGIN}/drop", 404, "Source is unreachable"],
    ["/unsafe/plain/{ORIGIN}/text", 422, "Invalid source image"],
    ["/unsafe/w:10/plain/{ORIGIN}/cut", 422, "Source response is incomplete"],
    ["/unsafe/plain/{ORIGIN}/ok.png@heic", 422, "Invalid URL"],
  ])("%s is %p %p and says nothing to caches", async (path, status, text) => {
    const response = await plain.get(path.replace("{ORIGIN}", origin.url));
    expect([response.status, await response.text()]).toEqual([status, text]);
    expect(response.headers.get("content-type")).toBe("text/plain");
    expect(response.headers.get("cache-control")).toBeNull();
    expect(response.headers.get("content-disposition")).toBeNull();
  });

  test("tell a developer everything, as text or as a page, and the same status", async () => {
    await under({ IMGPROXY_DEVELOPMENT_ERRORS_MODE: "true" }, async (stand) => {
      const path = `/unsafe/heigth:5/plain/${origin.url}/ok.png`;
      const text = await stand.get(path);
      expect([text.status, text.headers.get("content-type")]).toEqual([404, "text/plain; charset=utf-8"]);
      expect(await text.text()).toContain("heigth");
      const page = await stand.get(path, { Accept: "text/html" });
      expect([page.status, page.headers.get("content-type")]).toEqual([404, "text/html; charset=utf-8"]);
      const html = await page.text();
      expect(html).toContain("<mark>heigth:5</mark>");
      expect(html).toContain(page.headers.get("x-request-id") ?? "no id");
      expect(page.headers.get("server-timing")).toMatch(/total;dur=\d/);
    });
  });

  test("show a developer's page no markup of the URL", async () => {
    await under({ IMGPROXY_DEVELOPMENT_ERRORS_MODE: "true" }, async (stand) => {
      const answer = await rawExchange(
        stand.port,
        getRequest("/unsafe/<script>alert(1)</script>:1/plain/x", { Accept: "text/html" }),
      );
      expect(answer.body.toString()).not.toContain("<script");
      expect(answer.body.toString()).toContain("&lt;script&gt;");
    });
  });

  test("leave the one-space answers of unrouted paths alone in development", async () => {
    await under({ IMGPROXY_DEVELOPMENT_ERRORS_MODE: "true" }, async (stand) => {
      expect(await (await stand.get("/favicon.ico", { Accept: "text/html" })).text()).toBe(" ");
    });
  });

  test("of ours are 500, and the details stay here", async () => {
    const change = () => ({ processImage: () => Promise.reject(new Error("secret detail")) });
    await using stand = await startStand({ change });
    const response = await stand.get(`/unsafe/plain/${origin.url}/ok.png`);
    expect([response.status, await response.text()]).toEqual([500, "Internal error"]);
  });
});

describe("headers by configuration", () => {
  test("CORS is on images, their errors, HEAD and OPTIONS only", async () => {
    await under({ IMGPROXY_ALLOW_ORIGIN: "https://a.example" }, async (stand) => {
      const allowed = async (path: string, method = "GET") =>
        (await fetch(stand.url + path, { method })).headers.get("access-control-allow-origin");
      const image = `/unsafe/plain/${origin.url}`;
      expect(await allowed(`${image}/ok.png`)).toBe("https://a.example");
      expect(await allowed(`${image}/404`)).toBe("https://a.example");
      expect(await allowed(`${image}/etag.png`)).toBe("https://a.example");
      expect(await allowed("/x", "HEAD")).toBe("https://a.example");
      expect(await allowed("/x", "OPTIONS")).toBe("https://a.example");
      expect([await allowed("/"), await allowed("/health"), await allowed("/x", "POST")]).toEqual([null, null, null]);
    });
  });

  test("a secret is asked for before anything else is looked at", async () => {
    await under({ IMGPROXY_SECRET: "s3cr", IMGPROXY_ALLOW_ORIGIN: "*" }, async (stand) => {
      const path = `/unsafe/plain/${origin.url}/ok.png`;
      const refused = await stand.get("/nonsense");
      expect([refused.status, await refused.text()]).toEqual([403, "Forbidden"]);
      expect(refused.headers.get("access-control-allow-origin")).toBe("*");
      expect((await stand.get(path, { Authorization: "Bearer s3cr" })).status).toBe(200);
      expect((await stand.get("/health")).status).toBe(200);
    });
  });

  test("debug headers tell the sizes of source and result", async () => {
    await under({ IMGPROXY_ENABLE_DEBUG_HEADERS: "true" }, async (stand) => {
      const response = await stand.get(`/unsafe/rs:fit:20:20/plain/${origin.url}/ok.png`);
      const debug = [...response.headers].filter(([name]) => /^x-(origin|result)/.test(name));
      expect(Object.fromEntries(debug)).toEqual({
        "x-origin-content-length": String(PNG.length),
        "x-origin-width": "64",
        "x-origin-height": "48",
        "x-result-width": "20",
        "x-result-height": "15",
      });
      const error = await stand.get(`/unsafe/plain/${origin.url}/404`);
      expect(error.headers.has("x-origin-width")).toBe(false);
    });
  });

  test("the canonical link names the source of images and raw answers", async () => {
    await under({ IMGPROXY_SET_CANONICAL_HEADER: "true" }, async (stand) => {
      const link = async (path: string, headers = {}) =>
        (await stand.get(`${path}${origin.url}/etag.png`, headers)).headers.get("link");
      const expected = `<${origin.url}/etag.png>; rel="canonical"`;
      expect(await link("/unsafe/plain/")).toBe(expected);
      expect(await link("/unsafe/raw:1/plain/")).toBe(expected);
      expect(await link("/unsafe/plain/", { "If-None-Match": '"abc"' })).toBeNull();
    });
  });

  test("Accept chooses the format and Vary says so, on 200 and 304 but not on errors", async () => {
    await under({ IMGPROXY_AUTO_WEBP: "true" }, async (stand) => {
      const path = `/unsafe/plain/${origin.url}`;
      const webp = await stand.get(`${path}/etag.png`, { Accept: "image/webp" });
      expect([webp.headers.get("content-type"), webp.headers.get("vary")]).toEqual(["image/webp", "Accept"]);
      const fresh = await stand.get(`${path}/etag.png`, { "If-None-Match": '"abc"' });
      expect([fresh.status, fresh.headers.get("vary")]).toEqual([304, "Accept"]);
      expect((await stand.get(`${path}/404`)).headers.get("vary")).toBeNull();
      const raw = await stand.get(`/unsafe/raw:1/plain/${origin.url}/ok.png`);
      expect(raw.headers.get("vary")).toBeNull();
    });
  });

  test("client hints fill in what the URL leaves open", async () => {
    await under({ IMGPROXY_ENABLE_CLIENT_HINTS: "true" }, async (stand) => {
      const size = async (options: string, headers: Record<string, string>) =>
        sizeOf(await stand.get(`/unsafe/${options}plain/${origin.url}/ok.png`, headers));
      expect(await size("", { Width: "20" })).toBe("png 20x15");
      expect(await size("w:10/", { Width: "20" })).toBe("png 10x8");
      expect(await size("w:10/", { DPR: "2" })).toBe("png 20x15");
      expect(await size("", { "Sec-CH-Width": "32", "Sec-CH-DPR": "2" })).toBe("png 32x24");
      const response = await stand.get(`/unsafe/plain/${origin.url}/ok.png`);
      expect(response.headers.get("vary")).toBe("Sec-Ch-Dpr, Dpr, Sec-Ch-Width, Width");
    });
  });

  test("cookies go to the host that was asked", async () => {
    await under({ IMGPROXY_COOKIE_PASSTHROUGH: "true" }, async (stand) => {
      const path = `/unsafe/plain/${origin.url}/cookie.png`;
      expect((await stand.get(path, { Cookie: "sid=42" })).status).toBe(200);
      expect((await stand.get(path, { Cookie: "sid=42", "X-Forwarded-Host": "other.example" })).status).toBe(403);
    });
  });

  test("headers of the operator's own are added, replaced and passed through", async () => {
    const env = {
      IMGPROXY_CUSTOM_RESPONSE_HEADERS: "X-Team=images\\;Content-Security-Policy=default-src 'self'",
      IMGPROXY_CUSTOM_REQUEST_HEADERS: "X-Token=t=1",
      IMGPROXY_REQUEST_HEADERS_PASSTHROUGH: "X-Trace,X-Token",
      IMGPROXY_RESPONSE_HEADERS_PASSTHROUGH: "X-Foo, Content-Length",
      IMGPROXY_SERVER_NAME: "pictures",
    };
    await under(env, async (stand) => {
      const path = `/unsafe/plain/${origin.url}/rich-custom.png`;
      const response = await stand.get(path, { "X-Trace": "abc", "X-Token": "forged" });
      expect(response.headers.get("x-team")).toBe("images");
      expect(response.headers.get("content-security-policy")).toBe("default-src 'self'");
      expect(response.headers.get("server")).toBe("pictures");
      expect(response.headers.get("x-foo")).toBe("bar");
      expect(await sizeOf(response)).toBe("png 64x48");
      const seen = origin.seen.find(({ target }) => target === "/rich-custom.png");
      expect([seen?.headers.get("X-Trace"), seen?.headers.get("X-Token")]).toEqual(["abc", "t=1"]);
    });
  });
});

describe("a raw answer", () => {
  const raw = (path: string, headers = {}) => plain.get(`/unsafe/raw:1/plain/${origin.url}${path}`, headers);

  test("is the source's, with our headers around it", async () => {
    const response = await raw("/ok.png");
    expect(headersOf(response)).toEqual({
      "cache-control": A_YEAR,
      "content-disposition": 'inline; filename="ok.png"',
      "content-length": String(PNG.length),
      "content-security-policy": CSP,
      "content-type": "image/png",
      server: "imgproxy",
      "x-request-id": expect.any(String),
    });
    expect(Buffer.from(await response.bytes()).equals(PNG)).toBe(true);
  });

  test.each([
    ["/404", 404, "nope"],
    ["/500", 500, "oh"],
    ["/text", 200, "no image"],
  ])("passes on %s with its status and body", async (path, status, text) => {
    const response = await raw(path);
    expect([response.status, await response.text()]).toEqual([status, text]);
    expect(response.headers.get("content-disposition") === null).toBe(status >= 400);
  });

  test("passes on a range and what was asked for", async () => {
    const response = await raw("/range.png", { Range: "bytes=0-7" });
    expect([response.status, response.headers.get("content-range")]).toEqual([206, `bytes 0-7/${PNG.length}`]);
    expect(origin.seen.find(({ target }) => target === "/range.png")?.headers.get("Range")).toBe("bytes=0-7");
  });

  test("without a length is chunked", async () => {
    const answer = await rawExchange(plain.port, getRequest(`/unsafe/raw:1/plain/${origin.url}/chunked.png`));
    expect(answer.headers.get("transfer-encoding")).toBe("chunked");
    expect(answer.headers.get("content-type")).toBe("image/png");
  });

  test("whose source breaks off is cut, never ended as if it were whole", async () => {
    const answer = await rawExchange(plain.port, getRequest(`/unsafe/raw:1/plain/${origin.url}/cut.png`));
    expect(answer.headers.get("content-length")).toBe(String(PNG.length + 50_000));
    expect(answer.body.length).toBeLessThan(PNG.length + 50_000);
  });

  test("has a name of its own when told so", async () => {
    const response = await plain.get(`/unsafe/raw:1/fn:cat/att:1/plain/${origin.url}/ok`);
    expect(response.headers.get("content-disposition")).toBe('attachment; filename="cat.png"');
  });
});
