import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../src/config/config.ts";
import { AppError } from "../../src/errors.ts";
import { readBody } from "../../src/source/read-body.ts";
import { createSourceRegistry, sourceFor } from "../../src/source/registry.ts";
import type { SourceRegistry, SourceUrl } from "../../src/source/types.ts";
import { noMetrics, silentLogger } from "../../src/telemetry/types.ts";

function registryOf(variables: Readonly<Record<string, string>>): SourceRegistry {
  const { config } = loadConfig(variables);
  const services = { logger: silentLogger, metrics: noMetrics, env: variables, checkRedirect: () => undefined };
  return createSourceRegistry(config, services);
}

function messageFor(registry: SourceRegistry, url: string): string {
  try {
    sourceFor(registry, url as SourceUrl);
  } catch (error) {
    if (error instanceof AppError && error.kind === "source_unreachable") return error.message;
    throw error;
  }
  return "served";
}

test("http and https are always there, on one set of connections", () => {
  const registry = registryOf({});
  expect([...registry.keys()]).toEqual(["http", "https"]);
  expect(registry.get("http")).toBe(registry.get("https"));
});

test("schemes are matched whatever their case", () => {
  expect(messageFor(registryOf({}), "HTTP://h/")).toBe("served");
});

test.each([
  ["local:///a", "unknown scheme: local (set IMGPROXY_LOCAL_FILESYSTEM_ROOT to enable)"],
  ["s3://b/k", "unknown scheme: s3 (set IMGPROXY_USE_S3 to enable)"],
  ["gs://b/k", "unknown scheme: gs (set IMGPROXY_USE_GCS to enable)"],
  ["abs://b/k", "unknown scheme: abs (set IMGPROXY_USE_ABS to enable)"],
  ["SWIFT://b/k", "unknown scheme: swift (set IMGPROXY_USE_SWIFT to enable)"],
  ["ftp://h/a", "unknown scheme: ftp"],
  ["file:///etc/passwd", "unknown scheme: file"],
  ["data:image/png;base64,AA", "unknown scheme: data"],
  ["a.png", "unknown scheme: "],
  ["", "unknown scheme: "],
])("%j is refused with what would turn it on", (url, message) => {
  expect(messageFor(registryOf({}), url)).toBe(`can't download source image: ${message}`);
});

test("a root turns local files on", async () => {
  const root = mkdtempSync(join(tmpdir(), "registry-"));
  writeFileSync(join(root, "a.txt"), "hello");
  const registry = registryOf({ IMGPROXY_LOCAL_FILESYSTEM_ROOT: root });
  const request = { url: "local:///a.txt" as SourceUrl, headers: {}, signal: new AbortController().signal };
  const response = await sourceFor(registry, request.url).fetch(request);
  expect(Buffer.from(await readBody(response, { maxBytes: 0, signal: request.signal })).toString()).toBe("hello");
  rmSync(root, { recursive: true });
});

test("IMGPROXY_USE_S3 turns s3 on", async () => {
  const registry = registryOf({
    IMGPROXY_USE_S3: "true",
    IMGPROXY_S3_ENDPOINT: "http://127.0.0.1:1",
    AWS_ACCESS_KEY_ID: "a",
    AWS_SECRET_ACCESS_KEY: "b",
  });
  expect(messageFor(registry, "s3://b/k")).toBe("served");
  await registry.get("s3")?.close?.();
});
