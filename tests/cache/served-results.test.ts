import { describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BLUE, image, RED, startKeptStand, tagged } from "./kept-stand.ts";
import { resultsBelow } from "./result-folder.ts";

const headersOf = (response: Response) => {
  const all = Object.fromEntries(response.headers);
  const changing = ["x-request-id", "date", "x-cache", "server-timing"];
  return Object.fromEntries(Object.entries(all).filter(([name]) => !changing.includes(name)));
};

describe("a kept result", () => {
  test("is served as it was made, without asking the source", async () => {
    await using stand = await startKeptStand({ IMGPROXY_ENABLE_DEBUG_HEADERS: "true" }, (request) =>
      tagged(request, RED, '"v1"', { "Last-Modified": "Wed, 01 Jan 2025 00:00:00 GMT" }),
    );
    const [made, kept] = [await stand.get(stand.path()), await stand.get(stand.path())];
    expect([made.headers.get("x-cache"), kept.headers.get("x-cache")]).toEqual(["MISS", "HIT memory"]);
    expect(headersOf(kept)).toEqual(headersOf(made));
    expect(headersOf(kept)).toMatchObject({ etag: '"v1"', "x-origin-width": "64", "x-result-width": "20" });
    expect(await kept.bytes()).toEqual(await made.bytes());
    expect(stand.origin.asked).toHaveLength(1);
  });

  test("is found under every spelling of the same options", async () => {
    await using stand = await startKeptStand({ IMGPROXY_PRESETS: "thumb=rs:fit:20:10" });
    const encoded = Buffer.from(`${stand.origin.url}/a.png`).toString("base64url");
    const spellings = [
      stand.path("rs:fit:20:10"),
      stand.path("resize:fit:20:10"),
      stand.path("h:10/w:20"),
      stand.path("w:99/w:20/h:10"),
      stand.path("preset:thumb"),
      `/another-signature/w:20/h:10/${encoded}`,
    ];
    for (const path of spellings) expect((await stand.get(path)).status).toBe(200);
    expect(stand.origin.asked).toHaveLength(1);
  });

  test("serves requests that differ in headers only, each with its own", async () => {
    await using stand = await startKeptStand();
    await stand.get(stand.path());
    const soon = Math.floor(Date.now() / 1000) + 600;
    const response = await stand.get(stand.path(`w:20/fn:holiday/att:1/exp:${soon}`));
    expect(response.headers.get("x-cache")).toBe("HIT memory");
    expect(response.headers.get("content-disposition")).toBe('attachment; filename="holiday.png"');
    expect(response.headers.get("cache-control")).toMatch(/^max-age=(600|59\d), public$/);
  });

  const different = ["w:21", "w:20/h:5", "q:50/w:20", "w:20/cb:2", "w:20/f:webp", "w:20/sh:1", "w:20/dpr:2"];
  test.each(different)("is not taken for that of %s", async (options) => {
    await using stand = await startKeptStand();
    expect([await stand.via(stand.path()), await stand.via(stand.path(options))]).toEqual(["MISS", "MISS"]);
    expect(await stand.via(stand.path(options))).toBe("HIT memory");
  });

  test("is not taken for that of another source, also of one that differs in its query only", async () => {
    await using stand = await startKeptStand();
    for (const source of ["/a.png", "/b.png", "/a.png%3Fv=1", "/a.png%3Fv=2"]) {
      expect(await stand.via(stand.path("w:20", source))).toBe("MISS");
    }
  });

  test("depends on Accept only where that may choose the format", async () => {
    await using stand = await startKeptStand({ IMGPROXY_AUTO_WEBP: "true", IMGPROXY_ENFORCE_AVIF: "true" });
    const webp = { Accept: "image/webp,*/*" };
    const seen: string[] = [];
    for (const [options, headers] of [
      ["w:20", {}],
      ["w:20", webp],
      ["w:20", { Accept: "text/html,image/webp" }],
      ["w:20/f:png", {}],
      ["w:20/f:png", webp],
      ["w:20/f:png", { Accept: "image/avif,image/webp" }],
      ["w:20", { Accept: "image/jxl" }],
    ] as const) {
      seen.push(await stand.via(stand.path(options), headers));
    }
    expect(seen).toEqual(["MISS", "MISS", "HIT memory", "MISS", "HIT memory", "MISS", "HIT memory"]);
  });

  test("depends on client hints where these are on", async () => {
    await using stand = await startKeptStand({ IMGPROXY_ENABLE_CLIENT_HINTS: "true" });
    expect(await stand.via(stand.path("h:10"), { Width: "30" })).toBe("MISS");
    expect(await stand.via(stand.path("h:10"), { Width: "31" })).toBe("MISS");
    expect(await stand.via(stand.path("h:10"), { Width: "30" })).toBe("HIT memory");
  });

  test("is not that of another configuration after a reload", async () => {
    const watermark = RED.toString("base64");
    await using stand = await startKeptStand();
    const path = stand.path("w:20/wm:0.5");
    expect(await stand.via(path)).toBe("MISS");
    const same = { IMGPROXY_DEVELOPMENT_ERRORS_MODE: "true", IMGPROXY_CACHE_USE: "memory" };
    for (const [env, expected] of [
      [{ IMGPROXY_TIMEOUT: "9" }, "HIT memory"],
      [{ IMGPROXY_QUALITY: "31" }, "MISS"],
      [{ IMGPROXY_FORMAT_QUALITY: "avif=12" }, "MISS"],
      [{ IMGPROXY_WATERMARK_DATA: watermark }, "MISS"],
      [{ IMGPROXY_WATERMARK_DATA: BLUE.toString("base64") }, "MISS"],
      [{ IMGPROXY_WATERMARK_DATA: watermark }, "HIT memory"],
    ] as const) {
      await stand.reload({ ...same, ...env });
      expect(await stand.via(path)).toBe(expected);
    }
  });
});

