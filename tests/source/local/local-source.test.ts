import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { rename } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bindCachedFiles } from "../../../src/native/cached-files.ts";
import { createLocalSource } from "../../../src/source/local/local-source.ts";
import { readBody } from "../../../src/source/read-body.ts";
import type { Source, SourceUrl } from "../../../src/source/types.ts";
import { failureOf } from "../../support/failure.ts";
import { patternBytes } from "../../support/pattern-bytes.ts";

let area = "";
const rootOf = () => join(area, "root");
const signal = new AbortController().signal;

function write(name: string, content: string | Uint8Array): void {
  writeFileSync(join(area, name), content);
}

beforeAll(() => {
  area = mkdtempSync(join(tmpdir(), "local-source-"));
  mkdirSync(join(area, "root/dir/deep"), { recursive: true });
  mkdirSync(join(area, "root-secret"));
  mkdirSync(join(area, "outside"));
  write("root/a.txt", "the file a");
  write("root/dir/b.txt", "the file b");
  write("root/dir/deep/c.txt", "the file c");
  write("root/100%25 #1?v@2.txt", "odd name");
  write("root/back\\slash.txt", "backslash");
  write("root/.hidden", "hidden");
  write("root/é.txt", "accent");
  write("root/empty", "");
  write("outside/secret.txt", "a secret");
  write("root-secret/secret.txt", "a secret beside the root");
  symlinkSync("a.txt", join(area, "root/link-inside"));
  symlinkSync("dir/deep", join(area, "root/dir-link"));
  symlinkSync("../outside/secret.txt", join(area, "root/link-outside"));
  symlinkSync(join(area, "outside"), join(area, "root/dir-outside"));
  symlinkSync(join(area, "root-secret/secret.txt"), join(area, "root/link-beside"));
  symlinkSync(area, join(area, "root/link-above"));
  symlinkSync("loop", join(area, "root/loop"));
  symlinkSync("nowhere", join(area, "root/dangling"));
  symlinkSync("/proc/self/environ", join(area, "root/environ"));
  symlinkSync("/dev/zero", join(area, "root/zero"));
  symlinkSync("link-indirect-2", join(area, "root/link-indirect"));
  symlinkSync("../outside/secret.txt", join(area, "root/link-indirect-2"));
});

afterAll(() => rmSync(area, { recursive: true, force: true }));

const CACHED_FILES = bindCachedFiles();

async function fetchFrom(source: Source, url: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await source.fetch({ url: url as SourceUrl, headers, signal });
  const bytes = await readBody(response, { maxBytes: 0, signal });
  return { status: response.status, headers: response.headers, body: Buffer.from(bytes).toString() };
}

/** A source that has been asked before, and so opens and reads what it can at once. */
async function quickSource(root = rootOf(), sourceUrlQuerySeparator = "?"): Promise<Source> {
  const source = createLocalSource({ localFilesystemRoot: root, sourceUrlQuerySeparator }, CACHED_FILES);
  await fetchFrom(source, "local:///.hidden");
  return source;
}

/** The answer, which has to be the same by way of the thread pool and at once. */
async function get(url: string, headers: Readonly<Record<string, string>> = {}, root = rootOf(), separator = "?") {
  const slow = createLocalSource({ localFilesystemRoot: root, sourceUrlQuerySeparator: separator });
  const answer = await fetchFrom(slow, url, headers);
  const source = await quickSource(root, separator);
  const quick = await fetchFrom(source, url, headers);
  await source.close?.();
  expect({ ...quick, headers: [...quick.headers] }).toEqual({ ...answer, headers: [...answer.headers] });
  return quick;
}

