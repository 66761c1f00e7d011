import { describe, expect, test } from "bun:test";
import { loadConfig } from "../../src/config/config.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { startLogExport } from "../../src/telemetry/otlp/log-export.ts";
import { startMetricExport } from "../../src/telemetry/otlp/metric-export.ts";
import { silentLogger } from "../../src/telemetry/types.ts";
import { OtlpCollector } from "../support/otlp-collector.ts";

const PROTOCOLS = ["http/protobuf", "grpc"] as const;

function startCollector(protocol: (typeof PROTOCOLS)[number]) {
  return protocol === "grpc" ? OtlpCollector.overGrpc() : OtlpCollector.overHttp();
}

function configFor(collector: OtlpCollector, env: Record<string, string>) {
  return loadConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env }).config;
}

describe("metrics", () => {
  test.each(PROTOCOLS)("are sent as they are counted, over %s", async (protocol) => {
    await using collector = await startCollector(protocol);
    const metrics = createMetrics("namespaced");
    metrics.counter("status_codes_total", "Statuses.").add(3, { status: "200" });
    metrics.gauge("workers", "Workers.", () => 4);
    const seconds = metrics.histogram("request_duration_seconds", "Requests.", [0.1, 1]);
    for (const value of [0.05, 0.5, 0.5, 3]) seconds.observe(value);
    const config = configFor(collector, {
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_METRIC_EXPORT_INTERVAL: "20",
      OTEL_SERVICE_NAME: "thumbs",
    });
    const { close } = await startMetricExport(config, { metrics, version: "1.2.3", logger: silentLogger });
    await collector.until((it) => it.metrics.size === 3);
    expect(collector.metrics.get("status_codes_total")).toMatchObject({
      kind: "sum",
      unit: "1",
      points: [{ attributes: { status: "200" }, value: 3 }],
      resource: { "service.name": "thumbs", "service.version": "1.2.3" },
    });
    expect(collector.metrics.get("workers")).toMatchObject({ kind: "gauge", points: [{ value: 4 }] });
    expect(collector.metrics.get("request_duration_seconds")).toMatchObject({
      kind: "histogram",
      unit: "s",
      points: [{ count: 4, sum: 4.05, bucketCounts: [1, 2, 1], bounds: [0.1, 1] }],
    });
    metrics.counter("status_codes_total", "Statuses.").add(4, { status: "404" });
    await close();
    // Nothing that was counted before the end is lost.
    expect(collector.metrics.get("status_codes_total")?.points.map(({ value }) => value)).toEqual([3, 4]);
  });
});

describe("log lines", () => {
  test.each(PROTOCOLS)("are sent as records, over %s", async (protocol) => {
    await using collector = await startCollector(protocol);
    const config = configFor(collector, {
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      IMGPROXY_OPEN_TELEMETRY_LOGGER_NAME: "thumbs-log",
    });
    const { logger, close } = await startLogExport(config, { version: "1.2.3", logger: silentLogger });
    logger.log("warn", "Completed", {
      status: 404,
      processing_options: { width: 20, nothing: undefined },
      missing: undefined,
      trace_id: "0af7651916cd43dd8448eb211c80319c",
      span_id: "b7ad6b7169203331",
    });
    logger.log("debug", "too low");
    logger.log("critical", "down");
    await close();
    expect(collector.records).toMatchObject([
      {
        severityNumber: 13,
        severityText: "WARNING",
        body: "Completed",
        attributes: { status: 404, processing_options: { width: 20 } },
        traceId: "0af7651916cd43dd8448eb211c80319c",
        spanId: "b7ad6b7169203331",
        scope: "thumbs-log",
        resource: { "service.name": "imgproxy" },
      },
      { severityNumber: 21, severityText: "CRITICAL", body: "down", attributes: {}, traceId: "", spanId: "" },
    ]);
  });

  test.each([
    [{ IMGPROXY_LOG_LEVEL: "debug" }, ["debug", "info", "warn", "error"]],
    [{ IMGPROXY_LOG_LEVEL: "debug", OTEL_LOG_LEVEL: "error" }, ["error"]],
    [{ IMGPROXY_LOG_LEVEL: "error", OTEL_LOG_LEVEL: "info" }, ["info", "warn", "error"]],
  ])("are sent by OTEL_LOG_LEVEL, else by the log's own level: %p", async (env, expected) => {
    await using collector = await OtlpCollector.overHttp();
    const config = configFor(collector, { OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: "http", ...env });
    const { logger, close } = await startLogExport(config, { version: "1.2.3", logger: silentLogger });
    for (const level of ["debug", "info", "warn", "error"] as const) logger.log(level, level);
    await close();
    expect(collector.records.map(({ body }) => body)).toEqual(expected);
  });
});