describe("before a kept result is served", () => {
  test("the signature is checked, whichever key it is made with", async () => {
    const keys = ["aa11", "bb22"];
    await using stand = await startKeptStand({ IMGPROXY_KEY: keys.join(), IMGPROXY_SALT: "cc,dd" });
    const rest = stand.path().replace("/unsafe", "");
    const sign = (key: string, salt: string) =>
      createHmac("sha256", Buffer.from(key, "hex")).update(Buffer.from(salt, "hex")).update(rest).digest("base64url");
    expect(await stand.via(`/${sign("aa11", "cc")}${rest}`)).toBe("MISS");
    expect(await stand.via(`/${sign("bb22", "dd")}${rest}`)).toBe("HIT memory");
    expect(await stand.via(`/${sign("aa11", "dd")}${rest}`)).toBe("403 none");
    expect(await stand.via(`/unsafe${rest}`)).toBe("403 none");
  });

  test("the secret is checked", async () => {
    await using stand = await startKeptStand({ IMGPROXY_SECRET: "s3cret" });
    expect(await stand.via(stand.path(), { Authorization: "Bearer s3cret" })).toBe("MISS");
    expect(await stand.via(stand.path(), { Authorization: "Bearer s3cret" })).toBe("HIT memory");
    expect(await stand.via(stand.path())).toBe("403 none");
  });

  test("the allowed sources are checked", async () => {
    await using stand = await startKeptStand();
    expect(await stand.via(stand.path())).toBe("MISS");
    await stand.reload({ IMGPROXY_ALLOWED_SOURCES: "s3://", IMGPROXY_CACHE_USE: "memory" });
    expect(await stand.via(stand.path())).toBe("404 none");
  });

  test("the expiry of the URL is checked", async () => {
    await using stand = await startKeptStand();
    const soon = Math.floor(Date.now() / 1000) + 1;
    expect(await stand.via(stand.path(`w:20/exp:${soon}`))).toBe("MISS");
    await Bun.sleep(2100);
    expect(await stand.via(stand.path(`w:20/exp:${soon}`))).toBe("404 none");
  });
});

