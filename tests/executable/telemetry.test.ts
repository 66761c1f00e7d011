import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createSocket } from "node:dgram";
import { type AddressInfo, createServer } from "node:net";
import { hostname } from "node:os";
import { startImageOrigin } from "../http/image-origin.ts";
import type { Origin } from "../source/http/origin.ts";
import { runExecutable, startServer } from "../support/executable.ts";
import { OtlpCollector } from "../support/otlp-collector.ts";
import { ReportService } from "../support/report-service.ts";

let origin: Origin;
beforeAll(async () => {
  origin = await startImageOrigin();
});
afterAll(() => origin[Symbol.asyncDispose]());

const SOURCES = { IMGPROXY_ALLOW_LOOPBACK_SOURCE_ADDRESSES: "true" };

describe("OpenTelemetry", () => {
  const TRACE = "0af7651916cd43dd8448eb211c80319c";
  const PARENT = "b7ad6b7169203331";

  test.each(["http/protobuf", "grpc"])(
    "gets spans, metrics and log records over %s, the last at the end",
    async (protocol) => {
      await using collector = await (protocol === "grpc" ? OtlpCollector.overGrpc() : OtlpCollector.overHttp());
      await using server = await startServer({
        env: {
          ...SOURCES,
          IMGPROXY_OPEN_TELEMETRY_ENABLE: "true",
          IMGPROXY_OPEN_TELEMETRY_ENABLE_METRICS: "true",
          IMGPROXY_OPEN_TELEMETRY_ENABLE_LOGS: "true",
          IMGPROXY_OPEN_TELEMETRY_PROPAGATE_EXTERNAL: "true",
          OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
          OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
          OTEL_EXPORTER_OTLP_HEADERS: "x-key=abc",
          OTEL_EXPORTER_OTLP_COMPRESSION: protocol === "grpc" ? "none" : "gzip",
          OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=staging",
          OTEL_SERVICE_NAME: "thumbs",
        },
      });
      const answer = await fetch(`${server.url}/unsafe/rs:fit:20:20/plain/${origin.url}/ok.png@webp`, {
        headers: { traceparent: `00-${TRACE}-${PARENT}-01`, "X-Request-ID": "traced" },
      });
      expect(answer.status).toBe(200);
      await answer.arrayBuffer();
      expect(await server.stop()).toBe(0);

      const root = collector.span("/request");
      expect(root).toMatchObject({
        traceId: TRACE,
        parentSpanId: PARENT,
        attributes: {
          "http.response.status_code": 200,
          "imgproxy.request_id": "traced",
          "imgproxy.source_image_url": `${origin.url}/ok.png`,
          "imgproxy.source_image_origin": origin.url,
          "imgproxy.options.width": 20,
        },
        resource: { "service.name": "thumbs", "deployment.environment.name": "staging" },
      });
      const stages = ["queue", "downloading_source_image", "processing_image", "streaming_image"];
      for (const name of stages) expect(collector.span(name).parentSpanId).toBe(root.spanId);
      const { spanId } = collector.span("downloading_source_image");
      expect(origin.seen.at(-1)?.headers.get("Traceparent")).toBe(`00-${TRACE}-${spanId}-01`);
      expect(collector.requests.every(({ headers }) => headers["x-key"] === "abc")).toBe(true);

      expect(collector.metrics.get("requests_total")?.points).toMatchObject([{ value: 1 }]);
      expect(collector.metrics.get("process_resident_memory_bytes")?.kind).toBe("gauge");
      const completed = collector.records.find(({ attributes }) => attributes["request_id"] === "traced");
      expect(completed).toMatchObject({ severityText: "INFO", traceId: TRACE, spanId: root.spanId });
      expect(server.log()).toContain(`trace_id="${TRACE}"`);
    },
  );

  test("gets the metrics of several processes as those of one server, and spans and records that tell them apart", async () => {
    await using collector = await OtlpCollector.overHttp();
    await using server = await startServer({
      env: {
        ...SOURCES,
        IMGPROXY_PROCESSES: "2",
        IMGPROXY_WORKERS: "4",
        IMGPROXY_OPEN_TELEMETRY_ENABLE: "true",
        IMGPROXY_OPEN_TELEMETRY_ENABLE_METRICS: "true",
        IMGPROXY_OPEN_TELEMETRY_ENABLE_LOGS: "true",
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      },
    });
    const requests = 24;
    for (let width = 1; width <= requests; width++) {
      const url = `${server.url}/unsafe/w:${width}/plain/${origin.url}/ok.png`;
      await (await fetch(url, { headers: { Connection: "close" } })).arrayBuffer();
    }
    expect(await server.stop()).toBe(0);
    expect(collector.metrics.get("requests_total")?.points).toMatchObject([{ value: requests }]);
    expect(collector.metrics.get("server_processes")?.kind).toBe("gauge");
    const roots = collector.spans.filter(({ name }) => name === "/request");
    expect(roots).toHaveLength(requests);
    const instances = new Set(roots.map(({ resource }) => resource["service.instance.id"]));
    expect(instances).toEqual(new Set([`${hostname()}-1`, `${hostname()}-2`]));
    const writers = new Set(collector.records.map(({ attributes }) => attributes["process"]));
    expect(writers).toEqual(new Set(["main", "1", "2"]));
  });

  test("does not keep the server from stopping when the collector is gone", async () => {
    await using server = await startServer({
      env: {
        ...SOURCES,
        IMGPROXY_OPEN_TELEMETRY_ENABLE: "true",
        OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1",
        IMGPROXY_GRACEFUL_STOP_TIMEOUT: "1",
      },
    });
    await fetch(`${server.url}/unsafe/plain/${origin.url}/ok.png`);
    const startedAt = performance.now();
    expect(await server.stop()).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(3000);
  });
});