describe("a file below the root is served", () => {
  test.each([
    ["local:///a.txt", "the file a"],
    ["local:/a.txt", "the file a"],
    ["LOCAL:///a.txt", "the file a"],
    ["local:////a.txt", "the file a"],
    ["local:///dir/b.txt", "the file b"],
    ["local:///dir//b.txt", "the file b"],
    ["local:///dir/../a.txt", "the file a"],
    ["local:///dir/./deep/../b.txt", "the file b"],
    ["local:///a.txt/", "the file a"],
    ["local:///a.txt?v=1", "the file a"],
    ["local:///../a.txt", "the file a"],
    ["local:///../../../a.txt", "the file a"],
    ["local:///dir/../../../../a.txt", "the file a"],
    ["local:///back\\slash.txt", "backslash"],
    ["local:///.hidden", "hidden"],
    ["local:///é.txt", "accent"],
    ["local:///empty", ""],
    ["local:///link-inside", "the file a"],
    ["local:///dir-link/c.txt", "the file c"],
    ["local:///dir-link/../a.txt", "the file a"],
    ["local://host/a.txt", "the file a"],
  ])("%s", async (url, body) => {
    expect(await get(url)).toMatchObject({ status: 200, body });
  });

  test("under a name with %, # and, without a separator, ?", async () => {
    expect((await get("local:///100%25 #1?v@2.txt", {}, rootOf(), "")).body).toBe("odd name");
  });

  test("when the root itself is a link, or ends with a slash", async () => {
    const link = join(area, "root-link");
    symlinkSync("root", link);
    expect((await get("local:///a.txt", {}, link)).body).toBe("the file a");
    expect((await get("local:///a.txt", {}, `${rootOf()}/`)).body).toBe("the file a");
    expect((await get("local:///dir-link/c.txt", {}, `${rootOf()}//`)).body).toBe("the file c");
  });

  test("when the root is /", async () => {
    expect((await get(`local://${rootOf()}/a.txt`, {}, "/")).body).toBe("the file a");
    expect((await get(`local://${rootOf()}/link-outside`, {}, "/")).body).toBe("a secret");
  });
});

describe("what is not a file below the root does not exist", () => {
  test.each([
    ["a missing file", "local:///nope.jpg"],
    ["a missing folder", "local:///nope/a.txt"],
    ["a folder", "local:///dir"],
    ["the root", "local:///."],
    ["a path through a file", "local:///a.txt/b"],
    ["the first folder taken for a host", "local://dir/b.txt"],
    ["escapes of dots and slashes, which are literal", "local:///%2e%2e/outside/secret.txt"],
    ["backslashes, which are literal", "local:///..\\outside\\secret.txt"],
    ["a path above the root", "local:///../outside/secret.txt"],
    ["a sibling whose name begins like the root", "local:///../root-secret/secret.txt"],
    ["a link that leads outside", "local:///link-outside"],
    ["a link through a link that leads outside", "local:///link-indirect"],
    ["a file behind a folder link that leads outside", "local:///dir-outside/secret.txt"],
    ["a link to a sibling whose name begins like the root", "local:///link-beside"],
    ["a way up and down again", "local:///link-above/outside/secret.txt"],
    ["a loop of links", "local:///loop"],
    ["a link to nowhere", "local:///dangling"],
    ["the environment of the process", "local:///environ"],
    ["a device behind a link", "local:///zero"],
    ["a name too long for the file system", `local:///${"x".repeat(300)}`],
    ["a path too long for the system", `local:///${"x/".repeat(5000)}`],
  ])("%s", async (_, url) => {
    const response = await get(url);
    expect(response.status).toBe(404);
    expect(response.body).toEndWith(" doesn't exist");
    expect(response.body).not.toContain(area);
    expect(response.headers.get("content-type")).toBe("text/plain");
  });

  test("and says so by the path that was asked for", async () => {
    expect((await get("local:///dir/../nope.jpg")).body).toBe("/nope.jpg doesn't exist");
  });

  test.each(["local:///", "local:///?x", "local:///a\u0000b", "local:a.txt"])("%j cannot be meant", async (url) => {
    expect((await failureOf(get(url))).kind).toBe("source_unreachable");
  });
});

describe("a special file is refused at once", () => {
  test("a FIFO without a writer", async () => {
    Bun.spawnSync(["mkfifo", join(rootOf(), "fifo")]);
    expect((await get("local:///fifo")).status).toBe(404);
  });

  test("a socket", async () => {
    const server = createServer().listen(join(rootOf(), "socket"));
    await new Promise((resolve) => server.once("listening", resolve));
    expect((await get("local:///socket")).status).toBe(404);
    server.close();
  });

  test.skipIf(process.getuid?.() !== 0)("a device", async () => {
    // Where devices cannot be made the name is free, and answered in the same way.
    Bun.spawnSync(["mknod", join(rootOf(), "device"), "c", "1", "5"]);
    expect((await get("local:///device")).status).toBe(404);
  });
});

