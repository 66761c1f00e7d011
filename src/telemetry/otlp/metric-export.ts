import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import type { Config } from "../../config/config.ts";
import type { MetricsRegistry } from "../metrics.ts";
import type { Logger } from "../types.ts";
import { createMetricExporter } from "./exporters.ts";
import { createMetricProducer } from "./metric-producer.ts";
import { type ResourceConfig, telemetryResource } from "./resource.ts";
import { type OtlpConfig, otlpSettings } from "./settings.ts";
import { watchExports } from "./watch-exports.ts";

export type MetricExportConfig = OtlpConfig & ResourceConfig & Pick<Config, "otelMetricExportIntervalMs">;

export type MetricExportParts = {
  readonly metrics: MetricsRegistry;
  readonly version: string;
  readonly logger: Logger;
};

/** Sends the metrics to the collector again and again, and a last time on close. */
export async function startMetricExport(config: MetricExportConfig, { metrics, version, logger }: MetricExportParts) {
  const settings = otlpSettings(config, "metrics");
  const interval = config.otelMetricExportIntervalMs;
  const reader = new PeriodicExportingMetricReader({
    exporter: watchExports(await createMetricExporter(settings), `metrics to ${settings.url}`, logger),
    exportIntervalMillis: interval,
    // An export that takes longer would meet the next one.
    exportTimeoutMillis: Math.min(interval, settings.timeoutMs),
    metricProducers: [createMetricProducer(metrics, version)],
  });
  const provider = new MeterProvider({ resource: telemetryResource(config, version), readers: [reader] });
  return { close: () => provider.shutdown() };
}
