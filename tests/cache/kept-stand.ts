/** A whole server that keeps results, in front of an origin that the test controls and that remembers what it was asked. */
import sharp from "sharp";
import { openResultCache } from "../../src/cache/open-result-cache.ts";
import { loadConfig } from "../../src/config/config.ts";
import { createApp } from "../../src/http/app.ts";
import type { Services } from "../../src/http/services.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { silentLogger } from "../../src/telemetry/types.ts";
import { type Stand, startStand } from "../http/stand.ts";

/** PNGs of 64 × 48 pixels that differ in colour. */
export const [RED, BLUE] = (await Promise.all(
  ["#c03020", "#2030c0"].map((background) =>
    sharp({ create: { width: 64, height: 48, channels: 3, background } })
      .png()
      .toBuffer(),
  ),
)) as [Buffer, Buffer];

export type Asked = { readonly path: string; readonly headers: Headers };

export type CountingOrigin = AsyncDisposable & {
  readonly url: string;
  readonly asked: Asked[];
  /** What it answers from now on. */
  answer: (request: Request) => Response | Promise<Response>;
};

export function startCountingOrigin(answer: CountingOrigin["answer"] = () => image(RED)): CountingOrigin {
  const asked: Asked[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 120,
    fetch(request) {
      asked.push({ path: new URL(request.url).pathname, headers: request.headers });
      return origin.answer(request);
    },
  });
  const origin: CountingOrigin = {
    url: `http://127.0.0.1:${server.port}`,
    asked,
    answer,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
  return origin;
}

export function image(bytes: Buffer, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(new Uint8Array(bytes), { headers: { "Content-Type": "image/png", ...headers } });
}

/** An answer with an entity tag, or 304 for whoever has it. */
export function tagged(
  request: Request,
  bytes: Buffer,
  etag: string,
  more: Readonly<Record<string, string>> = {},
): Response {
  const headers = { ETag: etag, ...more };
  return request.headers.get("if-none-match") === etag
    ? new Response(null, { status: 304, headers })
    : image(bytes, headers);
}

export type KeptStand = Stand & {
  /** Path of an image below the origin, with options. */
  readonly path: (options?: string, source?: string) => string;
  /** The value of `X-Cache`, and the status where it is not 200. */
  via(path: string, headers?: Readonly<Record<string, string>>): Promise<string>;
  readonly origin: CountingOrigin;
  /** Whether results in memory may be answered without going the whole way. */
  readonly hasShortWay: boolean;
};

/** Starts both; development mode shows where answers come from. `IMGPROXY_CACHE_USE` is `memory` unless given. */
export async function startKeptStand(
  env: Readonly<Record<string, string>> = {},
  answer?: CountingOrigin["answer"],
): Promise<KeptStand> {
  const origin = startCountingOrigin(answer);
  const variables = { IMGPROXY_CACHE_USE: "memory", IMGPROXY_DEVELOPMENT_ERRORS_MODE: "true", ...env };
  const results = await openResultCache(loadConfig(variables).config, {
    logger: silentLogger,
    metrics: createMetrics(""),
    openBucket: () => Promise.reject(new Error("no bucket in these tests")),
  });
  let hasShortWay = false;
  const change = (services: Services) => {
    hasShortWay = createApp({ ...services, results }).answerAtOnce !== undefined;
    return { results };
  };
  const stand = await startStand({ env: variables, change });
  return {
    ...stand,
    origin,
    hasShortWay,
    path: (options = "w:20", source = "/a.png") => `/unsafe/${options}/plain/${origin.url}${source}`,
    async via(path, headers) {
      const response = await stand.get(path, headers);
      await response.arrayBuffer();
      const shown = response.headers.get("x-cache") ?? "none";
      return response.status === 200 ? shown : `${response.status} ${shown}`;
    },
    async [Symbol.asyncDispose]() {
      await stand[Symbol.asyncDispose]();
      await results?.close();
      await origin[Symbol.asyncDispose]();
    },
  };
}
