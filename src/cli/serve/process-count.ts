import type { Counter, Metrics } from "../../telemetry/types.ts";

/** Registers how many processes the server has; returns what counts those that had to be started anew. */
export function registerProcessCount(metrics: Metrics, serving: () => number): Counter {
  metrics.gauge("server_processes", "A gauge of the number of processes that serve.", serving);
  const restarts = metrics.counter("server_process_restarts_total", "Processes of the server started anew.");
  restarts.add(0);
  return restarts;
}
