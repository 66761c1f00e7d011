import { GAUGE_INTERVAL_MS } from "../gauges.ts";
import { exportMetrics, type MetricExportParts } from "../otlp/metric-export.ts";
import { type NewRelicConfig, newRelicResource, newRelicSettings } from "./settings.ts";

/** Sends the metrics to New Relic as often as the reference does, and a last time on close. */
export function startNewRelicMetrics(config: NewRelicConfig, parts: MetricExportParts, intervalMs = GAUGE_INTERVAL_MS) {
  const settings = newRelicSettings(config, "metrics");
  return exportMetrics({ settings, resource: newRelicResource(config, parts.version), intervalMs }, parts);
}