describe("the client's conditions", () => {
  const modified = "Wed, 01 Jan 2025 00:00:00 GMT";
  const answer = (request: Request) => tagged(request, RED, 'W/"v1"', { "Last-Modified": modified });

  test("are answered from what is kept", async () => {
    await using stand = await startKeptStand({}, answer);
    expect(await stand.via(stand.path())).toBe("MISS");
    for (const [headers, expected] of [
      [{ "If-None-Match": '"v1"' }, "304 HIT memory"],
      [{ "If-None-Match": '"v0", W/"v1"' }, "304 HIT memory"],
      [{ "If-None-Match": "*" }, "304 HIT memory"],
      [{ "If-None-Match": '"v2"' }, "HIT memory"],
      [{ "If-None-Match": '"v2"', "If-Modified-Since": modified }, "HIT memory"],
      [{ "If-Modified-Since": modified }, "304 HIT memory"],
      [{ "If-Modified-Since": "Wed, 01 Jan 2025 00:00:01 GMT" }, "304 HIT memory"],
      [{ "If-Modified-Since": "Tue, 31 Dec 2024 23:59:59 GMT" }, "HIT memory"],
      [{ "If-Modified-Since": "yesterday" }, "HIT memory"],
    ] as const) {
      expect(await stand.via(stand.path(), headers)).toBe(expected);
    }
    expect(stand.origin.asked).toHaveLength(1);
  });

  test("are answered with the headers of a 304", async () => {
    await using stand = await startKeptStand({}, answer);
    await stand.via(stand.path());
    const response = await stand.get(stand.path(), { "If-None-Match": '"v1"' });
    expect(headersOf(response)).toMatchObject({
      etag: 'W/"v1"',
      "last-modified": modified,
      "cache-control": "max-age=31536000, public",
    });
    expect(response.headers.has("content-type")).toBe(false);
  });

  test("go to the source while nothing is kept, and nothing is kept then", async () => {
    await using stand = await startKeptStand({}, answer);
    expect(await stand.via(stand.path(), { "If-None-Match": 'W/"v1"' })).toBe("304 MISS");
    expect(stand.origin.asked[0]?.headers.get("if-none-match")).toBe('W/"v1"');
    expect(await stand.via(stand.path())).toBe("MISS");
  });

  test("are read with the buster, and only where they are in use", async () => {
    await using busted = await startKeptStand({ IMGPROXY_ETAG_BUSTER: "b" }, answer);
    const tag = (await busted.get(busted.path())).headers.get("etag") ?? "";
    expect(tag).toStartWith('"b/');
    expect(await busted.via(busted.path(), { "If-None-Match": tag })).toBe("304 HIT memory");
    expect(await busted.via(busted.path(), { "If-None-Match": '"v1"' })).toBe("HIT memory");
    await using without = await startKeptStand(
      { IMGPROXY_USE_ETAG: "false", IMGPROXY_USE_LAST_MODIFIED: "false" },
      answer,
    );
    await without.via(without.path());
    expect(await without.via(without.path(), { "If-None-Match": '"v1"', "If-Modified-Since": modified })).toBe(
      "HIT memory",
    );
  });
});

