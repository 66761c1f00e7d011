import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { AppError } from "../../src/errors.ts";
import type { Origin } from "../source/http/origin.ts";
import { imageAnswer, PNG, startImageOrigin } from "./image-origin.ts";
import { type Stand, startStand } from "./stand.ts";

const FALLBACK = await sharp({ create: { width: 2, height: 3, channels: 3, background: "white" } })
  .png()
  .toBuffer();
const DATA = FALLBACK.toString("base64");
const FOLDER = mkdtempSync(join(tmpdir(), "imgproxy-fallback-"));
const FILE = join(FOLDER, "fallback.png");
writeFileSync(FILE, FALLBACK);

let origin: Origin;
beforeAll(async () => {
  origin = await startImageOrigin({
    "/long": (_, socket) => void socket.write(imageAnswer({}, Buffer.concat([PNG, Buffer.alloc(60_000)]))),
    "/endless": (_, socket) => {
      const body = Buffer.concat([PNG, Buffer.alloc(60_000)]);
      socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      socket.write(Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from("\r\n0\r\n\r\n")]));
    },
    "/kept": (_, socket) =>
      void socket.write(
        imageAnswer({ "Cache-Control": "max-age=123", Expires: "0", "Last-Modified": "x", ETag: '"f"' }, FALLBACK),
      ),
  });
});
afterAll(async () => {
  await origin[Symbol.asyncDispose]();
  rmSync(FOLDER, { recursive: true });
});

async function answerOf(stand: Stand, path: string, headers = {}) {
  const response = await stand.get(path.replace("{ORIGIN}", origin.url), headers);
  const bytes = await response.bytes();
  const isImage = bytes.length > 0 && (response.headers.get("content-type")?.startsWith("image/") ?? false);
  const body = isImage ? await sharp(bytes).metadata() : Buffer.from(bytes).toString();
  const size = typeof body === "string" ? body : `${body.format} ${body.width}x${body.height}`;
  return { status: response.status, body: size, headers: response.headers };
}

describe("the fallback image stands in", () => {
  let stand: Stand;
  beforeAll(async () => {
    const env = {
      IMGPROXY_FALLBACK_IMAGE_DATA: DATA,
      IMGPROXY_MAX_SRC_FILE_SIZE: "55000",
      IMGPROXY_DOWNLOAD_TIMEOUT: "1",
    };
    stand = await startStand({ env });
  });
  afterAll(() => stand[Symbol.asyncDispose]());

  test.each([
    ["a missing source", "/unsafe/plain/{ORIGIN}/404"],
    ["a failing origin", "/unsafe/plain/{ORIGIN}/500"],
    ["a dropped connection", "/unsafe/plain/{ORIGIN}/drop"],
    ["a silent origin", "/unsafe/plain/{ORIGIN}/silent"],
    ["an origin that stops half-way", "/unsafe/plain/{ORIGIN}/stall"],
    ["a forbidden address", "/unsafe/plain/http://169.254.1.1/a.png"],
    ["a scheme that is off", "/unsafe/plain/s3://a/b.png"],
    ["what is no image", "/unsafe/plain/{ORIGIN}/text"],
    ["a file too large by its own account", "/unsafe/w:10/plain/{ORIGIN}/long"],
  ])("for %s", async (_, path) => {
    const answer = await answerOf(stand, path);
    expect([answer.status, answer.body]).toEqual([200, "png 2x3"]);
    expect(answer.headers.get("cache-control")).toBe("max-age=31536000, public");
    expect(answer.headers.get("etag")).toBeNull();
  });

  test("and goes through the options of the URL, under the name asked for", async () => {
    const answer = await answerOf(stand, "/unsafe/rs:force:5:5/el:1/plain/{ORIGIN}/500.tiff@jpg");
    expect([answer.status, answer.body]).toEqual([200, "jpeg 5x5"]);
    expect(answer.headers.get("content-disposition")).toBe('inline; filename="500.jpg"');
  });

  test("and the log and the metrics tell why", async () => {
    await answerOf(stand, "/unsafe/plain/{ORIGIN}/404");
    const line = stand.lines.find(({ message }) => message === "Could not load image. Using fallback image");
    expect(line?.level).toBe("warn");
    expect(stand.metrics.render()).toMatch(/errors_total\{type="download"\} [1-9]/);
  });
});

describe("the fallback image does not stand in", () => {
  let stand: Stand;
  beforeAll(async () => {
    const env = {
      IMGPROXY_FALLBACK_IMAGE_DATA: DATA,
      IMGPROXY_MAX_SRC_FILE_SIZE: "55000",
      IMGPROXY_ALLOWED_SOURCES: `${origin.url}/,s3://`,
    };
    stand = await startStand({ env });
  });
  afterAll(() => stand[Symbol.asyncDispose]());

  test.each([
    ["a bad URL", "/unsafe/nosuch:1/plain/{ORIGIN}/ok.png", 404, "Invalid URL"],
    ["a security option", "/unsafe/msr:1/plain/{ORIGIN}/ok.png", 403, "Invalid URL"],
    ["a source that is not allowed", "/unsafe/plain/http://other.example/a.png", 404, "Invalid source URL"],
    ["a body that breaks off", "/unsafe/w:10/plain/{ORIGIN}/cut", 422, "Source response is incomplete"],
    ["a file that turns out too large", "/unsafe/w:10/plain/{ORIGIN}/endless", 422, "Invalid source image"],
    ["a raw answer", "/unsafe/raw:1/plain/{ORIGIN}/404", 404, "nope"],
  ])("for %s", async (_, path, status, body) => {
    const answer = await answerOf(stand, path);
    expect([answer.status, answer.body]).toEqual([status, body]);
  });

  test("for an image that cannot be decoded", async () => {
    expect((await answerOf(stand, "/unsafe/plain/{ORIGIN}/broken")).status).toBe(422);
  });

  test("for a copy that is still good", async () => {
    expect((await answerOf(stand, "/unsafe/plain/{ORIGIN}/etag.png", { "If-None-Match": '"abc"' })).status).toBe(304);
  });
});

