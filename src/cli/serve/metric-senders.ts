import type { Config } from "../../config/config.ts";
import { bindVipsCounters } from "../../native/vips-counters.ts";
import { readVipsMemory } from "../../pipeline/configure-sharp.ts";
import type { MetricsRegistry } from "../../telemetry/metrics.ts";
import { registerProcessMetrics } from "../../telemetry/process-metrics.ts";
import type { Logger } from "../../telemetry/types.ts";

export type MetricSendersParts = {
  readonly metrics: MetricsRegistry;
  readonly version: string;
  /** Hears when metrics cannot be sent. */
  readonly logger: Logger;
};

/** Something that sends metrics until it is closed, and then a last time. */
export type MetricSender = { close(): Promise<void> | void };

const FALLBACK_REGION = "us-west-1";

/** Starts whatever sends the metrics elsewhere, and the counting of what only makes sense when somebody gets to see it. */
export async function startMetricSenders(config: Config, parts: MetricSendersParts): Promise<readonly MetricSender[]> {
  const senders: MetricSender[] = [];
  if (config.openTelemetryEnable && config.openTelemetryEnableMetrics) {
    const { startMetricExport } = await import("../../telemetry/otlp/metric-export.ts");
    senders.push(await startMetricExport(config, parts));
  }
  if (config.newRelicKey !== "") {
    const { startNewRelicMetrics } = await import("../../telemetry/new-relic/metric-export.ts");
    senders.push(await startNewRelicMetrics(config, parts));
  }
  if (config.datadogEnable && config.datadogEnableAdditionalMetrics) {
    const { startDogStatsd } = await import("../../telemetry/datadog/dog-statsd.ts");
    senders.push(startDogStatsd(config, parts));
  }
  if (config.cloudWatchServiceName !== "") {
    const { startCloudWatch } = await import("../../telemetry/cloud-watch/send-gauges.ts");
    senders.push(startCloudWatch(config, { ...parts, defaultRegion: config.awsRegion || FALLBACK_REGION }));
  }
  if (senders.length === 0 && config.prometheusBind === "") return [];
  const processMetrics = registerProcessMetrics(parts.metrics, bindVipsCounters() ?? readVipsMemory);
  return [...senders, { close: () => processMetrics.stop() }];
}
