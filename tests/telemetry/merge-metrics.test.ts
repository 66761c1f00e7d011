import { describe, expect, test } from "bun:test";
import { grownMetrics, mergeMetrics } from "../../src/telemetry/merge-metrics.ts";
import { createMetrics, renderMetrics } from "../../src/telemetry/metrics.ts";
import type { Metrics } from "../../src/telemetry/types.ts";

/** What a process shows that has counted so. */
function processWith(count: (metrics: Metrics) => void) {
  const metrics = createMetrics("");
  count(metrics);
  return metrics.snapshot();
}

function lines(...processes: ((metrics: Metrics) => void)[]): string[] {
  const text = renderMetrics(mergeMetrics(processes.map(processWith)), "");
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

const gauge = (name: string, value: number) => (metrics: Metrics) => void metrics.gauge(name, "", () => value);

describe("the metrics of several processes", () => {
  test("are those of the one process where there is one", () => {
    const one = processWith((metrics) => {
      metrics.counter("requests_total", "Requests.").add(3, { status: "200" });
      metrics.histogram("sizes", "Sizes.", [1, 2]).observe(1.5);
      metrics.gauge("workers", "Workers.", () => 4);
    });
    expect(mergeMetrics([one])).toEqual(one);
  });

  test("have the sum of what each counted, by labels", () => {
    const counted = lines(
      (metrics) => {
        const statuses = metrics.counter("statuses_total", "");
        statuses.add(2, { status: "200" });
        statuses.add(1, { status: "404" });
      },
      (metrics) => metrics.counter("statuses_total", "").add(5, { status: "200" }),
      (metrics) => metrics.counter("statuses_total", "").add(7, { status: "503" }),
    );
    expect(counted).toEqual([
      'statuses_total{status="200"} 7',
      'statuses_total{status="404"} 1',
      'statuses_total{status="503"} 7',
    ]);
  });

  test("have histograms that hold all observations", () => {
    const bounds = [1, 2];
    const observed = lines(
      (metrics) => {
        const histogram = metrics.histogram("sizes", "", bounds);
        for (const size of [0.5, 1.5, 9]) histogram.observe(size, { kind: "a" });
      },
      (metrics) => {
        const histogram = metrics.histogram("sizes", "", bounds);
        histogram.observe(1.5, { kind: "a" });
        histogram.observe(0.5, { kind: "b" });
      },
    );
    expect(observed).toEqual([
      'sizes_bucket{kind="a",le="1"} 1',
      'sizes_bucket{kind="a",le="2"} 3',
      'sizes_bucket{kind="a",le="+Inf"} 4',
      'sizes_sum{kind="a"} 12.5',
      'sizes_count{kind="a"} 4',
      'sizes_bucket{kind="b",le="1"} 1',
      'sizes_bucket{kind="b",le="2"} 1',
      'sizes_bucket{kind="b",le="+Inf"} 1',
      'sizes_sum{kind="b"} 0.5',
      'sizes_count{kind="b"} 1',
    ]);
  });

  test.each([
    ["workers", [4, 3], 7],
    ["requests_in_progress", [1, 9], 10],
    ["process_resident_memory_bytes", [100, 200], 300],
    ["cache_memory_bytes", [100, 200], 300],
    ["cache_fs_bytes", [900, 1000], 1000],
    ["process_open_fds", [20, 30], 30],
    ["process_max_fds", [1024, 512], 512],
    ["process_start_time_seconds", [50, 60], 50],
    ["event_loop_delay_p99_seconds", [0.5, 0.01], 0.5],
  ])("make one of a gauge by what it means: %s", (name, values, merged) => {
    expect(lines(...values.map((value) => gauge(name, value)))).toEqual([`${name} ${merged}`]);
  });

  test("have the load of all workers, where a process with more of them counts for more", () => {
    const load = (workers: number, percent: number) => (metrics: Metrics) => {
      gauge("workers", workers)(metrics);
      gauge("workers_utilization", percent)(metrics);
    };
    expect(lines(load(3, 100), load(1, 20))).toEqual(["workers 4", "workers_utilization 80"]);
  });

  test("keep what a process counted that has ended, and not what it held", () => {
    const ended = processWith((metrics) => {
      metrics.counter("requests_total", "").add(5);
      metrics.histogram("sizes", "", [1]).observe(1);
      gauge("workers", 4)(metrics);
    });
    const kept = grownMetrics(ended);
    expect(kept.map(({ name }) => name)).toEqual(["requests_total", "sizes"]);
    const both = mergeMetrics([kept, ended]);
    expect(renderMetrics(both, "img")).toContain("\nimg_requests_total 10\n");
    expect(renderMetrics(both, "img")).toContain("\nimg_workers 4\n");
  });
});
