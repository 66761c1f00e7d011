import type { Config } from "../../config/config.ts";
import type { WorkQueue } from "../../http/work-queue.ts";
import { readVipsMemory } from "../../image/configure-sharp.ts";
import type { Logger } from "../../telemetry/types.ts";

export type MemoryCareParts = {
  readonly config: Pick<Config, "freeMemoryIntervalSeconds" | "logMemStats">;
  readonly queue: Pick<WorkQueue, "busy">;
  readonly logger: Logger;
  /** Hands unused memory back; blocks. */
  readonly release: () => void;
  /** Seconds of CPU that this process has taken so far. */
  readonly cpuSeconds?: () => number;
};

/** Less work than this leaves nothing worth collecting. */
const LEAST_CPU_SECONDS = 0.1;

/**
 * Every IMGPROXY_FREE_MEMORY_INTERVAL hands memory back to the system, if there was work since and no image is in work now: the
 * C library keeps what the largest images took otherwise. Writes memory figures to the log where IMGPROXY_LOG_MEM_STATS asks.
 */
export function startMemoryCare(parts: MemoryCareParts): { stop(): void } {
  const { config, queue, logger, release, cpuSeconds = ownCpuSeconds } = parts;
  let releasedAt = cpuSeconds();
  const timer = setInterval(() => {
    if (queue.busy === 0 && cpuSeconds() - releasedAt >= LEAST_CPU_SECONDS) {
      release();
      releasedAt = cpuSeconds();
    }
    if (config.logMemStats) logger.log("debug", "Memory usage", memoryFields());
  }, config.freeMemoryIntervalSeconds * 1000);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function memoryFields() {
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
  const { current, high } = readVipsMemory();
  return {
    resident_bytes: rss,
    js_heap_used_bytes: heapUsed,
    js_heap_size_bytes: heapTotal,
    external_bytes: external,
    vips_bytes: current,
    vips_max_bytes: high,
  };
}