describe("a result whose time is over", () => {
  test("is compared with its source and served again when nothing has changed", async () => {
    await using stand = await startKeptStand({ IMGPROXY_CACHE_TTL: "0" }, (request) => tagged(request, RED, '"v1"'));
    const first = await (await stand.get(stand.path())).bytes();
    const again = await stand.get(stand.path());
    expect(again.headers.get("x-cache")).toBe("REVALIDATED memory");
    expect(await again.bytes()).toEqual(first);
    expect(stand.origin.asked.map(({ headers }) => headers.get("if-none-match"))).toEqual([null, '"v1"']);
    expect(stand.metrics.render()).toContain('cache_revalidations_total{outcome="unchanged"} 1');
  });

  test("is made anew when the source has changed", async () => {
    await using stand = await startKeptStand({ IMGPROXY_CACHE_TTL: "0" }, (request) => tagged(request, RED, '"v1"'));
    const red = await (await stand.get(stand.path())).bytes();
    stand.origin.answer = (request) => tagged(request, BLUE, '"v2"');
    const changed = await stand.get(stand.path());
    expect([changed.headers.get("x-cache"), changed.headers.get("etag")]).toEqual(["MISS", '"v2"']);
    expect(await changed.bytes()).not.toEqual(red);
    expect(await stand.via(stand.path())).toBe("REVALIDATED memory");
    expect(stand.metrics.render()).toContain('cache_revalidations_total{outcome="changed"} 1');
  });

  test("is fresh again for as long once it was compared", async () => {
    await using stand = await startKeptStand({ IMGPROXY_CACHE_TTL: "1" }, (request) => tagged(request, RED, '"v1"'));
    expect(await stand.via(stand.path())).toBe("MISS");
    await Bun.sleep(1050);
    expect(await stand.via(stand.path())).toBe("REVALIDATED memory");
    expect(await stand.via(stand.path())).toBe("HIT memory");
  });

  test("is compared by its date where the source has no tags", async () => {
    const modified = "Wed, 01 Jan 2025 00:00:00 GMT";
    await using stand = await startKeptStand({ IMGPROXY_CACHE_TTL: "0" }, (request) =>
      request.headers.get("if-modified-since") === modified
        ? new Response(null, { status: 304 })
        : image(RED, { "Last-Modified": modified }),
    );
    expect([await stand.via(stand.path()), await stand.via(stand.path())]).toEqual(["MISS", "REVALIDATED memory"]);
    const response = await stand.get(stand.path());
    expect(response.headers.get("last-modified")).toBe(modified);
  });

  test("is compared on behalf of a client whose own copy may be another", async () => {
    await using stand = await startKeptStand({ IMGPROXY_CACHE_TTL: "0" }, (request) => tagged(request, RED, '"v1"'));
    await stand.via(stand.path());
    expect(await stand.via(stand.path(), { "If-None-Match": '"v0"' })).toBe("REVALIDATED memory");
    expect(await stand.via(stand.path(), { "If-None-Match": '"v1"' })).toBe("304 REVALIDATED memory");
    expect(stand.origin.asked.map(({ headers }) => headers.get("if-none-match"))).toEqual([null, '"v1"', '"v1"']);
  });

  test("does not hide that the source is gone", async () => {
    await using stand = await startKeptStand({ IMGPROXY_CACHE_TTL: "0" }, (request) => tagged(request, RED, '"v1"'));
    await stand.via(stand.path());
    stand.origin.answer = () => new Response("gone", { status: 410 });
    expect(await stand.via(stand.path())).toBe("410 none");
  });

  test("is forgotten when the source no longer wants it kept", async () => {
    await using stand = await startKeptStand({ IMGPROXY_CACHE_TTL: "0" }, (request) => tagged(request, RED, '"v1"'));
    await stand.via(stand.path());
    stand.origin.answer = (request) => tagged(request, RED, '"v1"', { "Cache-Control": "no-store" });
    expect(await stand.via(stand.path())).toBe("REVALIDATED memory");
    expect(await stand.via(stand.path())).toBe("MISS");
    expect(await stand.via(stand.path())).toBe("MISS");
  });
});

