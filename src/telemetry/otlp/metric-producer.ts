import { type HrTime, ValueType } from "@opentelemetry/api";
import { hrTime } from "@opentelemetry/core";
import { emptyResource } from "@opentelemetry/resources";
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type MetricData,
  type MetricProducer,
} from "@opentelemetry/sdk-metrics";
import type { MetricPoint, MetricSnapshot, MetricsSource } from "../metrics.ts";

/** Hands the metrics that we count anyway to OpenTelemetry's reader, so that nothing is counted twice. */
export function createMetricProducer(metrics: MetricsSource, version: string): MetricProducer {
  const startTime = hrTime();
  return {
    async collect() {
      const endTime = hrTime();
      const data = (await metrics.snapshot()).map((metric) => toMetricData(metric, startTime, endTime));
      const scopeMetrics = [{ scope: { name: "imgproxy", version }, metrics: data }];
      return { resourceMetrics: { resource: emptyResource(), scopeMetrics }, errors: [] };
    },
  };
}

function toMetricData(metric: MetricSnapshot, startTime: HrTime, endTime: HrTime): MetricData {
  const { name, help } = metric;
  const point = <T, U>({ labels, value }: MetricPoint<T>, convert: (value: T) => U): DataPoint<U> => ({
    startTime,
    endTime,
    attributes: labels,
    value: convert(value),
  });
  const shared = {
    descriptor: { name, description: help, unit: unitOf(name), valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  switch (metric.type) {
    case "gauge":
      return {
        ...shared,
        dataPointType: DataPointType.GAUGE,
        dataPoints: metric.points.map((one) => point(one, Number)),
      };
    case "counter":
      return {
        ...shared,
        dataPointType: DataPointType.SUM,
        isMonotonic: true,
        dataPoints: metric.points.map((one) => point(one, Number)),
      };
    case "histogram":
      return {
        ...shared,
        dataPointType: DataPointType.HISTOGRAM,
        dataPoints: metric.points.map((one) =>
          point(one, ({ counts, sum }) => ({
            buckets: { boundaries: [...metric.bounds], counts: [...counts] },
            sum,
            count: counts.reduce((total, count) => total + count, 0),
          })),
        ),
      };
  }
}

/** As UCUM writes units, which OpenTelemetry uses. */
function unitOf(name: string): string {
  if (/_seconds(_total)?$/.test(name)) return "s";
  return name.endsWith("_bytes") ? "By" : "1";
}
