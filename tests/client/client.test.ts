import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient, type Wish } from "../../src/client/client.ts";
import { SERVER_DEFAULTS } from "../../src/client/wanted-options.ts";
import { loadConfig } from "../../src/config/config.ts";
import { compileRequestSettings, readImageRequest } from "../../src/http/read-request.ts";
import { defaultOptions } from "../../src/options/default-options.ts";

const KEYS = { key: "736563726574", salt: "68656c6c6f" };
const signed = createClient({ baseUrl: "https://img.example.com/", ...KEYS });
const plain = createClient({ baseUrl: "" });

const { config } = loadConfig({
  IMGPROXY_KEY: KEYS.key,
  IMGPROXY_SALT: KEYS.salt,
  IMGPROXY_PRESETS: "thumb=rs:fill:100:100",
});
const server = compileRequestSettings(config);
const read = (url: string) => readImageRequest(url.replace("https://img.example.com", ""), server);

describe("the client", () => {
  test("builds the URL that the documentation of signatures shows", async () => {
    const base64 = createClient({ baseUrl: "", ...KEYS });
    expect(await base64.url("local:///png/png.png", { width: 10 })).toBe(
      "/IjRkv2FmaaQKKgmuYjVHvf0EY0vWnNoyCUgPoEZEC0E/w:10/plain/local:///png/png.png",
    );
  });

  test.each<[Wish, string]>([
    [{}, "/unsafe/plain/s3://b/k"],
    [{ resizingType: "fill", width: 300, height: 200, gravity: "sm" }, "/unsafe/rs:fill:300:200/g:sm/plain/s3://b/k"],
    [{ gravity: { type: "fp", x: 0.3, y: 0.7 } }, "/unsafe/g:fp:0.3:0.7/plain/s3://b/k"],
    [{ crop: { width: 100, height: 50, gravity: { type: "no" } } }, "/unsafe/c:100:50:no:0:0/plain/s3://b/k"],
    [{ background: "#f00", padding: { top: 5 } }, "/unsafe/pd:5:0:0:0/bg:ff0000/plain/s3://b/k"],
    [{ extend: { isEnabled: true, gravity: "so" }, width: 9 }, "/unsafe/w:9/ex:1:so:0:0/plain/s3://b/k"],
    [{ quality: 70, format: "webp" }, "/unsafe/q:70/plain/s3://b/k@webp"],
    [{ presets: ["thumb", "sharp"], width: 5 }, "/unsafe/pr:thumb:sharp/w:5/plain/s3://b/k"],
    [{ segments: ["cb:7"] }, "/unsafe/cb:7/plain/s3://b/k"],
  ])("writes %j", async (wish, url) => {
    const built = await plain.url("s3://b/k", wish);
    const [options = ""] = built.split("/plain/");
    expect(new Set(options.split("/"))).toEqual(new Set((url.split("/plain/")[0] ?? "").split("/")));
    expect(built.split("/plain/")[1]).toBe(url.split("/plain/")[1]);
  });

  test("says switches aloud even where they are the default, since a server may differ", async () => {
    expect(await plain.url("s3://b/k", { stripMetadata: true, autoRotate: true })).toMatch(
      /\/ar:1\/sm:1\/plain|\/sm:1\/ar:1\/plain/,
    );
    expect(await plain.url("s3://b/k", { enlarge: false })).toContain("el:0");
  });

  test("is understood by the server, signature and all", async () => {
    const source = "s3://bucket/a cat,with (odd) name?.jpg";
    for (const encoding of ["plain", "base64"] as const) {
      const client = createClient({ baseUrl: "https://img.example.com", ...KEYS, encoding });
      const request = read(
        await client.url(source, { width: 300, format: "avif", trim: { isEnabled: true, threshold: 10 } }),
      );
      expect(request.source as string).toBe(source);
      expect(request.options).toMatchObject({ format: "avif" });
      expect(request.options.pipelines[0]).toMatchObject({ width: 300, trim: { isEnabled: true, threshold: 10 } });
    }
    expect(read(await signed.url(source, { presets: ["thumb"] })).options.pipelines[0]).toMatchObject({ width: 100 });
  });

  test("writes srcsets by width and by density", async () => {
    const widths = (await signed.srcset("s3://b/k,1.jpg", { widths: [320, 640] }, { format: "webp" })).split(", ");
    expect(widths.map((entry) => entry.split(" ")[1])).toEqual(["320w", "640w"]);
    const [first, second] = widths.map((entry) => read(entry.split(" ")[0] ?? ""));
    expect([first?.options.pipelines[0].width, second?.options.pipelines[0].width]).toEqual([320, 640]);
    const densities = (await signed.srcset("s3://b/k", { densities: [1, 2] }, { width: 100 })).split(", ");
    expect(read(densities[1]?.split(" ")[0] ?? "").options.pipelines[0]).toMatchObject({ width: 100, dpr: 2 });
    expect(densities.map((entry) => entry.split(" ")[1])).toEqual(["1x", "2x"]);
  });

  test("writes what a picture element needs", async () => {
    const { sources, img } = await plain.picture(
      "s3://b/k.jpg",
      { widths: [100] },
      { resizingType: "fill", height: 50 },
    );
    expect(sources.map(({ type }) => type)).toEqual(["image/avif", "image/webp"]);
    expect(sources[1]?.srcset).toBe("/unsafe/rs:fill:100:50/plain/s3://b/k.jpg@webp 100w");
    expect(img.src).not.toContain("@");
  });

  test("refuses what no server would understand", async () => {
    expect(() => createClient({ baseUrl: "", key: "ab" })).toThrow("key and salt go together");
    expect(() => createClient({ baseUrl: "", key: "xyz", salt: "00" })).toThrow("key must be hexadecimal");
    expect(plain.url("s3://b/k", { background: "#12345" })).rejects.toThrow("is no colour");
    // A caller without types.
    expect(plain.url("s3://b/k", { widht: 3 } as Wish)).rejects.toThrow('there is no option "widht"');
    expect(plain.url("", {})).rejects.toThrow("the source URL is empty");
  });
});

test("the client starts from the defaults that a server has", () => {
  expect(SERVER_DEFAULTS).toEqual(defaultOptions(loadConfig({}).config));
});

describe("the client outside of Bun", () => {
  const folder = mkdtempSync(join(tmpdir(), "client-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("bundles for browsers without any module of a runtime, and runs in Node.js", async () => {
    const built = await Bun.build({
      entrypoints: [join(import.meta.dir, "../../src/client/client.ts")],
      target: "browser",
      minify: true,
      external: ["node:*"],
    });
    const code = (await built.outputs[0]?.text()) ?? "";
    expect(code).not.toMatch(/node:|require\(/);
    await Bun.write(join(folder, "client.mjs"), code);
    await Bun.write(
      join(folder, "use.mjs"),
      `import { createClient } from "./client.mjs";
       console.log(await createClient({ baseUrl: "", key: "${KEYS.key}", salt: "${KEYS.salt}" }).url("local:///png/png.png", { width: 10 }));`,
    );
    const runtime = Bun.which("node") ?? process.execPath;
    const { stdout, stderr } = Bun.spawnSync([runtime, join(folder, "use.mjs")]);
    expect(stderr.toString()).toBe("");
    expect(stdout.toString().trim()).toBe(
      "/IjRkv2FmaaQKKgmuYjVHvf0EY0vWnNoyCUgPoEZEC0E/w:10/plain/local:///png/png.png",
    );
    expect(code.length).toBeLessThan(48_000);
  });
});
