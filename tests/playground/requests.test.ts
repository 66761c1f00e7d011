import { afterAll, describe, expect, test } from "bun:test";
import sharp from "sharp";
import type { FaultAnswer, PlanAnswer, Setup, UrlAnswer } from "../../src/http/playground/api.ts";
import { completedLines, startStand } from "../http/stand.ts";
import { picture, pictureFolder } from "./pictures.ts";

const folder = await pictureFolder();
afterAll(() => folder[Symbol.dispose]());

const ROOT = { IMGPROXY_LOCAL_FILESYSTEM_ROOT: folder.path };
const ON = { ...ROOT, IMGPROXY_PLAYGROUND: "true" };
const KEYS = { IMGPROXY_KEY: "7365637265742d6b6579", IMGPROXY_SALT: "7365637265742d73616c74" };

async function json<T>(answer: Promise<Response>): Promise<T> {
  return (await answer).json() as Promise<T>; // The server's own types; wrong ones fail the comparisons.
}

describe("the playground", () => {
  test.each([
    ["off in production", {}, 404],
    ["on in development mode", { IMGPROXY_DEVELOPMENT_ERRORS_MODE: "true" }, 200],
    ["off in development mode when refused", { IMGPROXY_DEVELOPMENT_ERRORS_MODE: "1", IMGPROXY_PLAYGROUND: "0" }, 404],
    ["on in production when asked for", { IMGPROXY_PLAYGROUND: "true" }, 200],
  ])("is %s", async (_, env, status) => {
    await using stand = await startStand({ env });
    for (const path of ["/playground", "/playground/app.js", "/playground/setup"]) {
      expect((await stand.get(path)).status, path).toBe(status);
    }
    const posted = await fetch(`${stand.url}/playground/process`, { method: "POST", body: "x" });
    expect(posted.status).toBe(status === 200 ? 422 : 404);
  });

  test("is linked from the landing page where it is on", async () => {
    await using stand = await startStand({ env: { ...ON, IMGPROXY_PATH_PREFIX: "/img" } });
    expect(await (await stand.get("/img/")).text()).toContain('href="/img/playground"');
    await stand.reload({});
    expect(await (await stand.get("/")).text()).not.toContain("playground");
  });

  test("has a page that runs nothing but its own scripts, with a new nonce each time", async () => {
    await using stand = await startStand({ env: { ...ON, IMGPROXY_PATH_PREFIX: "/a&b" } });
    const [first, second] = await Promise.all([stand.get("/a&b/playground"), stand.get("/a&b/playground/")]);
    const policy = first.headers.get("content-security-policy") ?? "";
    const nonce = /script-src 'nonce-([^']+)'/.exec(policy)?.[1] ?? "";
    expect(nonce.length).toBeGreaterThan(20);
    expect(policy).toBe(
      `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    expect(second.headers.get("content-security-policy")).not.toBe(policy);
    expect(first.headers.get("cache-control")).toBe("no-store");
    const page = await first.text();
    expect(page).toContain('data-base="/a&amp;b/playground"');
    expect(page).not.toContain("{{");
    // Every script and style sheet carries the nonce, and nothing is written into the page itself.
    const tags = [...page.matchAll(/<(script|link rel="stylesheet"|style)[^>]*>/g)].map(([tag]) => tag);
    expect(tags.length).toBeGreaterThan(1);
    for (const tag of tags) expect(tag).toContain(`nonce="${nonce}"`);
    expect(page).not.toMatch(/ on\w+=| style=|<style/);
  });

  test("sends all files that its page and its scripts name, in less than 100 kB", async () => {
    await using stand = await startStand({ env: ON });
    let bytes = 0;
    const seen = new Set<string>();
    const visit = async (name: string): Promise<void> => {
      if (seen.has(name)) return;
      seen.add(name);
      const path = name === "" ? "/playground" : `/playground/${name}`;
      const answer = await fetch(stand.url + path, { headers: { "Accept-Encoding": "gzip" }, decompress: false });
      expect(answer.status, name).toBe(200);
      bytes += (await answer.arrayBuffer()).byteLength;
      const text = await (await stand.get(path)).text();
      const type = answer.headers.get("content-type") ?? "";
      expect(type).toBe(
        name === ""
          ? "text/html; charset=utf-8"
          : `text/${name.endsWith(".css") ? "css" : "javascript"}; charset=utf-8`,
      );
      const names = [...text.matchAll(/(?:from "\.\/|(?:href|src)="\/playground\/)([\w.-]+)"/g)].map(
        ([, one = ""]) => one,
      );
      for (const one of names) await visit(one);
    };
    await visit("");
    expect(seen.size).toBeGreaterThan(20);
    expect(bytes).toBeLessThan(100_000);
  });

  test.each([
    "/playground/nope",
    "/playground/page.html",
    "/playground/..%2fapp.js",
    "/playground/%ff",
    "/playground/a/b",
  ])("answers 404 at %s", async (path) => {
    await using stand = await startStand({ env: ON });
    const answer = await stand.get(path);
    expect(answer.status).toBe(404);
    expect(((await answer.json()) as FaultAnswer).fault.message).toContain("nothing is at GET");
  });
});

describe("the setup", () => {
  test("tells what a form needs, the files to choose from, and no secret", async () => {
    await using stand = await startStand({
      env: { ...ON, ...KEYS, IMGPROXY_PRESETS: "thumb=w:100,big=w:900", IMGPROXY_SIGNATURE_SIZE: "12" },
    });
    const setup = await json<Setup>(stand.get("/playground/setup"));
    expect(setup).toMatchObject({
      isSigned: true,
      signatureSize: 12,
      presets: ["thumb", "big"],
      sources: ["local:///landscape.jpg", "local:///more/portrait.png"],
      maxUploadBytes: 20_000_000,
    });
    expect(setup.options.find(({ name }) => name === "watermark")?.note).toContain("IMGPROXY_WATERMARK_PATH");
    const text = JSON.stringify(setup);
    for (const word of [KEYS.IMGPROXY_KEY, "secret-key", "secret-salt", folder.path]) expect(text).not.toContain(word);
  });

  test("offers the sources that are named instead of files", async () => {
    await using stand = await startStand({
      env: { ...ON, IMGPROXY_PLAYGROUND_SOURCES: "s3://b/k.jpg,local:///x.png" },
    });
    expect((await json<Setup>(stand.get("/playground/setup"))).sources).toEqual(["s3://b/k.jpg", "local:///x.png"]);
  });

  test("names no files to clients elsewhere", async () => {
    await using stand = await startStand({ env: ON });
    const setup = await json<Setup>(stand.get("/playground/setup", { "X-Forwarded-For": "192.0.2.7" }));
    expect(setup.sources).toEqual([]);
  });
});

describe("signing", () => {
  test("gives this machine URLs that the server takes", async () => {
    await using stand = await startStand({ env: { ...ON, ...KEYS } });
    const query = new URLSearchParams({ option: "w:90", source: "local:///landscape.jpg", extension: "webp" });
    const { reading } = await json<UrlAnswer>(stand.get(`/playground/url?${query}`));
    const answer = await stand.get(reading?.target ?? "");
    expect(answer.status).toBe(200);
    expect(answer.headers.get("server-timing")).toContain("processing;dur=");
    expect((await sharp(await answer.bytes()).metadata()).width).toBe(90);
  });

  test.each([
    ["another machine", { "X-Forwarded-For": "192.0.2.7" }],
    ["another name of this machine", { Host: "rebound.example.com" }],
    ["another site's page", { "Sec-Fetch-Site": "cross-site" }],
  ])("is refused to %s, uploads and plans as well", async (_, headers) => {
    await using stand = await startStand({ env: { ...ON, ...KEYS } });
    for (const path of [
      "setup",
      "url?path=/w:1/plain/local:///landscape.jpg",
      "plan?path=/w:1/plain/local:///landscape.jpg",
    ]) {
      const answer = await stand.get(`/playground/${path}`, headers);
      expect(answer.status, path).toBe(403);
      expect(await answer.text()).not.toContain("/plain/");
    }
    const posted = await fetch(`${stand.url}/playground/process`, { method: "POST", body: "x", headers });
    expect(posted.status).toBe(403);
    // The page itself is nothing to hide: it asks for the secret.
    expect((await stand.get("/playground", headers)).status).toBe(200);
  });

  test("takes the secret where there is one, and only that", async () => {
    await using stand = await startStand({ env: { ...ON, ...KEYS, IMGPROXY_SECRET: "open sesame" } });
    const path = "/playground/url?path=/w:1/plain/local:///landscape.jpg";
    expect((await stand.get(path)).status).toBe(403);
    expect((await stand.get(path, { Authorization: "Bearer open" })).status).toBe(403);
    const good = { Authorization: "Bearer open sesame", "X-Forwarded-For": "192.0.2.7" };
    expect((await stand.get(path, good)).status).toBe(200);
    expect((await json<Setup>(stand.get("/playground/setup", good))).sources).toHaveLength(2);
  });

  test("sends no CORS headers, whatever image answers have", async () => {
    await using stand = await startStand({ env: { ...ON, IMGPROXY_ALLOW_ORIGIN: "*" } });
    const answer = await stand.get("/playground/url?path=/w:1/plain/local:///landscape.jpg");
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    expect(answer.headers.get("cross-origin-resource-policy")).toBe("same-origin");
  });
});

describe("an uploaded file", () => {
  const post = (url: string, query: string, body: BodyInit) =>
    fetch(`${url}/playground/process?${query}`, { method: "POST", body });

  test("is processed as a source would be, and kept nowhere", async () => {
    await using stand = await startStand({ env: ON });
    const answer = await post(
      stand.url,
      "option=rs:fill:80:50&option=g:no&extension=webp",
      await picture(400, 400, "png"),
    );
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("image/webp");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("server-timing")).toMatch(/queue;dur=.*download;dur=.*processing;dur=/);
    const { width, height, format } = await sharp(await answer.bytes()).metadata();
    expect({ width, height, format }).toEqual({ width: 80, height: 50, format: "webp" });
    const [line] = await completedLines(stand, 1);
    expect(line?.message).toContain("/playground/process");
    expect(stand.queue.busy).toBe(0);
  });

  test.each([
    ["nothing", "", "", 422, "no file came"],
    ["what is no image", "", "no image", 422, "no known format"],
    ["a wrong option", "option=q:500", "x", 404, "argument 1 (quality)"],
    ["a format that cannot be written", "extension=heic", "x", 422, "no known format"],
  ])("of %s is refused in words", async (_, query, body, status, words) => {
    await using stand = await startStand({ env: ON });
    const answer = await post(stand.url, query, body);
    expect(answer.status).toBe(status);
    expect(((await answer.json()) as FaultAnswer).fault.message).toContain(words);
    expect(stand.queue.busy).toBe(0);
  });

  test("may be as large as sources may, or 20 MB", async () => {
    await using stand = await startStand({ env: ON });
    const large = await post(stand.url, "", new Uint8Array(20_000_001));
    expect(large.status).toBe(422);
    expect(((await large.json()) as FaultAnswer).fault.message).toContain("too big");
    await stand.reload({ ...ON, IMGPROXY_MAX_SRC_FILE_SIZE: "1000" });
    expect((await post(stand.url, "", await picture(400, 400, "png"))).status).toBe(422);
    // Without an announced length the bytes themselves are counted.
    const chunks = new ReadableStream({
      start(controller) {
        for (const size of [600, 600]) controller.enqueue(new Uint8Array(size));
        controller.close();
      },
    });
    expect((await post(stand.url, "", chunks)).status).toBe(422);
    expect((await stand.get("/health")).status).toBe(200);
  });

  test("waits for its turn like any image", async () => {
    await using stand = await startStand({ env: { ...ON, IMGPROXY_WORKERS: "1", IMGPROXY_REQUESTS_QUEUE_SIZE: "1" } });
    const held = await stand.queue.enter(new AbortController().signal);
    const body = await picture(40, 40, "png");
    const waiting = post(stand.url, "", body);
    while (stand.queue.waiting === 0) await Bun.sleep(5);
    expect((await post(stand.url, "", body)).status).toBe(429);
    held.leave();
    expect((await waiting).status).toBe(200);
  });

  test("that never ends is given up in time", async () => {
    await using stand = await startStand({ env: { ...ON, IMGPROXY_TIMEOUT: "1" } });
    const stalled = new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(10)) });
    const answer = await post(stand.url, "", stalled);
    expect(answer.status).toBe(503);
    expect(stand.queue.busy).toBe(0);
  });
});

describe("a plan", () => {
  test("says what the source is and what would be done to it, for a URL and for a file", async () => {
    await using stand = await startStand({ env: { ...ON, ...KEYS } });
    const expected = { format: "jpeg", width: 600, height: 400, frames: 1, hasAlpha: false, orientation: 1 };
    const url = await json<PlanAnswer>(
      stand.get("/playground/plan?path=/rs:fill:90:90/plain/local:///landscape.jpg@webp"),
    );
    expect(url.source).toMatchObject(expected);
    expect(url.plan).toContain("result    webp 90×90");
    const file = await json<PlanAnswer>(
      fetch(`${stand.url}/playground/plan?option=w:90&extension=png`, {
        method: "POST",
        body: await picture(600, 400, "jpeg"),
      }),
    );
    expect(file.source).toMatchObject(expected);
    expect(file.plan).toContain("result    png 90×60");
  });

  test.each([
    ["a missing source", "/w:1/plain/local:///missing.jpg", 404, "missing.jpg"],
    ["a wrong option", "/q:500/plain/local:///landscape.jpg", 404, "argument 1 (quality)"],
    ["what is no path", "nonsense", 404, ""],
  ])("of %s is refused in words", async (_, path, status, words) => {
    await using stand = await startStand({ env: ON });
    const answer = await stand.get(`/playground/plan?path=${encodeURIComponent(path)}`);
    expect(answer.status).toBe(status);
    expect(((await answer.json()) as FaultAnswer).fault.message).toContain(words);
  });
});
