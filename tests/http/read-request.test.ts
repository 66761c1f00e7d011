import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppError } from "../../src/errors.ts";
import { createEdge } from "../../src/http/edge.ts";
import { createListener } from "../../src/http/listener.ts";
import { rawTarget } from "../../src/http/raw-target.ts";
import {
  compileRequestSettings,
  type RequestConfig,
  type RequestSettings,
  readImageRequest,
} from "../../src/http/read-request.ts";
import { printOptions } from "../../src/options/print-options.ts";
import { OPTIONS } from "../../src/options/table/option-table.ts";
import { silentLogger } from "../../src/telemetry/types.ts";
import { printPath, printTarget } from "../../src/url/print-path.ts";
import { signPath } from "../../src/url/signature.ts";
import { NOW, REFERENCE_SETTINGS, refusalOf } from "../options/reference-settings.ts";
import { mutatedTargets } from "../url/hostile-targets.ts";
import { seededRandom } from "../url/seeded-random.ts";

const CONFIG: RequestConfig = {
  ...REFERENCE_SETTINGS,
  presets: "",
  presetsSeparator: ",",
  presetsPath: "",
  key: [],
  salt: [],
  signatureSize: 32,
  trustedSignatures: [],
  baseUrl: "",
  urlReplacements: [],
  allowedSources: [],
  sourceUrlQuerySeparator: "?",
  pathPrefix: "",
  base64UrlIncludesFilename: false,
};
const settingsWith = (config: Partial<RequestConfig> = {}) => compileRequestSettings({ ...CONFIG, ...config }, NOW);
const LISTENER_SETTINGS = {
  readRequestTimeoutSeconds: 10,
  writeResponseTimeoutSeconds: 10,
  keepAliveTimeoutSeconds: 10,
  maxClients: 0,
};
const pair = { key: Uint8Array.of(1, 2, 3), salt: Uint8Array.of(4, 5) };
const signed = { key: [pair.key], salt: [pair.salt] };

const read = (target: string, config: Partial<RequestConfig> = {}) =>
  readImageRequest(target, settingsWith(config), NOW);
const refusal = (target: string, config: Partial<RequestConfig> = {}) => refusalOf(() => read(target, config));

describe("reading an image request", () => {
  test("gives options, source, signature and the path that was signed", () => {
    const { options, source, signature, path } = read("//sig//w%3A10/plain/local:/a%20b.png@webp?x=1");
    expect(options.pipelines[0].width).toBe(10);
    expect(options.format).toBe("webp");
    expect(String(source)).toBe("local:///a b.png");
    expect(signature).toBe("sig");
    expect(path).toBe("/w:10/plain/local:///a%20b.png@webp");
  });

  test.each<[string, Partial<RequestConfig>, string]>([
    ["/sig/w:%zz", signed, "bad_request"],
    ["/sig/", signed, "invalid_url"],
    ["/sig/w:x/!", signed, "forbidden"],
    ["/w:1/w:x/!", {}, "signature_missing"],
    ["/sig/msr:1/!", {}, "option_forbidden"],
    ["/sig/w:x/plain/bad://@nope", { allowedSources: ["s3://"] }, "invalid_url"],
    ["/sig/plain/bad://x@nope", { allowedSources: ["s3://"] }, "invalid_url"],
    ["/sig/plain/bad://x@webp", { allowedSources: ["s3://"] }, "source_forbidden"],
    ["/sig/raw:1/plain/bad://x@nope", { allowedSources: ["s3://"] }, "source_forbidden"],
    ["/sig/fill/300/400/ce/0/plain/x", {}, "invalid_url"],
    ["/sig/w:10", {}, "invalid_url"],
    ["/sig/plain", {}, "invalid_url"],
    ["/sig/plain/@webp", { baseUrl: "http://h/" }, "invalid_url"],
  ])("%s is refused by the first check that fails", (target, config, kind) =>
    expect(refusal(target, config).kind).toBe(kind as AppError["kind"]),
  );

  test("leaves the format of a raw request alone", () =>
    expect(read("/sig/raw:1/plain/s3://b/k@nope").options).toMatchObject({ raw: true, format: null }));

  test("reads an empty base64 source with a base URL", () =>
    expect(String(read("/sig/====", { baseUrl: "http://h/base" }).source)).toBe("http://h/base"));

  test("knows the path prefix and the file name behind base64", () => {
    const { source } = read("/img/sig/w:10/bG9jYWw6Ly8vYQ/puppy.jpg", {
      pathPrefix: "/img",
      base64UrlIncludesFilename: true,
    });
    expect(String(source)).toBe("local:///a");
  });

  test("knows presets-only mode", () => {
    const config = { presets: "thumb=rs:fill:20:20|plain=w:7", presetsSeparator: "|", onlyPresets: true };
    expect(read("/sig/thumb/plain/x", config).options.pipelines[0].width).toBe(20);
    expect(refusal("/sig/plain/x://y", config).kind).toBe("invalid_url");
  });
});