test("a file that may not be read is forbidden, without telling where it is", async () => {
  write("root/locked", "x");
  chmodSync(join(rootOf(), "locked"), 0);
  const isRoot = process.getuid?.() === 0;
  const response = await get("local:///locked");
  expect(response.status).toBe(isRoot ? 200 : 403);
  expect(response.body).not.toContain(area);
});

describe("a range", () => {
  const size = "the file a".length;

  test.each([
    ["bytes=0-0", 206, "t", `bytes 0-0/${size}`],
    ["bytes=0-2", 206, "the", `bytes 0-2/${size}`],
    ["bytes=4-", 206, "file a", `bytes 4-9/${size}`],
    ["bytes=9-", 206, "a", `bytes 9-9/${size}`],
    ["bytes=4-999999999", 206, "file a", `bytes 4-9/${size}`],
    ["bytes=0-", 206, "the file a", `bytes 0-9/${size}`],
    ["Bytes = 0-2", 206, "the", `bytes 0-2/${size}`],
    ["bytes=0-2,4-5", 206, "the", `bytes 0-2/${size}`],
    ["bytes=10-", 416, "", `bytes */${size}`],
    ["bytes=10-20", 416, "", `bytes */${size}`],
    ["bytes=99999999999999-", 416, "", `bytes */${size}`],
    ["bytes=-5", 416, "", null],
    ["bytes=5-2", 416, "", null],
    ["bytes=a-b", 416, "", null],
    ["bytes=", 416, "", null],
    ["items=0-2", 416, "", null],
  ])("%s", async (range, status, body, contentRange) => {
    const response = await get("local:///a.txt", { range });
    expect({ status: response.status, body: response.body }).toEqual({ status, body });
    expect(response.headers.get("content-range")).toBe(contentRange);
    expect(response.headers.get("content-length")).toBe(String(body.length));
  });

  test("of an empty file is refused", async () => {
    expect((await get("local:///empty", { range: "bytes=0-" })).status).toBe(416);
  });

  test("carries no validators, as in the reference, but does say that ranges are served", async () => {
    const { headers } = await get("local:///a.txt", { range: "bytes=0-2" });
    expect(headers.has("etag")).toBe(false);
    expect(headers.has("last-modified")).toBe(false);
    expect(headers.get("accept-ranges")).toBe("bytes");
  });

  test("in the middle of a large file is streamed", async () => {
    const bytes = patternBytes(3_000_000);
    write("root/large", bytes);
    const source = createLocalSource({ localFilesystemRoot: rootOf(), sourceUrlQuerySeparator: "?" });
    const request = { url: "local:///large" as SourceUrl, headers: { range: "bytes=500000-2499999" }, signal };
    const response = await source.fetch(request);
    expect(response.body).toBeInstanceOf(ReadableStream);
    const got = await readBody(response, { maxBytes: 0, signal });
    expect(Buffer.compare(got, bytes.subarray(500_000, 2_500_000))).toBe(0);
  });
});

