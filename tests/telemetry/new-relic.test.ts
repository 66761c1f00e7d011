import { describe, expect, test } from "bun:test";
import { loadConfig } from "../../src/config/config.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { startNewRelicMetrics } from "../../src/telemetry/new-relic/metric-export.ts";
import { newRelicSettings } from "../../src/telemetry/new-relic/settings.ts";
import { startTracing } from "../../src/telemetry/tracing/start-tracing.ts";
import { silentLogger } from "../../src/telemetry/types.ts";
import { OtlpCollector } from "../support/otlp-collector.ts";

const OUTCOME = { status: 200, error: undefined, sourceUrl: undefined, options: undefined };
const PARTS = { version: "1.2.3", logger: silentLogger };

function configFor(collector: OtlpCollector, env: Record<string, string> = {}) {
  return loadConfig({
    IMGPROXY_NEW_RELIC_KEY: "licence",
    IMGPROXY_NEW_RELIC_APP_NAME: "thumbs",
    IMGPROXY_NEW_RELIC_LABELS: "team=media;tier=2",
    IMGPROXY_NEW_RELIC_ENDPOINT: collector.url,
    ...env,
  }).config;
}

const request = () => ({ method: "GET", target: "/x", headers: new Headers(), clientIp: "", requestId: "a" });

describe("New Relic", () => {
  test.each([
    ["0123456789abcdef0123456789abcdef0123NRAL", "https://otlp.nr-data.net/v1/traces"],
    ["eu01xx456789abcdef0123456789abcdef0123NRAL", "https://otlp.eu01.nr-data.net/v1/traces"],
  ])("is asked where the key %s belongs", (key, url) => {
    const { config } = loadConfig({ IMGPROXY_NEW_RELIC_KEY: key });
    expect(newRelicSettings(config, "traces")).toMatchObject({ url, headers: { "api-key": key } });
  });

  test("gets traces under the name and labels of the application", async () => {
    await using collector = await OtlpCollector.overHttp();
    const { tracer, close } = await startTracing(configFor(collector), PARTS);
    const span = tracer.startRequest(request());
    expect(span.startStage("queue").sourceHeaders).toBeUndefined();
    span.end(OUTCOME);
    await close();
    expect(collector.requests).toMatchObject([{ path: "/v1/traces", headers: { "api-key": "licence" } }]);
    expect(collector.span("/request").resource).toMatchObject({
      "service.name": "thumbs",
      "service.version": "1.2.3",
      team: "media",
      tier: "2",
    });
  });

  test("gets metrics", async () => {
    await using collector = await OtlpCollector.overHttp();
    const metrics = createMetrics("");
    metrics.gauge("workers", "Workers.", () => 4);
    const { close } = await startNewRelicMetrics(configFor(collector), { ...PARTS, metrics });
    await close();
    expect(collector.requests).toMatchObject([{ path: "/v1/metrics", headers: { "api-key": "licence" } }]);
    expect(collector.metrics.get("workers")).toMatchObject({
      points: [{ value: 4 }],
      resource: { "service.name": "thumbs" },
    });
  });

  test("shares traces with a collector, each under its own name", async () => {
    await using newRelic = await OtlpCollector.overHttp();
    await using collector = await OtlpCollector.overHttp();
    const config = configFor(newRelic, {
      IMGPROXY_OPEN_TELEMETRY_ENABLE: "true",
      IMGPROXY_NEW_RELIC_PROPAGATE_EXTERNAL: "true",
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http",
      OTEL_PROPAGATORS: "b3",
    });
    const { tracer, close } = await startTracing(config, PARTS);
    const span = tracer.startRequest(request());
    const stage = span.startStage("downloading_source_image");
    // Only New Relic's way of writing a trace is to be seen by sources.
    expect(Object.keys(stage.sourceHeaders ?? {})).toEqual(["traceparent"]);
    stage.end();
    span.end(OUTCOME);
    await close();
    expect(newRelic.span("/request").resource["service.name"]).toBe("thumbs");
    expect(collector.span("/request").resource["service.name"]).toBe("imgproxy");
    expect(collector.span("/request").spanId).toBe(newRelic.span("/request").spanId);
    expect(collector.requests[0]?.headers["api-key"]).toBeUndefined();
  });
});