describe("presets from a file", () => {
  const folder = mkdtempSync(join(tmpdir(), "presets-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  test("come after those of the variable", () => {
    const presetsPath = join(folder, "presets.txt");
    writeFileSync(presetsPath, "# sizes\r\na=w:2\r\n\r\nb=h:3\n");
    const config = { presets: "a=w:1", presetsPath };
    expect(read("/sig/pr:a:b/plain/x", config).options.pipelines[0]).toMatchObject({ width: 2, height: 3 });
  });

  test("must be readable", () =>
    expect(refusalOf(() => settingsWith({ presetsPath: join(folder, "none") })).kind).toBe("config"));
});

describe("a printed and signed URL", () => {
  const settings = settingsWith({ ...signed, allowSecurityOptions: true });
  const base = settings.options.base;
  const urlOf = (options: readonly string[], encoding: "plain" | "base64") => {
    const path = printPath({ options, source: "s3://bucket/ä b.jpg?v1", extension: "png", encoding });
    return printTarget(path, signPath(path, pair));
  };

  test("of every example of every option reads back as the same value", () => {
    for (const example of OPTIONS.flatMap((row) => row.examples)) {
      for (const encoding of ["plain", "base64"] as const) {
        const first = readImageRequest(urlOf([example], encoding), settings, NOW);
        const printed = printOptions(first.options, base).filter((text) => text !== "f:png");
        const again = readImageRequest(urlOf(printed, encoding), settings, NOW);
        expect(again.options).toEqual(first.options);
        expect(String(again.source)).toBe("s3://bucket/ä b.jpg?v1");
      }
    }
  });

  test("is refused when any single byte is changed", () => {
    const target = urlOf(["rs:fill:300:200", "q:80"], "plain");
    for (let index = 1; index < target.length; index += 1) {
      const char = target[index] === "x" ? "y" : "x";
      const changed = target.slice(0, index) + char + target.slice(index + 1);
      expect([403, 400]).toContain(refusalOf(() => readImageRequest(changed, settings, NOW)).status);
    }
  });
});

/** Sends one request for a target, byte for byte, and gives the body of the answer. */
function ask(port: number, target: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () =>
      socket.write(`GET ${target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`),
    );
    socket.on("data", (chunk) => {
      answer += chunk.toString("utf8");
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(answer.split("\r\n\r\n")[1] ?? ""));
  });
}

describe("the target that the listener knows", () => {
  test.each([
    "/a/../b/./c",
    "/a/%2e%2E/b",
    "/s/w:10/plain/local:///../x",
    "/a\\b",
    '/é/"<>^`{}|[]',
    "//a//b?c#d",
    "/a#b<c",
    "/%zz%",
    "http://other/p",
  ])("%s is the one that was sent", async (target) => {
    const edge = createEdge();
    const app = {
      fetch: (request: Request) => {
        const body = Buffer.from(edge.exchangeOf(request).target);
        return new Response(body, { headers: { "Content-Length": String(body.length) } });
      },
    };
    const listener = createListener({ app, edge, settings: LISTENER_SETTINGS, logger: silentLogger });
    try {
      expect(await ask(await listener.listen({ host: "127.0.0.1", port: 0 }), target)).toBe(target);
    } finally {
      await listener.stop(0);
    }
  });
});

describe("the target of a bare Request", () => {
  test.each([
    ["http://h/a/b?c", "/a/b?c"],
    ["https://h:8080/a//b#c", "/a//b#c"],
    ["http://h/", "/"],
    ["http://h", "/"],
    ["/a/../b", "/a/../b"],
    ["http://[::1]:80/x/http://y/z", "/x/http://y/z"],
  ])("of %s is %s", (url, target) => expect(rawTarget({ url })).toBe(target));

  // Why the server does not listen with Bun.serve: everything in which its target is known to differ from what was sent.
  test("differs from what was sent in the ways that docs/url.md lists", async () => {
    const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: (request) => new Response(rawTarget(request)) });
    const served = (target: string) => ask(server.port ?? 0, target);
    try {
      const kept = "//a//b/%7e%C3%a9/:@!$&'()*+,;=~-._|[]/plain/http://h/x%2F%zz%";
      expect(await served(kept)).toBe(kept);
      expect(await served("/a#b<c")).toBe("/a#b%3Cc");
      expect(await served("/a/../b/./c")).toBe("/b/c");
      expect(await served("/a/%2e%2E/b")).toBe("/b");
      expect(await served("/s/w:10/plain/local:///../x")).toBe("/s/w:10/plain/local://x");
      expect(await served("/a\\b")).toBe("/a/b");
      expect(await served('/é/"<>^`{}')).toBe("/%C3%A9/%22%3C%3E%5E%60%7B%7D");
      expect(await served("http://other/p")).toBe("/p");
    } finally {
      await server.stop(true);
    }
  });
});

