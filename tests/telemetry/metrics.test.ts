import { describe, expect, test } from "bun:test";
import { createMetrics } from "../../src/telemetry/metrics.ts";

describe("the registry renders", () => {
  test("counters, by label where they have some", () => {
    const metrics = createMetrics("");
    const plain = metrics.counter("requests_total", "Requests.");
    plain.add(0);
    plain.add(2);
    const labelled = metrics.counter("status_codes_total", "Statuses.");
    labelled.add(1, { status: "200" });
    labelled.add(1, { status: "404" });
    labelled.add(1, { status: "200" });
    expect(metrics.render()).toBe(
      [
        "# HELP requests_total Requests.",
        "# TYPE requests_total counter",
        "requests_total 2",
        "# HELP status_codes_total Statuses.",
        "# TYPE status_codes_total counter",
        'status_codes_total{status="200"} 2',
        'status_codes_total{status="404"} 1',
        "",
      ].join("\n"),
    );
  });

  test("gauges as they stand when somebody asks", () => {
    const metrics = createMetrics("");
    let level = 1;
    metrics.gauge("busy", "Busy.", () => level);
    metrics.gauge("set", "Set.").set(7, { kind: "a" });
    level = 3;
    expect(metrics.render()).toContain("\nbusy 3\n");
    expect(metrics.render()).toContain('\nset{kind="a"} 7\n');
  });

  test("histograms with running totals, a sum and a count", () => {
    const metrics = createMetrics("");
    const seconds = metrics.histogram("span_seconds", "Spans.", [0.1, 1]);
    for (const value of [0.05, 0.1, 0.5, 7]) seconds.observe(value, { span: "queue" });
    expect(metrics.render().split("\n").slice(2, -1)).toEqual([
      'span_seconds_bucket{span="queue",le="0.1"} 2',
      'span_seconds_bucket{span="queue",le="1"} 3',
      'span_seconds_bucket{span="queue",le="+Inf"} 4',
      'span_seconds_sum{span="queue"} 7.65',
      'span_seconds_count{span="queue"} 4',
    ]);
  });

  test("our names with the namespace in front", () => {
    const metrics = createMetrics("img");
    metrics.counter("requests_total", "Requests.").add(1);
    expect(metrics.render()).toContain("\nimg_requests_total 1\n");
  });

  test("label values that would break a line, escaped", () => {
    const metrics = createMetrics("");
    metrics.counter("c", "C.").add(1, { host: 'a"b\\c\nd' });
    expect(metrics.render()).toContain('c{host="a\\"b\\\\c\\nd"} 1');
  });
});

test("a snapshot has every metric without the namespace, and histograms without running totals", () => {
  const metrics = createMetrics("img");
  metrics.counter("c", "C.").add(2, { kind: "a" });
  metrics.gauge("g", "G.", () => 7);
  const histogram = metrics.histogram("h", "H.", [1, 2]);
  for (const value of [0.5, 1.5, 1.6, 9]) histogram.observe(value);
  expect(metrics.snapshot()).toEqual([
    { name: "c", help: "C.", type: "counter", points: [{ labels: { kind: "a" }, value: 2 }] },
    { name: "g", help: "G.", type: "gauge", points: [{ labels: {}, value: 7 }] },
    {
      name: "h",
      help: "H.",
      type: "histogram",
      bounds: [1, 2],
      points: [{ labels: {}, value: { counts: [1, 2, 1], sum: 12.6 } }],
    },
  ]);
});

test("a metric registered twice is one metric", () => {
  const metrics = createMetrics("");
  metrics.counter("c", "C.").add(1);
  metrics.counter("c", "C.").add(1);
  expect(metrics.render().match(/^c /gm)).toHaveLength(1);
  expect(metrics.render()).toContain("\nc 2\n");
});

test("labels that keep changing cannot fill the memory", () => {
  const metrics = createMetrics("");
  const counter = metrics.counter("hosts_total", "Hosts.");
  for (let index = 0; index < 5000; index++) counter.add(1, { host: `h${index}` });
  const lines = metrics.render().trimEnd().split("\n").slice(2);
  expect(lines.length).toBeLessThan(300);
  expect(lines.at(-1)).toMatch(/^hosts_total\{host="other"\} 4\d\d\d$/);
});

test("label sets that say the same are one series, whether the record is the same or not", () => {
  const metrics = createMetrics("");
  const counter = metrics.counter("answers_total", "Answers.");
  const record = { status: "200" };
  counter.add(1, record);
  counter.add(1, record);
  counter.add(1, { status: "200" });
  counter.add(1, { status: "404" });
  expect(metrics.render()).toContain('answers_total{status="200"} 3\nanswers_total{status="404"} 1\n');
});