describe("validators", () => {
  test("an ETag is 43 characters of base64url and follows path, size and time", async () => {
    const tag = async (name: string) => (await get(`local:///${name}`)).headers.get("etag") ?? "";
    write("root/v1", "one");
    write("root/v2", "one");
    utimesSync(join(rootOf(), "v1"), 1_700_000_000, 1_700_000_000);
    utimesSync(join(rootOf(), "v2"), 1_700_000_000, 1_700_000_000);
    const first = await tag("v1");
    expect(first).toMatch(/^"[A-Za-z0-9_-]{43}"$/);
    expect(await tag("dir/../v1")).toBe(first);
    expect(await tag("v2")).not.toBe(first);
    utimesSync(join(rootOf(), "v1"), 1_700_000_000, 1_700_000_001);
    const later = await tag("v1");
    expect(later).not.toBe(first);
    write("root/v1", "four");
    utimesSync(join(rootOf(), "v1"), 1_700_000_000, 1_700_000_001);
    expect(await tag("v1")).not.toBe(later);
  });

  test("Last-Modified is the time of modification", async () => {
    write("root/dated", "x");
    utimesSync(join(rootOf(), "dated"), 0, Date.UTC(2025, 0, 1) / 1000 + 0.7);
    expect((await get("local:///dated")).headers.get("last-modified")).toBe("Wed, 01 Jan 2025 00:00:00 GMT");
  });

  test.each([
    ["its own tag", (tag: string) => ({ "if-none-match": tag }), 304],
    ["its own tag, weak", (tag: string) => ({ "if-none-match": `W/${tag}` }), 304],
    ["its own tag without quotes", (tag: string) => ({ "if-none-match": tag.slice(1, -1) }), 304],
    ["a list with its tag", (tag: string) => ({ "if-none-match": `"x", ${tag} ,W/"y"` }), 304],
    ["any tag", () => ({ "if-none-match": "*" }), 304],
    ["another tag", () => ({ "if-none-match": '"x"' }), 200],
    [
      "another tag beside a date that matches",
      () => ({ "if-none-match": '"x"', "if-modified-since": "Fri, 01 Jan 2100 00:00:00 GMT" }),
      200,
    ],
    ["a later date", () => ({ "if-modified-since": "Fri, 01 Jan 2100 00:00:00 GMT" }), 304],
    ["the same second", () => ({ "if-modified-since": "Wed, 01 Jan 2025 00:00:00 GMT" }), 304],
    ["an earlier date", () => ({ "if-modified-since": "Tue, 31 Dec 2024 23:59:59 GMT" }), 200],
    ["a date that is none", () => ({ "if-modified-since": "yesterday" }), 200],
    ["an empty tag", () => ({ "if-none-match": "" }), 200],
    ["its own tag, with a range", (tag: string) => ({ "if-none-match": tag, range: "bytes=0-1" }), 304],
  ])("a client with %s", async (_, headers, status) => {
    const tag = (await get("local:///dated")).headers.get("etag") ?? "";
    const response = await get("local:///dated", headers(tag));
    expect(response.status).toBe(status);
    if (status === 304) expect(response.headers.get("etag")).toBe(tag);
    if (status === 304) expect(response.headers.get("last-modified")).not.toBeNull();
  });
});

test("a folder that turns into a link outside between two looks never leads there", async () => {
  const real = join(area, "real");
  const away = join(area, "away");
  mkdirSync(real);
  writeFileSync(join(real, "secret.txt"), "harmless");
  symlinkSync(join(area, "outside"), away);
  let isOver = false;
  const swapping = (async () => {
    // Swapped by renames, as an attacker with write access to the root would do it.
    for (let turn = 0; !isOver; turn++) {
      const [next, back] = turn % 2 === 0 ? [real, away] : [away, real];
      if (turn > 0) await rename(join(rootOf(), "swapped"), back);
      await rename(next, join(rootOf(), "swapped"));
    }
  })();
  const bodies = new Set<string>();
  const sources = [
    await quickSource(),
    createLocalSource({ localFilesystemRoot: rootOf(), sourceUrlQuerySeparator: "?" }),
  ];
  for (let turn = 0; turn < 800 || (!bodies.has("harmless") && turn < 40_000); turn++) {
    for (const source of sources) {
      const { status, body } = await fetchFrom(source, "local:///swapped/secret.txt");
      bodies.add(status === 200 ? body : String(status));
    }
  }
  isOver = true;
  await swapping;
  expect(bodies).not.toContain("a secret");
  expect(bodies).toContain("harmless");
});

test("a root that is a link to another folder from now on is followed at once", async () => {
  mkdirSync(join(area, "release-1"));
  mkdirSync(join(area, "release-2"));
  write("release-1/page", "first");
  write("release-2/page", "second");
  const current = join(area, "current");
  symlinkSync("release-1", current);
  const source = await quickSource(current, "");
  const page = async () => {
    const response = await source.fetch({ url: "local:///page" as SourceUrl, headers: {}, signal });
    return new TextDecoder().decode(await readBody(response, { maxBytes: 0, signal }));
  };
  expect(await page()).toBe("first");
  symlinkSync("release-2", `${current}.new`);
  await rename(`${current}.new`, current);
  expect(await page()).toBe("second");
});