/** A million by `IMGPROXY_TEST_FUZZ=1000000`; also `bun bench/url.ts fuzz`. */
const ROUNDS = Number(process.env["IMGPROXY_TEST_FUZZ"] ?? 20_000);

const SLOW_MS = 20;

/** What reading a target ends with; anything but a value or an answer below 500 fails the test. */
function outcomeOf(target: string, settings: RequestSettings): string {
  try {
    readImageRequest(target, settings, NOW);
    return "value";
  } catch (error) {
    if (!(error instanceof AppError) || error.status >= 500) throw new Error(target, { cause: error });
    return error.kind;
  }
}

/** Whether it takes that long every time: once may be a pause of the garbage collector or of the machine. */
function isSlow(target: string, settings: RequestSettings): boolean {
  return Array.from({ length: 5 }, () => {
    const start = performance.now();
    outcomeOf(target, settings);
    return performance.now() - start;
  }).every((ms) => ms > SLOW_MS);
}

describe("hostile targets", () => {
  test(
    `${ROUNDS} random and mutated ones end in a value or an AppError below 500, and none is slow`,
    () => {
      const configs = [
        settingsWith({ presets: "default=q:1,a=pr:a/w:1,b=rs:fill:1:1" }),
        settingsWith({
          ...signed,
          trustedSignatures: ["t"],
          allowedSources: ["local:///*/a*b", "http://*.x.y/", "s3://b"],
        }),
        settingsWith({
          argumentsSeparator: "--",
          allowSecurityOptions: true,
          baseUrl: "http://h/",
          base64UrlIncludesFilename: true,
          pathPrefix: "/p",
        }),
        settingsWith({
          onlyPresets: true,
          presets: "a=w:1",
          urlReplacements: [{ key: "*a*/b*c*d", value: "$1$2$3$4" }],
        }),
      ];
      const kinds = new Set<string>();
      const slow: string[] = [];
      for (const target of mutatedTargets(seededRandom(ROUNDS), ROUNDS)) {
        for (const settings of configs) {
          const start = performance.now();
          kinds.add(outcomeOf(target, settings));
          if (performance.now() - start > SLOW_MS && isSlow(target, settings)) slow.push(target);
        }
      }
      expect([...kinds].sort()).toEqual([
        "bad_request",
        "forbidden",
        "invalid_url",
        "option_forbidden",
        "signature_missing",
        "source_forbidden",
        "value",
      ]);
      expect(slow).toEqual([]);
    },
    { timeout: 600_000 },
  );

  test("of a megabyte are read in time", () => {
    const settings = settingsWith({ allowedSources: ["http://*a*b*c*.x/"], presets: "a=w:1" });
    const long = 1_000_000;
    const targets = [
      `/u/${"w:1/".repeat(long / 4)}plain/x`,
      `/u/cb:${"a".repeat(long)}/plain/http://h/`,
      `/u/w:${"1".repeat(long)}/plain/x`,
      `/u/dpr:${"1_".repeat(long / 2)}/plain/x`,
      `/u/fq${":jpg:1".repeat(long / 6)}/plain/x`,
      `/u/rs${":".repeat(long)}/plain/x`,
      `/u/plain/http://${"a.".repeat(long / 2)}x/`,
      `/u/plain/${":/".repeat(long / 2)}`,
      `/u/plain/${"%C3%A9".repeat(long / 6)}`,
      `/u/plain/${"%FF".repeat(long / 3)}`,
      `/u/${"=".repeat(long)}`,
      `/u/${"A".repeat(long)}${"=".repeat(9)}x`,
      `/u/plain/x@${"@".repeat(long)}`,
      `/${"s".repeat(long)}`,
      `/u/${"/".repeat(long)}`,
      `/u/${"x".repeat(long)}:1/plain/x`,
      `/u/pr${":a".repeat(long / 2)}/plain/x`,
    ];
    for (const target of targets) {
      const start = performance.now();
      outcomeOf(target, settings);
      const isQuick = performance.now() - start < 1500;
      expect([target.slice(0, 20), isQuick]).toEqual([target.slice(0, 20), true]);
    }
  });
});