describe("status and lifetime of the fallback image", () => {
  async function under(env: Record<string, string>, path = "/unsafe/plain/{ORIGIN}/404") {
    await using stand = await startStand({ env: { IMGPROXY_FALLBACK_IMAGE_DATA: DATA, ...env } });
    const { status, headers } = await answerOf(stand, path);
    return [status, headers.get("cache-control")];
  }

  test.each([
    ["can be any", { IMGPROXY_FALLBACK_IMAGE_HTTP_CODE: "404" }, 404, null],
    ["can be those of the error", { IMGPROXY_FALLBACK_IMAGE_HTTP_CODE: "0" }, 404, null],
    [
      "can be cached with an error status",
      { IMGPROXY_FALLBACK_IMAGE_HTTP_CODE: "0", IMGPROXY_FALLBACK_IMAGE_TTL: "33" },
      404,
      "max-age=33, public",
    ],
    ["can be one without a body", { IMGPROXY_FALLBACK_IMAGE_HTTP_CODE: "204" }, 204, "max-age=31536000, public"],
    ["cannot be one that ends nothing", { IMGPROXY_FALLBACK_IMAGE_HTTP_CODE: "102" }, 200, "max-age=31536000, public"],
    ["can be short", { IMGPROXY_FALLBACK_IMAGE_TTL: "33" }, 200, "max-age=33, public"],
  ])("%s", async (_, env, status, caching) => {
    expect(await under(env)).toEqual([status, caching]);
  });

  test("end with the expires option at the latest", async () => {
    const expires = Math.floor(Date.now() / 1000) + 600;
    const [, caching] = await under(
      { IMGPROXY_FALLBACK_IMAGE_TTL: "9000" },
      `/unsafe/exp:${expires}/plain/{ORIGIN}/404`,
    );
    expect(caching).toMatch(/^max-age=(59\d|600), public$/);
  });

  test("are those of its own URL where the source's words are passed on", async () => {
    const env = {
      IMGPROXY_FALLBACK_IMAGE_DATA: "",
      IMGPROXY_FALLBACK_IMAGE_URL: `${origin.url}/kept`,
      IMGPROXY_CACHE_CONTROL_PASSTHROUGH: "true",
    };
    await using stand = await startStand({ env });
    const { status, headers } = await answerOf(stand, "/unsafe/plain/{ORIGIN}/404");
    expect([status, headers.get("cache-control")]).toEqual([200, "max-age=123"]);
    expect([headers.get("etag"), headers.get("last-modified")]).toEqual([null, null]);
  });
});

describe("images of the configuration", () => {
  test("are taken from data before path before URL", async () => {
    const wrong = `${origin.url}/404`;
    for (const env of [
      { IMGPROXY_FALLBACK_IMAGE_DATA: DATA, IMGPROXY_FALLBACK_IMAGE_URL: wrong },
      { IMGPROXY_FALLBACK_IMAGE_PATH: FILE, IMGPROXY_FALLBACK_IMAGE_URL: wrong },
    ]) {
      await using stand = await startStand({ env });
      expect((await answerOf(stand, "/unsafe/plain/{ORIGIN}/404")).body).toBe("png 2x3");
    }
  });

  test.each([
    [
      { IMGPROXY_FALLBACK_IMAGE_DATA: Buffer.from("hello").toString("base64") },
      /IMGPROXY_FALLBACK_IMAGE_DATA .*no image/,
    ],
    [{ IMGPROXY_FALLBACK_IMAGE_URL: "{ORIGIN}/404" }, /IMGPROXY_FALLBACK_IMAGE_URL .*\/404.*status: 404/],
    [{ IMGPROXY_FALLBACK_IMAGE_URL: "nonsense" }, /IMGPROXY_FALLBACK_IMAGE_URL .*unknown scheme/],
    [{ IMGPROXY_WATERMARK_URL: "{ORIGIN}/text" }, /IMGPROXY_WATERMARK_URL .*no image/],
    [{ IMGPROXY_WATERMARK_DATA: Buffer.from("hello").toString("base64") }, /IMGPROXY_WATERMARK_DATA .*no image/],
  ] as [Record<string, string>, RegExp][])("that cannot be had stop the start: %p", async (env, message) => {
    const filled = Object.fromEntries(
      Object.entries(env).map(([name, value]) => [name, value.replace("{ORIGIN}", origin.url)]),
    );
    const error = await startStand({ env: filled }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(AppError);
    expect(error instanceof AppError && error.kind).toBe("config");
    expect(String(error)).toMatch(message);
  });

  test("include the watermark, which is drawn over the result", async () => {
    await using stand = await startStand({ env: { IMGPROXY_WATERMARK_PATH: FILE } });
    const plain = await stand.get(`/unsafe/plain/${origin.url}/ok.png`);
    const marked = await stand.get(`/unsafe/wm:1:ce/plain/${origin.url}/ok.png`);
    const [one, other] = [
      await sharp(await plain.bytes())
        .raw()
        .toBuffer(),
      await sharp(await marked.bytes())
        .raw()
        .toBuffer(),
    ];
    expect(one.length).toBe(other.length);
    expect(one.equals(other)).toBe(false);
  });
});
