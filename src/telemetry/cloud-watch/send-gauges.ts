import { CloudWatchClient, type MetricDatum, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { FetchHttpHandler } from "@smithy/fetch-http-handler";
import type { Config } from "../../config/config.ts";
import { messageOf } from "../../errors.ts";
import { GAUGE_INTERVAL_MS, readGauges, type SharedGauge } from "../gauges.ts";
import type { MetricsSource } from "../metrics.ts";
import type { Logger } from "../types.ts";

export type CloudWatchConfig = Pick<Config, "cloudWatchServiceName" | "cloudWatchNamespace" | "cloudWatchRegion">;

export type CloudWatchParts = {
  readonly metrics: MetricsSource;
  /** Hears when CloudWatch cannot be reached. */
  readonly logger: Logger;
  /** The region to take when the configuration names none. */
  readonly defaultRegion: string;
  readonly intervalMs?: number;
};

type Unit = NonNullable<MetricDatum["Unit"]>;

/** The reference's names and units. */
const NAMES: Readonly<Record<SharedGauge, readonly (readonly [name: string, unit: Unit])[]>> = {
  workers: [["Workers", "Count"]],
  requests_in_progress: [["RequestsInProgress", "Count"]],
  images_in_progress: [["ImagesInProgress", "Count"]],
  workers_utilization: [
    ["WorkersUtilization", "Percent"],
    // What it was called before there were workers; alarms still watch it.
    ["ConcurrencyUtilization", "Percent"],
  ],
  vips_memory_bytes: [["VipsMemory", "Bytes"]],
  vips_max_memory_bytes: [["VipsMaxMemory", "Bytes"]],
  vips_allocs: [["VipsAllocs", "Count"]],
};

const TIMEOUT_MS = 10_000;

/** Sends gauges to CloudWatch every ten seconds and a last time on close, with the credentials that AWS's SDKs find. */
export function startCloudWatch(config: CloudWatchConfig, parts: CloudWatchParts) {
  const { metrics, logger, defaultRegion, intervalMs = GAUGE_INTERVAL_MS } = parts;
  const client = new CloudWatchClient({
    region: config.cloudWatchRegion || defaultRegion,
    maxAttempts: 2,
    // The SDK's own handler knows no proxies.
    requestHandler: new FetchHttpHandler({ requestTimeout: TIMEOUT_MS }),
  });
  const dimensions = [{ Name: "ServiceName", Value: config.cloudWatchServiceName }];
  let isFailing = false;

  async function send(): Promise<void> {
    const now = new Date();
    const data = (await readGauges(metrics)).flatMap(([gauge, value]) =>
      NAMES[gauge].map(([name, unit]) => ({
        MetricName: name,
        Value: value,
        Unit: unit,
        Timestamp: now,
        Dimensions: dimensions,
      })),
    );
    if (data.length === 0) return;
    try {
      const command = new PutMetricDataCommand({ Namespace: config.cloudWatchNamespace, MetricData: data });
      await client.send(command, { abortSignal: AbortSignal.timeout(TIMEOUT_MS) });
      if (isFailing) logger.log("info", "Sending metrics to CloudWatch works again");
      isFailing = false;
    } catch (error) {
      const reason = messageOf(error);
      if (!isFailing) {
        logger.log("warn", "Cannot send metrics to CloudWatch; further failures are not logged", { error: reason });
      }
      isFailing = true;
    }
  }

  const timer = setInterval(() => void send(), intervalMs);
  timer.unref();
  return {
    async close() {
      clearInterval(timer);
      await send();
      client.destroy();
    },
  };
}
