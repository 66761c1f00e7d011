import type { Resource } from "@opentelemetry/resources";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import type { Config } from "../../config/config.ts";
import type { MetricsSource } from "../metrics.ts";
import type { Logger } from "../types.ts";
import { createMetricExporter } from "./exporters.ts";
import { createMetricProducer } from "./metric-producer.ts";
import { type ResourceConfig, telemetryResource } from "./resource.ts";
import { type OtlpConfig, type OtlpSettings, otlpSettings } from "./settings.ts";
import { watchExports } from "./watch-exports.ts";

export type MetricExportConfig = OtlpConfig & ResourceConfig & Pick<Config, "otelMetricExportIntervalMs">;

export type MetricExportParts = {
  readonly metrics: MetricsSource;
  readonly version: string;
  /** Hears of exports that fail. */
  readonly logger: Logger;
};

/** Where metrics go, and how often. */
export type MetricDestination = {
  readonly settings: OtlpSettings;
  readonly resource: Resource;
  readonly intervalMs: number;
};

/** Sends the metrics to the collector that OTEL_EXPORTER_OTLP_* describes. */
export function startMetricExport(config: MetricExportConfig, parts: MetricExportParts) {
  const destination = {
    settings: otlpSettings(config, "metrics"),
    resource: telemetryResource(config, parts.version),
    intervalMs: config.otelMetricExportIntervalMs,
  };
  return exportMetrics(destination, parts);
}

/** Sends the metrics again and again, and a last time on close. */
export async function exportMetrics(
  { settings, resource, intervalMs }: MetricDestination,
  { metrics, version, logger }: MetricExportParts,
) {
  const reader = new PeriodicExportingMetricReader({
    exporter: watchExports(await createMetricExporter(settings), `metrics to ${settings.url}`, logger),
    exportIntervalMillis: intervalMs,
    // An export that takes longer would meet the next one.
    exportTimeoutMillis: Math.min(intervalMs, settings.timeoutMs),
    metricProducers: [createMetricProducer(metrics, version)],
  });
  const provider = new MeterProvider({ resource, readers: [reader] });
  return { close: () => provider.shutdown() };
}
