import { join } from "node:path";
import type { Config } from "../config/config.ts";
import { AppError, messageOf } from "../errors.ts";
import type { Logger, Metrics } from "../telemetry/types.ts";
import { BucketStore, type ObjectBucket } from "./bucket-store.ts";
import { type CacheMetrics, registerCacheMetrics } from "./cache-metrics.ts";
import { DiskStore } from "./disk/disk-store.ts";
import { GuardedStore } from "./guarded-store.ts";
import { MemoryStore } from "./memory-store.ts";
import { ResultCache, type SlowLayer } from "./result-cache.ts";
import type { ResultStore } from "./types.ts";

/** What of `Config` decides where results are kept. */
export type CacheConfig = Pick<
  Config,
  | "cacheUse"
  | "cacheMemorySizeBytes"
  | "cacheFsRoot"
  | "cacheFsSizeBytes"
  | "cacheBucket"
  | "cachePathPrefix"
  | "cacheReportErrors"
>;

export type CacheServices = {
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Opens the bucket of `IMGPROXY_CACHE_BUCKET`; called when the `s3` layer is on. */
  readonly openBucket: () => Promise<ObjectBucket>;
};

/** The layout of names and records below; another one lives beside it and does not disturb it. */
const LAYOUT = "results-v1";

const DISK_TIMEOUT_MS = { readTimeoutMs: 2000, writeTimeoutMs: 20_000 };
const BUCKET_TIMEOUT_MS = { readTimeoutMs: 3000, writeTimeoutMs: 30_000 };

/**
 * Opens the layers that the configuration turns on; undefined when it turns on none. Throws `AppError("config")` for a folder
 * that cannot be used. A bucket that cannot be reached is found out later and never keeps the server from serving.
 */
export async function openResultCache(config: CacheConfig, services: CacheServices): Promise<ResultCache | undefined> {
  const { cacheUse } = config;
  if (cacheUse.length === 0) return undefined;
  const metrics = registerCacheMetrics(services.metrics);
  const slow: SlowLayer[] = [];
  const guard = (name: string, store: ResultStore, limits: typeof DISK_TIMEOUT_MS) => {
    const logLevel = config.cacheReportErrors ? ("error" as const) : ("warn" as const);
    return new GuardedStore(store, { layer: name, logger: services.logger, logLevel, metrics, ...limits });
  };
  const memory = cacheUse.includes("memory") ? openMemory(config, services.metrics, metrics) : undefined;
  if (cacheUse.includes("fs")) {
    const disk = await openDisk(config, services.metrics, metrics);
    slow.push({ name: "fs", store: guard("fs", disk, DISK_TIMEOUT_MS), writersAtOnce: 2 });
  }
  if (cacheUse.includes("s3")) {
    const prefix = [config.cachePathPrefix.replace(/^\/+|\/+$/g, ""), LAYOUT, ""]
      .filter((part, index) => part !== "" || index > 0)
      .join("/");
    const bucket = new BucketStore(await services.openBucket(), prefix);
    slow.push({ name: "s3", store: guard("s3", bucket, BUCKET_TIMEOUT_MS), writersAtOnce: 4 });
  }
  return new ResultCache({ memory, slow, metrics });
}

function openMemory(config: CacheConfig, metrics: Metrics, { evictions }: CacheMetrics): MemoryStore {
  const memory = new MemoryStore(config.cacheMemorySizeBytes, () => evictions.add(1, { layer: "memory" }));
  metrics.gauge("cache_memory_bytes", "Memory that results take.", () => memory.bytes);
  metrics.gauge("cache_memory_results", "Results in memory.", () => memory.count);
  return memory;
}

async function openDisk(config: CacheConfig, metrics: Metrics, { evictions }: CacheMetrics): Promise<DiskStore> {
  const { cacheFsRoot, cacheBucket, cachePathPrefix, cacheFsSizeBytes } = config;
  const root = join(cacheFsRoot, cacheBucket, cachePathPrefix, LAYOUT);
  const onEviction = () => evictions.add(1, { layer: "fs" });
  const disk = await DiskStore.open({ root, maxBytes: cacheFsSizeBytes, onEviction }).catch((error: unknown) => {
    const reason = messageOf(error);
    throw new AppError("config", `the folder for results, ${root}, cannot be used: ${reason}`, {
      hint: "Correct IMGPROXY_CACHE_FS_ROOT, or let this user write to it.",
      cause: error,
    });
  });
  metrics.gauge("cache_fs_bytes", "Room on the disk that results take.", () => disk.bytes);
  metrics.gauge("cache_fs_results", "Results on the disk.", () => disk.count);
  return disk;
}
