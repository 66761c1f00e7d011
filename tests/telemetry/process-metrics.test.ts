import { expect, test } from "bun:test";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { registerProcessMetrics } from "../../src/telemetry/process-metrics.ts";

function metricOf(text: string, name: string): number {
  return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
}

test("the process tells of itself in names that dashboards know", async () => {
  const metrics = createMetrics("img");
  const watch = registerProcessMetrics(metrics, () => ({ current: 5, high: 9 }));
  await Bun.sleep(40);
  const text = metrics.render();
  watch.stop();
  expect(metricOf(text, "process_cpu_seconds_total")).toBeWithin(0.001, 1e6);
  expect(metricOf(text, "process_resident_memory_bytes")).toBeWithin(1e7, 1e11);
  expect(metricOf(text, "process_start_time_seconds")).toBeWithin(1.6e9, Date.now() / 1000 + 1);
  expect(metricOf(text, "img_js_heap_used_bytes")).toBeWithin(1e5, 1e11);
  expect([metricOf(text, "img_vips_memory_bytes"), metricOf(text, "img_vips_max_memory_bytes")]).toEqual([5, 9]);
  expect(text).toContain("# TYPE process_cpu_seconds_total counter");
});

test("blocks that libvips holds are told where they are known", () => {
  const known = createMetrics("");
  registerProcessMetrics(known, () => ({ current: 0, high: 0, allocations: 3 })).stop();
  expect(metricOf(known.render(), "vips_allocs")).toBe(3);
  const unknown = createMetrics("");
  registerProcessMetrics(unknown, () => ({ current: 0, high: 0 })).stop();
  expect(unknown.render()).not.toContain("vips_allocs");
});

test("a blocked event loop shows, once", async () => {
  const metrics = createMetrics("");
  const watch = registerProcessMetrics(metrics, () => ({ current: 0, high: 0 }));
  await Bun.sleep(50);
  // Longer than a busy machine stops anybody.
  const until = performance.now() + 600;
  while (performance.now() < until);
  await Bun.sleep(50);
  expect(metricOf(metrics.render(), "event_loop_delay_p99_seconds")).toBeGreaterThan(0.4);
  await Bun.sleep(50);
  const after = metricOf(metrics.render(), "event_loop_delay_p99_seconds");
  watch.stop();
  expect(after).toBeLessThan(0.4);
});
