import type { Config } from "../../config/config.ts";
import type { MetricsSource } from "../../telemetry/metrics.ts";
import type { Logger } from "../../telemetry/types.ts";

export type MetricSendersParts = {
  readonly metrics: MetricsSource;
  readonly version: string;
  /** Hears when metrics cannot be sent. */
  readonly logger: Logger;
};

/** Something that sends metrics until it is closed, and then a last time. */
export type MetricSender = { close(): Promise<void> | void };

const FALLBACK_REGION = "us-west-1";

/** Whether anybody gets to see the metrics. */
export function areMetricsSeen(config: Config): boolean {
  return (
    config.prometheusBind !== "" ||
    (config.openTelemetryEnable && config.openTelemetryEnableMetrics) ||
    config.newRelicKey !== "" ||
    (config.datadogEnable && config.datadogEnableAdditionalMetrics) ||
    config.cloudWatchServiceName !== ""
  );
}

/** Starts whatever sends the metrics elsewhere. */
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
  return senders;
}
