import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ObjectBucket } from "../../src/cache/bucket-store.ts";
import { openResultCache } from "../../src/cache/open-result-cache.ts";
import { loadConfig } from "../../src/config/config.ts";
import { failureOf } from "../support/failure.ts";
import { Recorder } from "../support/s3-recorder.ts";
import { filesBelow, resultsBelow } from "./result-folder.ts";
import { isSame, keyOf, never, resultOf } from "./results.ts";

const folder = mkdtempSync(join(tmpdir(), "imgproxy-result-cache-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A bucket in the test's own hands; MinIO is for the suite of the bucket store. */
function testBucket() {
  const objects = new Map<string, Uint8Array>();
  const bucket: ObjectBucket = {
    get: async (name) => objects.get(name),
    put: async (name, bytes) => void objects.set(name, bytes),
    remove: async (name) => void objects.delete(name),
    close: async () => undefined,
  };
  return { bucket, objects };
}

let next = 0;
async function openCache(use: string, given: Readonly<Record<string, string>> = {}, bucket = testBucket().bucket) {
  const recorder = new Recorder();
  const root = join(folder, String(next++));
  const variables = {
    IMGPROXY_CACHE_USE: use,
    IMGPROXY_CACHE_FS_ROOT: root,
    IMGPROXY_CACHE_BUCKET: "results",
    ...given,
  };
  const cache = await openResultCache(loadConfig(variables).config, {
    logger: recorder.logger,
    metrics: recorder.metrics,
    openBucket: async () => bucket,
  });
  if (cache === undefined) throw new Error("the cache is off");
  return { cache, recorder, root: variables.IMGPROXY_CACHE_FS_ROOT };
}

describe("the result cache", () => {
  test("is off by default", async () => {
    const services = { ...new Recorder(), openBucket: async () => testBucket().bucket };
    expect(await openResultCache(loadConfig({}).config, services)).toBeUndefined();
  });

  test("gives what the fastest layer has and brings it nearer", async () => {
    const { bucket, objects } = testBucket();
    const writer = await openCache("s3", { IMGPROXY_CACHE_PATH_PREFIX: "/site/" }, bucket);
    writer.cache.keep(keyOf("a"), resultOf(500));
    await writer.cache.close();
    expect([...objects.keys()]).toEqual([`site/results-v1/${keyOf("a").slice(0, 2)}/${keyOf("a")}`]);

    const { cache, recorder, root } = await openCache("s3,memory,fs", { IMGPROXY_CACHE_PATH_PREFIX: "/site/" }, bucket);
    expect(cache.recall(keyOf("a"))).toBeUndefined();
    const found = await cache.find(keyOf("a"), never);
    expect(found?.layer).toBe("s3");
    expect(isSame(found?.result, resultOf(500))).toBe(true);
    expect(cache.recall(keyOf("a"))?.layer).toBe("memory");
    await cache.close();
    expect(resultsBelow(root)).toEqual([`${root}/results/site/results-v1/${keyOf("a").slice(0, 2)}/${keyOf("a")}`]);
    objects.clear();
    const third = await openCache(
      "fs,s3",
      { IMGPROXY_CACHE_FS_ROOT: root, IMGPROXY_CACHE_PATH_PREFIX: "site" },
      bucket,
    );
    expect((await third.cache.find(keyOf("a"), never))?.layer).toBe("fs");
    expect(objects.size).toBe(0);
    await third.cache.close();
    expect(recorder.count("cache_hits_total s3")).toBe(1);
    expect(recorder.count("cache_hits_total memory")).toBe(1);
    expect(recorder.count("cache_read_bytes_total")).toBe(1000);
  });

  test("counts what no layer has", async () => {
    for (const use of ["memory", "fs", "memory,fs,s3"]) {
      const { cache, recorder } = await openCache(use);
      expect(cache.recall(keyOf("a"))).toBeUndefined();
      expect(await cache.find(keyOf("a"), never)).toBeUndefined();
      expect([recorder.count("cache_misses_total"), recorder.count("cache_hits_total")]).toEqual([1, 0]);
      await cache.close();
    }
  });

  test("finds at once what is still to be written", async () => {
    const { cache } = await openCache("fs");
    cache.keep(keyOf("a"), resultOf(500));
    expect(isSame((await cache.find(keyOf("a"), never))?.result, resultOf(500))).toBe(true);
    await cache.close();
  });

  test("forgets in every layer", async () => {
    const { bucket, objects } = testBucket();
    const { cache, root } = await openCache("memory,fs,s3", {}, bucket);
    cache.keep(keyOf("a"), resultOf(500));
    for (let waited = 0; (objects.size === 0 || resultsBelow(root).length === 0) && waited < 2000; waited += 5)
      await Bun.sleep(5);
    cache.forget(keyOf("a"));
    cache.keep(keyOf("b"), resultOf(500));
    cache.forget(keyOf("b"));
    for (let waited = 0; objects.size + filesBelow(root).length > 0 && waited < 2000; waited += 5) await Bun.sleep(5);
    expect([cache.recall(keyOf("a")), await cache.find(keyOf("b"), never)]).toEqual([undefined, undefined]);
    await cache.close();
    expect([objects.size, filesBelow(root)]).toEqual([0, []]);
  });

  test("shows how much it holds", async () => {
    const { cache, recorder } = await openCache("memory,fs");
    cache.keep(keyOf("a"), resultOf(10_000));
    await cache.close();
    expect(recorder.gauge("cache_memory_results")).toBe(1);
    expect(recorder.gauge("cache_memory_bytes")).toBeGreaterThan(10_000);
    expect(recorder.gauge("cache_fs_results")).toBe(1);
    expect(recorder.gauge("cache_fs_bytes")).toBe(12_288);
    expect(recorder.count("cache_written_bytes_total fs")).toBe(10_000);
  });

  test("reports faults as errors where that is wanted", async () => {
    const failing: ObjectBucket = { ...testBucket().bucket, get: () => Promise.reject(new Error("no such bucket")) };
    for (const [given, level] of [
      [{}, "warn"],
      [{ IMGPROXY_CACHE_REPORT_ERRORS: "true" }, "error"],
    ] as const) {
      const { cache, recorder } = await openCache("s3", given, failing);
      expect(await cache.find(keyOf("a"), never)).toBeUndefined();
      expect(recorder.messages(level)).toEqual(["Kept results: cannot read"]);
      await cache.close();
    }
  });

  test("names the folder and the variable when the folder cannot be used", async () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    const error = await failureOf(openCache("fs", { IMGPROXY_CACHE_FS_ROOT: file }));
    expect([
      error.kind,
      error.message.startsWith(`the folder for results, ${file}/results/results-v1, cannot`),
    ]).toEqual(["config", true]);
    expect(error.hint).toContain("IMGPROXY_CACHE_FS_ROOT");
  });
});