describe("the source's Cache-Control", () => {
  test("no-store is obeyed always", async () => {
    await using stand = await startKeptStand({}, () => image(RED, { "Cache-Control": "no-store" }));
    expect([await stand.via(stand.path()), await stand.via(stand.path())]).toEqual(["MISS", "MISS"]);
  });

  test("is not obeyed where clients do not hear it", async () => {
    await using stand = await startKeptStand({}, () => image(RED, { "Cache-Control": "private, max-age=0" }));
    expect([await stand.via(stand.path()), await stand.via(stand.path())]).toEqual(["MISS", "HIT memory"]);
  });

  test.each([
    ["private", ["MISS", "MISS"]],
    ["no-cache", ["MISS", "REVALIDATED memory"]],
    ["max-age=0", ["MISS", "REVALIDATED memory"]],
    ["max-age=100", ["MISS", "HIT memory"]],
    ["max-age=0, s-maxage=100", ["MISS", "HIT memory"]],
  ] as const)("%s is obeyed where it is passed on", async (value, expected) => {
    await using stand = await startKeptStand({ IMGPROXY_CACHE_CONTROL_PASSTHROUGH: "true" }, (request) =>
      tagged(request, RED, '"v1"', { "Cache-Control": value }),
    );
    const seen = [await stand.via(stand.path()), await stand.via(stand.path())];
    expect(seen).toEqual([...expected]);
  });

  test("is passed on with the age it has come to", async () => {
    await using stand = await startKeptStand({ IMGPROXY_CACHE_CONTROL_PASSTHROUGH: "true" }, () =>
      image(RED, { "Cache-Control": "max-age=100", Age: "7" }),
    );
    const made = await stand.get(stand.path());
    await Bun.sleep(1050);
    const kept = await stand.get(stand.path());
    expect(kept.headers.get("cache-control")).toBe("max-age=100");
    expect(made.headers.get("age")).toBeNull();
    expect(["8", "9"]).toContain(kept.headers.get("age") ?? "none");
  });
});

describe("what is never kept", () => {
  test.each([404, 403, 500])("a refusal of the source: %p", async (status) => {
    await using stand = await startKeptStand({}, () => new Response("no", { status }));
    for (const _ of [1, 2]) expect(await stand.via(stand.path())).toEndWith("none");
    expect(stand.origin.asked).toHaveLength(2);
  });

  test("a source that is no image", async () => {
    await using stand = await startKeptStand({}, () => new Response("hello"));
    for (const _ of [1, 2]) expect(await stand.via(stand.path())).toBe("422 none");
    expect(stand.origin.asked).toHaveLength(2);
  });

  test("the fallback image", async () => {
    await using stand = await startKeptStand(
      { IMGPROXY_FALLBACK_IMAGE_DATA: BLUE.toString("base64") },
      () => new Response("no", { status: 404 }),
    );
    expect([await stand.via(stand.path()), await stand.via(stand.path())]).toEqual(["MISS", "MISS"]);
    stand.origin.answer = () => image(RED);
    expect([await stand.via(stand.path()), await stand.via(stand.path())]).toEqual(["MISS", "HIT memory"]);
  });

  test("a raw answer", async () => {
    await using stand = await startKeptStand();
    for (const _ of [1, 2]) expect(await stand.via(stand.path("raw:1"))).toBe("none");
    expect(stand.origin.asked).toHaveLength(2);
  });

  test("a cookie that the source sets, even where its header is to be passed on", async () => {
    let session = 0;
    await using stand = await startKeptStand({ IMGPROXY_RESPONSE_HEADERS_PASSTHROUGH: "Set-Cookie,X-Kind" }, () =>
      image(RED, { "Set-Cookie": `sid=${++session}`, "X-Kind": "red" }),
    );
    for (const _ of [1, 2]) {
      const { headers } = await stand.get(stand.path());
      expect([headers.get("set-cookie"), headers.get("x-kind")]).toEqual([null, "red"]);
    }
    expect(session).toBe(1);
  });
});