test("a large file comes in one piece where it will be read whole", async () => {
  const bytes = patternBytes(3_000_000);
  write("root/large", bytes);
  const source = createLocalSource({ localFilesystemRoot: rootOf(), sourceUrlQuerySeparator: "" });
  const request = { url: "local:///large" as SourceUrl, headers: {}, signal };
  expect((await source.fetch({ ...request, wholeUpTo: bytes.length })).body).toEqual(Buffer.from(bytes));
  const { body } = await source.fetch({ ...request, wholeUpTo: bytes.length - 1 });
  expect(body).toBeInstanceOf(ReadableStream);
  if (body instanceof ReadableStream) await body.cancel();
});

test("a file that shrinks while it is read is incomplete", async () => {
  write("root/shrinking", patternBytes(3_000_000));
  const source = createLocalSource({ localFilesystemRoot: rootOf(), sourceUrlQuerySeparator: "?" });
  const response = await source.fetch({ url: "local:///shrinking" as SourceUrl, headers: {}, signal });
  truncateSync(join(rootOf(), "shrinking"), 100_000);
  expect((await failureOf(readBody(response, { maxBytes: 0, signal }))).kind).toBe("source_incomplete");
});

test("a file that grows while it is read is delivered as long as it was", async () => {
  const bytes = patternBytes(3_000_000);
  write("root/growing", bytes);
  const source = createLocalSource({ localFilesystemRoot: rootOf(), sourceUrlQuerySeparator: "?" });
  const response = await source.fetch({ url: "local:///growing" as SourceUrl, headers: {}, signal });
  writeFileSync(join(rootOf(), "growing"), "more", { flag: "a" });
  expect((await readBody(response, { maxBytes: 0, signal })).length).toBe(bytes.length);
});

test("a file is told by its content and never becomes a page", async () => {
  const cases: readonly (readonly [string, Uint8Array | string])[] = [
    ["image/jpeg", Uint8Array.of(0xff, 0xd8, 0xff, 0xe0)],
    ["image/png", Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)],
    ["image/gif", "GIF89a"],
    ["image/webp", "RIFF....WEBPVP8L"],
    ["image/avif", "\0\0\0\x1cftypavif"],
    ["image/heif", "\0\0\0\x1cftypheic"],
    ["image/tiff", "II*\0"],
    ["image/tiff", "MM\0*"],
    ["image/bmp", "BM......"],
    ["image/x-icon", "\0\0\x01\0"],
    ["application/pdf", "%PDF-1.4"],
    ["image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg'/>"],
    ["image/svg+xml", '<?xml version="1.0"?>\n<!-- a -->\n<!DOCTYPE svg>\n<svg/>'],
    ["text/plain; charset=utf-8", "<!doctype html><script>alert(1)</script>"],
    ["text/plain; charset=utf-8", "hello"],
    ["application/octet-stream", Uint8Array.of(1, 2, 3, 0)],
  ];
  for (const [type, content] of cases) {
    write("root/typed", content);
    expect((await get("local:///typed")).headers.get("content-type")).toBe(type);
  }
});

test("a file of nothing but comments is told as fast as any other", async () => {
  write("root/comments", "<!---->".repeat(100));
  const start = performance.now();
  expect((await get("local:///comments")).headers.get("content-type")).toBe("text/plain; charset=utf-8");
  expect(performance.now() - start).toBeLessThan(500);
});

test.skipIf(process.platform !== "linux")("no descriptor is left open, whatever the answer", async () => {
  const openFiles = () => readdirSync("/proc/self/fd").length;
  const before = openFiles();
  for (const url of ["a.txt", "dir", "nope", "link-outside", "environ", "empty", "large", "fifo"]) {
    for (const headers of [{}, { range: "bytes=0-0" }, { range: "bytes=99999999-" }, { "if-none-match": "*" }]) {
      await get(`local:///${url}`, headers);
    }
  }
  expect(openFiles()).toBeLessThanOrEqual(before);
});
