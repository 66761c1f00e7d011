import { readdirSync, readFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Metrics } from "./types.ts";

/** What libvips says of its memory: bytes, and blocks where that is known. */
export type VipsMemory = { readonly current: number; readonly high: number; readonly allocations?: number };

/** Milliseconds between the samples of the event loop: fifty timers a second cost nothing that can be measured. */
const LOOP_RESOLUTION_MS = 20;
const PAGE_BYTES = 4096;

/**
 * Registers what there is to know of the process: the standard `process_*` names, memory of JavaScript and libvips, and how
 * late the event loop runs. Everything is read when the metrics are asked for; only the loop is watched, until `stop`.
 */
export function registerProcessMetrics(metrics: Metrics, readVips: () => VipsMemory): { stop(): void } {
  registerStandardMetrics(metrics);
  metrics.gauge("js_heap_used_bytes", "A gauge of the JavaScript heap in use.", () => process.memoryUsage().heapUsed);
  metrics.gauge(
    "js_heap_size_bytes",
    "A gauge of the size of the JavaScript heap.",
    () => process.memoryUsage().heapTotal,
  );
  metrics.gauge("vips_memory_bytes", "A gauge of the vips tracked memory usage in bytes.", () => readVips().current);
  metrics.gauge(
    "vips_max_memory_bytes",
    "A gauge of the max vips tracked memory usage in bytes.",
    () => readVips().high,
  );
  if (readVips().allocations !== undefined) {
    metrics.gauge(
      "vips_allocs",
      "A gauge of the number of active vips allocations.",
      () => readVips().allocations ?? 0,
    );
  }
  const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  loop.enable();
  metrics.gauge(
    "event_loop_delay_p99_seconds",
    "A gauge of the 99th percentile of how late the event loop ran since the last look.",
    () => {
      const seconds = loop.percentile(99) / 1e9;
      loop.reset();
      return seconds;
    },
  );
  return { stop: () => void loop.disable() };
}

/** The names that every Prometheus client has; dashboards for processes look for them. */
function registerStandardMetrics(metrics: Metrics): void {
  const startedAt = Math.round(Date.now() / 1000 - process.uptime());
  const maxFds = readMaxOpenFiles();
  metrics.counter("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.", () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  metrics.gauge("process_resident_memory_bytes", "Resident memory size in bytes.", () => process.memoryUsage.rss());
  metrics.gauge(
    "process_start_time_seconds",
    "Start time of the process since unix epoch in seconds.",
    () => startedAt,
  );
  if (process.platform !== "linux") return;
  metrics.gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.", readVirtualMemory);
  metrics.gauge("process_open_fds", "Number of open file descriptors.", () => readdirSync("/proc/self/fd").length);
  metrics.gauge("process_max_fds", "Maximum number of open file descriptors.", () => maxFds);
}

function readVirtualMemory(): number {
  return Number(readFileSync("/proc/self/statm", "utf8").split(" ")[0]) * PAGE_BYTES;
}

function readMaxOpenFiles(): number {
  if (process.platform !== "linux") return 0;
  const [, limit] = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
  return Number(limit ?? 0);
}