describe("bypassing", () => {
  test("is refused unless it is allowed", async () => {
    await using stand = await startKeptStand();
    expect(await stand.via(stand.path("w:20/bc:1"))).toBe("404 none");
    expect(stand.origin.asked).toHaveLength(0);
  });

  test("takes nothing from what is kept and adds nothing to it", async () => {
    await using stand = await startKeptStand({ IMGPROXY_ALLOW_BYPASS_CACHE: "true" });
    const ways = ["w:20/bc:1", "w:20", "w:20/bc:1", "w:20", "w:20/bc:0"];
    const seen: string[] = [];
    for (const way of ways) seen.push(await stand.via(stand.path(way)));
    expect(seen).toEqual(["BYPASS", "MISS", "BYPASS", "HIT memory", "HIT memory"]);
  });

  test("by the client's Cache-Control does nothing unless it is allowed", async () => {
    await using stand = await startKeptStand({}, (request) => tagged(request, RED, '"v1"'));
    await stand.via(stand.path());
    expect(await stand.via(stand.path(), { "Cache-Control": "no-cache" })).toBe("HIT memory");
  });

  test("by the client's Cache-Control compares with the source where it is allowed", async () => {
    await using stand = await startKeptStand({ IMGPROXY_CACHE_ALLOW_NO_CACHE: "true" }, (request) =>
      tagged(request, RED, '"v1"'),
    );
    await stand.via(stand.path());
    expect(await stand.via(stand.path(), { "Cache-Control": "max-age=0, No-Cache" })).toBe("REVALIDATED memory");
    expect(await stand.via(stand.path(), { "Cache-Control": "no-cachew" })).toBe("HIT memory");
    stand.origin.answer = (request) => tagged(request, BLUE, '"v2"');
    expect(await stand.via(stand.path(), { "Cache-Control": "no-cache" })).toBe("MISS");
    expect((await stand.get(stand.path())).headers.get("etag")).toBe('"v2"');
  });
});

describe("what goes from the client to the source", () => {
  const cookies = { IMGPROXY_COOKIE_PASSTHROUGH: "true", IMGPROXY_COOKIE_PASSTHROUGH_ALL: "true" };

  test("keeps results apart: cookies", async () => {
    await using stand = await startKeptStand(cookies, (request) =>
      image(request.headers.get("cookie") === "user=ann" ? RED : BLUE),
    );
    const ann = await (await stand.get(stand.path(), { Cookie: "user=ann" })).bytes();
    const bob = await (await stand.get(stand.path(), { Cookie: "user=bob" })).bytes();
    expect(ann).not.toEqual(bob);
    expect(await stand.via(stand.path())).toBe("MISS");
    expect(await stand.via(stand.path(), { Cookie: "user=ann" })).toBe("HIT memory");
    expect(await (await stand.get(stand.path(), { Cookie: "user=ann" })).bytes()).toEqual(ann);
  });

  test("keeps results apart: headers that are passed through", async () => {
    await using stand = await startKeptStand({ IMGPROXY_REQUEST_HEADERS_PASSTHROUGH: "X-Tenant" });
    expect(await stand.via(stand.path(), { "X-Tenant": "a" })).toBe("MISS");
    expect(await stand.via(stand.path(), { "X-Tenant": "b" })).toBe("MISS");
    expect(await stand.via(stand.path(), { "X-Tenant": "a", "X-Other": "c" })).toBe("HIT memory");
  });

  test("keeps results apart only as far as the operator says, where he does", async () => {
    await using stand = await startKeptStand({
      ...cookies,
      IMGPROXY_REQUEST_HEADERS_PASSTHROUGH: "X-Tenant,X-Request-Id",
      IMGPROXY_CACHE_KEY_HEADERS: "x-tenant",
      IMGPROXY_CACHE_KEY_COOKIES: "lang",
    });
    const ask = (tenant: string, id: string, cookie: string) =>
      stand.via(stand.path(), { "X-Tenant": tenant, "X-Request-Id": id, Cookie: cookie });
    expect(await ask("a", "1", "sid=1; lang=en")).toBe("MISS");
    expect(await ask("a", "2", "lang=en; sid=2")).toBe("HIT memory");
    expect(await ask("b", "1", "lang=en")).toBe("MISS");
    expect(await ask("a", "1", "lang=de")).toBe("MISS");
    expect(await ask("a", "1", "xlang=en")).toBe("MISS");
  });
});