describe("syslog", () => {
  test("gets the log from the start to the stop", async () => {
    let text = "";
    const syslog = createServer((socket) => void socket.on("data", (data) => (text += data.toString())));
    await new Promise<void>((resolve) => syslog.listen(0, "127.0.0.1", resolve));
    const { port } = syslog.address() as AddressInfo;
    const env = {
      IMGPROXY_SYSLOG_ENABLE: "true",
      IMGPROXY_SYSLOG_NETWORK: "tcp",
      IMGPROXY_SYSLOG_ADDRESS: `127.0.0.1:${port}`,
      IMGPROXY_LOG_FORMAT: "json",
    };
    await using server = await startServer({ env: { ...SOURCES, ...env } });
    await fetch(`${server.url}/unsafe/plain/${origin.url}/404`);
    expect(await server.stop()).toBe(0);
    syslog.close();
    const messages = text.split("\n").slice(0, -1);
    expect(messages.every((line) => /^<\d>\S+ \S+ imgproxy\[\d+\]: \{"time":/.test(line))).toBe(true);
    expect(messages.some((line) => line.startsWith("<6>") && line.includes("Starting server at"))).toBe(true);
    expect(messages.some((line) => line.startsWith("<4>") && line.includes('"status":404'))).toBe(true);
    expect(messages.at(-1)).toContain("Shutting down the server");
  });

  test("that cannot be reached keeps the server from starting", async () => {
    const env = {
      IMGPROXY_BIND: "127.0.0.1:0",
      IMGPROXY_SYSLOG_ENABLE: "true",
      IMGPROXY_SYSLOG_NETWORK: "tcp",
      IMGPROXY_SYSLOG_ADDRESS: "127.0.0.1:1",
    };
    const { status, err } = await runExecutable([], { env });
    expect(status).toBe(1);
    expect(err).toContain(
      "syslog cannot be reached (IMGPROXY_SYSLOG_NETWORK=tcp, IMGPROXY_SYSLOG_ADDRESS=127.0.0.1:1)",
    );
  });
});

describe("Sentry", () => {
  test("hears of errors up to the stop", async () => {
    await using service = await ReportService.start();
    await using server = await startServer({
      env: { ...SOURCES, IMGPROXY_SENTRY_DSN: service.sentryDsn, IMGPROXY_SENTRY_RELEASE: "thumbs@%current_version" },
    });
    await fetch(`${server.url}/unsafe/plain/${origin.url}/404`);
    await fetch(`${server.url}/unsafe/nosuch:1/plain/x`);
    expect(await server.stop()).toBe(0);
    const { out } = await runExecutable(["version"]);
    const [version = ""] = /\d+\.\d+\.\d+/.exec(out) ?? [];
    expect(service.sentryEvents()).toMatchObject([
      { tags: { error_kind: "source_unreachable" }, release: `thumbs@${version}` },
    ]);
  });

  test("with a bad DSN keeps the server from starting", async () => {
    const env = { IMGPROXY_BIND: "127.0.0.1:0", IMGPROXY_SENTRY_DSN: "https://s3cr3t.example" };
    const { status, err } = await runExecutable([], { env });
    expect(status).toBe(1);
    expect(err).toContain("IMGPROXY_SENTRY_DSN");
    expect(err).not.toContain("s3cr3t");
  });
});

test("Datadog, New Relic and CloudWatch get what is theirs", async () => {
  await using service = await ReportService.start();
  await using newRelic = await OtlpCollector.overHttp();
  const statsd = createSocket("udp4");
  const datagrams: string[] = [];
  statsd.on("message", (message) => void datagrams.push(message.toString()));
  await new Promise<void>((resolve) => statsd.bind(0, "127.0.0.1", () => resolve()));
  await using server = await startServer({
    env: {
      ...SOURCES,
      IMGPROXY_WORKERS: "3",
      IMGPROXY_DATADOG_ENABLE: "true",
      IMGPROXY_DATADOG_ENABLE_ADDITIONAL_METRICS: "true",
      DD_AGENT_HOST: "127.0.0.1",
      DD_TRACE_AGENT_PORT: new URL(service.url).port,
      DD_DOGSTATSD_PORT: String(statsd.address().port),
      IMGPROXY_NEW_RELIC_KEY: "licence",
      IMGPROXY_NEW_RELIC_ENDPOINT: newRelic.url,
      IMGPROXY_CLOUD_WATCH_SERVICE_NAME: "thumbs",
      AWS_ENDPOINT_URL: service.url,
      AWS_ACCESS_KEY_ID: "AKIDTEST",
      AWS_SECRET_ACCESS_KEY: "secret",
    },
  });
  const answer = await fetch(`${server.url}/unsafe/rs:fit:20:20/plain/${origin.url}/ok.png`);
  await answer.arrayBuffer();
  expect(await server.stop()).toBe(0);
  const traces = service.received.find(({ path }) => path === "/v0.3/traces")?.body ?? "[]";
  expect(JSON.parse(traces)[0]).toHaveLength(5);
  const cloudWatch = service.received.find(({ headers }) => headers["x-amz-target"] !== undefined)?.body ?? "{}";
  expect(JSON.parse(cloudWatch).MetricData).toContainEqual(
    expect.objectContaining({ MetricName: "Workers", Value: 3 }),
  );
  expect(newRelic.span("/request").resource["service.name"]).toBe("imgproxy");
  expect(newRelic.metrics.has("requests_total")).toBe(true);
  while (datagrams.length === 0) await Bun.sleep(5);
  statsd.close();
  for (const name of ["imgproxy.workers:3|g", "imgproxy.vips.memory:", "imgproxy.vips.allocs:"]) {
    expect(datagrams.at(-1)).toContain(name);
  }
});
