import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { loadConfig } from "../../src/config/config.ts";
import { startCloudWatch } from "../../src/telemetry/cloud-watch/send-gauges.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import type { LogLevel } from "../../src/telemetry/types.ts";
import { ReportService } from "../support/report-service.ts";

let service: ReportService;
const own = { ...process.env };
beforeAll(async () => {
  service = await ReportService.start();
  // Where the SDK looks for itself.
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_CLOUDWATCH: service.url,
    AWS_ACCESS_KEY_ID: "AKIDTEST",
    AWS_SECRET_ACCESS_KEY: "secret",
  });
});
afterAll(async () => {
  for (const name of ["AWS_ENDPOINT_URL_CLOUDWATCH", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) {
    if (own[name] === undefined) delete process.env[name];
    else process.env[name] = own[name];
  }
  await service[Symbol.asyncDispose]();
});

function start(env: Record<string, string>, intervalMs: number) {
  const metrics = createMetrics("");
  metrics.gauge("workers", "Workers.", () => 4);
  metrics.gauge("workers_utilization", "Utilization.", () => 25);
  metrics.gauge("vips_memory_bytes", "Memory.", () => 2048);
  const { config } = loadConfig({ IMGPROXY_CLOUD_WATCH_SERVICE_NAME: "thumbs", ...env });
  const lines: string[] = [];
  const logger = { log: (level: LogLevel, message: string) => void lines.push(`${level}: ${message}`) };
  return { lines, ...startCloudWatch(config, { metrics, logger, defaultRegion: "us-west-1", intervalMs }) };
}

const bodies = () => service.received.map(({ body }) => JSON.parse(body));

describe("CloudWatch", () => {
  test("gets the gauges under the reference's names, the last at the end", async () => {
    service.received.length = 0;
    const { close } = start({ IMGPROXY_CLOUD_WATCH_NAMESPACE: "images", IMGPROXY_CLOUD_WATCH_REGION: "eu-west-3" }, 30);
    await service.until(({ received }) => received.length >= 1);
    const before = service.received.length;
    await close();
    expect(service.received.length).toBeGreaterThan(before);
    expect(service.received[0]?.headers).toMatchObject({
      authorization: expect.stringMatching(/Credential=AKIDTEST\/\d{8}\/eu-west-3\/monitoring\/aws4_request/),
      "x-amz-target": "GraniteServiceVersion20100801.PutMetricData",
    });
    const [body] = bodies();
    expect(body.Namespace).toBe("images");
    const Dimensions = [{ Name: "ServiceName", Value: "thumbs" }];
    expect(body.MetricData).toMatchObject([
      { MetricName: "Workers", Value: 4, Unit: "Count", Dimensions },
      { MetricName: "WorkersUtilization", Value: 25, Unit: "Percent", Dimensions },
      { MetricName: "ConcurrencyUtilization", Value: 25, Unit: "Percent", Dimensions },
      { MetricName: "VipsMemory", Value: 2048, Unit: "Bytes", Dimensions },
    ]);
  });

  test("is asked in the default region when none is set, and refusals are told once", async () => {
    service.received.length = 0;
    service.status = 403;
    const { close, lines } = start({}, 20);
    await service.until(({ received }) => received.length >= 3);
    service.status = 200;
    await close();
    expect(service.received[0]?.headers.authorization).toContain("/us-west-1/monitoring/");
    expect(bodies()[0].Namespace).toBe("imgproxy");
    expect(lines).toEqual([
      "warn: Cannot send metrics to CloudWatch; further failures are not logged",
      "info: Sending metrics to CloudWatch works again",
    ]);
  });
});