describe("what is told of kept results", () => {
  test("the header X-Cache in development mode only", async () => {
    await using stand = await startKeptStand({ IMGPROXY_DEVELOPMENT_ERRORS_MODE: "false" });
    for (const _ of [1, 2]) expect(await stand.via(stand.path())).toBe("none");
  });

  test("a word in the log line and a stage in the metrics", async () => {
    await using stand = await startKeptStand();
    for (const _ of [1, 2]) await stand.via(stand.path());
    const completed = () => stand.lines.filter(({ message }) => message.startsWith("Completed"));
    for (let waited = 0; completed().length < 2 && waited < 2000; waited += 10) await Bun.sleep(10);
    expect(completed().map(({ fields }) => fields["cache"])).toEqual(["MISS", "HIT memory"]);
    // What was not downloaded has no size.
    expect(completed()[1]?.fields["source_bytes"]).toBeUndefined();
    expect(stand.metrics.render()).toContain('request_span_duration_seconds_count{span="reading_cache"} 1');
  });
});

describe("a folder of kept results", () => {
  const withFolder = async (use: (env: Readonly<Record<string, string>>, root: string) => Promise<void>) => {
    const root = mkdtempSync(join(tmpdir(), "imgproxy-kept-"));
    try {
      await use({ IMGPROXY_CACHE_USE: "fs", IMGPROXY_CACHE_FS_ROOT: root }, root);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  };

  test("serves the next server, byte for byte", () =>
    withFolder(async (env) => {
      // One origin for both, since its port is part of the source.
      await using first = await startKeptStand(env, (request) => tagged(request, RED, '"v1"'));
      const made = await (await first.get(first.path())).bytes();
      for (let waited = 0; (await first.via(first.path())) !== "HIT fs" && waited < 2000; waited += 10)
        await Bun.sleep(10);
      await using second = await startKeptStand(env);
      for (let waited = 0; waited < 3000; waited += 20) {
        const kept = await second.get(first.path());
        const bytes = await kept.bytes();
        if (kept.headers.get("x-cache") !== "HIT fs") {
          await Bun.sleep(20);
          continue;
        }
        expect(kept.headers.get("etag")).toBe('"v1"');
        expect(bytes).toEqual(made);
        return;
      }
      throw new Error("the second server did not find the result");
    }));

  test("that is damaged makes results anew instead of serving them", () =>
    withFolder(async (env, root) => {
      await using stand = await startKeptStand(env);
      const made = await (await stand.get(stand.path())).bytes();
      for (let waited = 0; resultsBelow(root).length === 0 && waited < 2000; waited += 5) await Bun.sleep(5);
      const [file = ""] = resultsBelow(root);
      const bytes = readFileSync(file);
      bytes[bytes.length - 20] = (bytes[bytes.length - 20] ?? 0) ^ 1;
      writeFileSync(file, bytes);
      const again = await stand.get(stand.path());
      expect(again.headers.get("x-cache")).toBe("MISS");
      expect(await again.bytes()).toEqual(made);
      expect(stand.origin.asked).toHaveLength(2);
    }));

  test("that cannot be used any more lets requests through", () =>
    withFolder(async (env, root) => {
      await using stand = await startKeptStand(env);
      expect(await stand.via(stand.path())).toBe("MISS");
      rmSync(root, { recursive: true, force: true });
      writeFileSync(root, "a file now");
      for (let width = 1; width < 20; width++) expect(await stand.via(stand.path(`w:${width}`))).toBe("MISS");
    }));
});
