import { describe, expect, test } from "bun:test";
import { loadConfig } from "../../src/config/config.ts";
import { AppError } from "../../src/errors.ts";
import { startTracing } from "../../src/telemetry/tracing/start-tracing.ts";
import { createTraceIds } from "../../src/telemetry/tracing/trace-ids.ts";
import type { LogFields, LogLevel, TracedOutcome } from "../../src/telemetry/types.ts";
import { OtlpCollector } from "../support/otlp-collector.ts";
import { LOCALHOST_CERTIFICATE } from "../support/tls-certificate.ts";

const OUTCOME: TracedOutcome = { status: 200, error: undefined, sourceUrl: undefined, options: undefined };

function configFor(collector: OtlpCollector, env: Record<string, string> = {}) {
  return loadConfig({
    IMGPROXY_OPEN_TELEMETRY_ENABLE: "true",
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
    ...env,
  }).config;
}

async function tracingTo(collector: OtlpCollector, env: Record<string, string> = {}) {
  const lines: { level: LogLevel; message: string; fields: LogFields }[] = [];
  const logger = {
    log: (level: LogLevel, message: string, fields = {}) => void lines.push({ level, message, fields }),
  };
  const tracing = await startTracing(configFor(collector, env), { version: "1.2.3", logger });
  return { ...tracing, lines };
}

function request(headers: Record<string, string> = {}) {
  return {
    method: "GET",
    target: "/unsafe/w:20/plain/http://h/a.png?x=1",
    headers: new Headers({ host: "img.example:8080", "user-agent": "test/1", ...headers }),
    clientIp: "9.9.9.9",
    requestId: "abc",
  };
}

describe("a followed request", () => {
  test("is a span of its own with the stages below it", async () => {
    await using collector = await OtlpCollector.overHttp();
    const { tracer, close } = await tracingTo(collector);
    const span = tracer.startRequest(request());
    span.startStage("queue").end();
    const stage = span.startStage("downloading_source_image");
    await Bun.sleep(15);
    stage.end();
    span.end({
      ...OUTCOME,
      sourceUrl: "s3://bucket/key.png",
      options: { width: 20, format: "png", crop: { width: 3, gravity: undefined } },
    });
    await close();
    expect(collector.requests.map(({ path }) => path)).toEqual(["/v1/traces"]);
    const root = collector.span("/request");
    expect(root).toMatchObject({
      kind: 2,
      traceId: span.traceId,
      spanId: span.spanId,
      parentSpanId: "",
      statusCode: 0,
    });
    expect(root.attributes).toEqual({
      "http.request.method": "GET",
      "url.path": "/unsafe/w:20/plain/http://h/a.png",
      "url.scheme": "http",
      "server.address": "img.example",
      "server.port": 8080,
      "client.address": "9.9.9.9",
      "user_agent.original": "test/1",
      "imgproxy.request_id": "abc",
      "http.response.status_code": 200,
      "imgproxy.source_image_url": "s3://bucket/key.png",
      "imgproxy.source_image_origin": "s3://bucket",
      "imgproxy.options.width": 20,
      "imgproxy.options.format": "png",
      "imgproxy.options.crop.width": 3,
    });
    expect(root.resource).toMatchObject({ "service.name": "imgproxy", "service.version": "1.2.3" });
    for (const name of ["queue", "downloading_source_image"]) {
      expect(collector.span(name)).toMatchObject({ kind: 1, traceId: span.traceId, parentSpanId: span.spanId });
    }
    const download = collector.span("downloading_source_image");
    expect(download.endMs - download.startMs).toBeWithin(13, 500);
  });

  test.each([
    ["a fault of the server", new AppError("internal", "it broke"), 500, 2],
    [
      "a fallback image for a broken origin",
      new AppError("source_unreachable", "502 of the origin", { status: 502 }),
      200,
      2,
    ],
    ["a fault of the client", new AppError("invalid_url", "no such option"), 404, 0],
  ])("with %s says what happened", async (_, error, status, statusCode) => {
    await using collector = await OtlpCollector.overHttp();
    const { tracer, close } = await tracingTo(collector);
    const span = tracer.startRequest(request());
    span.startStage("processing_image").end(error);
    span.end({ ...OUTCOME, status, error });
    await close();
    expect(collector.span("/request")).toMatchObject({
      statusCode,
      events: [{ name: "exception", attributes: { "exception.type": error.kind, "exception.message": error.message } }],
    });
    expect(collector.span("processing_image")).toMatchObject({ statusCode: 2, statusMessage: error.message });
  });
});

describe("the trace of a client", () => {
  const TRACE = "0af7651916cd43dd8448eb211c80319c";
  const PARENT = "b7ad6b7169203331";

  test.each([
    ["tracecontext,baggage", { traceparent: `00-${TRACE}-${PARENT}-01` }],
    ["b3", { b3: `${TRACE}-${PARENT}-1` }],
    ["b3multi", { "x-b3-traceid": TRACE, "x-b3-spanid": PARENT, "x-b3-sampled": "1" }],
    ["xray", { "x-amzn-trace-id": `Root=1-${TRACE.slice(0, 8)}-${TRACE.slice(8)};Parent=${PARENT};Sampled=1` }],
  ])("goes on when it comes as %s", async (propagators, headers) => {
    await using collector = await OtlpCollector.overHttp();
    const { tracer, close } = await tracingTo(collector, { OTEL_PROPAGATORS: propagators });
    tracer.startRequest(request(headers)).end(OUTCOME);
    await close();
    expect(collector.span("/request")).toMatchObject({ traceId: TRACE, parentSpanId: PARENT });
  });

  test("is not followed when the client has decided so", async () => {
    await using collector = await OtlpCollector.overHttp();
    const { tracer, close } = await tracingTo(collector);
    const span = tracer.startRequest(request({ traceparent: `00-${TRACE}-${PARENT}-00` }));
    span.startStage("queue").end();
    span.end(OUTCOME);
    await close();
    expect(span.traceId).toBe(TRACE);
    expect(collector.requests).toEqual([]);
  });

  test("stays away from sources unless it is to be passed on", async () => {
    await using collector = await OtlpCollector.overHttp();
    const { tracer, close } = await tracingTo(collector);
    expect(tracer.startRequest(request()).startStage("queue").sourceHeaders).toBeUndefined();
    await close();
  });

  test("is passed on to sources with the stage as the parent", async () => {
    await using collector = await OtlpCollector.overHttp();
    const env = { IMGPROXY_OPEN_TELEMETRY_PROPAGATE_EXTERNAL: "true" };
    const { tracer, close } = await tracingTo(collector, env);
    const incoming = { traceparent: `00-${TRACE}-${PARENT}-01`, tracestate: "vendor=1", baggage: "tenant=7" };
    const span = tracer.startRequest(request(incoming));
    const stage = span.startStage("downloading_source_image");
    const headers = stage.sourceHeaders;
    stage.end();
    span.end(OUTCOME);
    await close();
    const { spanId } = collector.span("downloading_source_image");
    expect(headers).toEqual({
      traceparent: `00-${TRACE}-${spanId}-01`,
      tracestate: "vendor=1",
      baggage: "tenant=7",
    });
  });
});

describe("trace ids", () => {
  test("begin with the time where X-Ray reads them", () => {
    const ids = createTraceIds("xray", () => 0x6a1b2c3d * 1000 + 789);
    const id = ids.generateTraceId();
    expect(id).toMatch(/^6a1b2c3d[0-9a-f]{24}$/);
    expect(ids.generateTraceId()).not.toBe(id);
    expect(ids.generateSpanId()).toMatch(/^[0-9a-f]{16}$/);
  });

  test.each([
    ["xray", true],
    ["random", false],
  ])("of the kind %s are what IMGPROXY_OPEN_TELEMETRY_TRACE_ID_GENERATOR asks for", async (kind, isTimed) => {
    await using collector = await OtlpCollector.overHttp();
    const { tracer, close } = await tracingTo(collector, { IMGPROXY_OPEN_TELEMETRY_TRACE_ID_GENERATOR: kind });
    const seconds = Number.parseInt(tracer.startRequest(request()).traceId.slice(0, 8), 16);
    await close();
    expect(Math.abs(seconds - Date.now() / 1000) < 5).toBe(isTimed);
  });
});

describe("spans travel", () => {
  async function sendOne(collector: OtlpCollector, env: Record<string, string>) {
    const { tracer, close, lines } = await tracingTo(collector, env);
    tracer.startRequest(request()).end(OUTCOME);
    await close().catch(() => undefined);
    return lines;
  }
  const grpc = { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" };
  const trusted = {
    IMGPROXY_OPEN_TELEMETRY_SERVER_CERT: LOCALHOST_CERTIFICATE.cert.replaceAll("\n", "\\n"),
    IMGPROXY_OPEN_TELEMETRY_CLIENT_CERT: LOCALHOST_CERTIFICATE.cert,
    IMGPROXY_OPEN_TELEMETRY_CLIENT_KEY: LOCALHOST_CERTIFICATE.key,
  };

  test("over gRPC", async () => {
    await using collector = await OtlpCollector.overGrpc();
    expect(await sendOne(collector, grpc)).toEqual([]);
    expect(collector.spans).toHaveLength(1);
    expect(collector.requests[0]?.path).toBe("/opentelemetry.proto.collector.trace.v1.TraceService/Export");
  });

  test.each(["http", "https", "http/protobuf"])("over HTTP when the protocol is %s", async (protocol) => {
    await using collector = await OtlpCollector.overHttp();
    await sendOne(collector, { OTEL_EXPORTER_OTLP_PROTOCOL: protocol });
    expect(collector.spans).toHaveLength(1);
  });

  test("to the endpoint and over the protocol that traces have for themselves", async () => {
    await using collector = await OtlpCollector.overHttp();
    await sendOne(collector, {
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1",
      OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/protobuf",
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/my/traces`,
    });
    expect(collector.requests.map(({ path }) => path)).toEqual(["/my/traces"]);
  });

  test.each(["http", "grpc"] as const)("over TLS with a certificate on both sides, by %s", async (protocol) => {
    const tls = { ...LOCALHOST_CERTIFICATE, ca: LOCALHOST_CERTIFICATE.cert, requestCert: true };
    await using collector = await (protocol === "http" ? OtlpCollector.overHttp(tls) : OtlpCollector.overGrpc(tls));
    expect(await sendOne(collector, { OTEL_EXPORTER_OTLP_PROTOCOL: protocol, ...trusted })).toEqual([]);
    expect(collector.spans).toHaveLength(1);
  });

  test.each(["http", "grpc"] as const)("nowhere when the certificate is not trusted, by %s", async (protocol) => {
    await using collector = await (protocol === "http"
      ? OtlpCollector.overHttp(LOCALHOST_CERTIFICATE)
      : OtlpCollector.overGrpc(LOCALHOST_CERTIFICATE));
    const lines = await sendOne(collector, {
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_TIMEOUT: "500",
    });
    expect(collector.spans).toEqual([]);
    expect(lines).toMatchObject([{ level: "warn", message: expect.stringContaining("Cannot send traces to https:") }]);
  });

  test("or the log says why not, once", async () => {
    await using collector = await OtlpCollector.overHttp();
    collector.refusesWith = 401;
    const { tracer, close, lines } = await tracingTo(collector, { OTEL_BSP_SCHEDULE_DELAY: "10" });
    for (const count of [1, 2]) {
      tracer.startRequest(request()).end(OUTCOME);
      await collector.until(({ requests }) => requests.length === count);
    }
    collector.refusesWith = undefined;
    tracer.startRequest(request()).end(OUTCOME);
    await collector.until(({ spans }) => spans.length === 1);
    await close();
    expect(lines.map(({ level, message }) => [level, message.split(" http", 1)[0]])).toEqual([
      ["warn", "Cannot send traces to"],
      ["info", "Sending traces to"],
    ]);
  });
});

describe("what is followed", () => {
  test.each([
    ["always_off", "", 0],
    ["parentbased_always_on", "", 20],
    ["traceidratio", "0", 0],
    ["parentbased_traceidratio", "1", 20],
  ])("is decided by the sampler %s %s", async (name, argument, expected) => {
    await using collector = await OtlpCollector.overHttp();
    const env = { OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: argument };
    const { tracer, close } = await tracingTo(collector, env);
    for (let count = 0; count < 20; count++) tracer.startRequest(request()).end(OUTCOME);
    await close();
    expect(collector.spans).toHaveLength(expected);
  });
});

test.each([
  [{ OTEL_PROPAGATORS: "tracecontext,ottrace" }, 'OTEL_PROPAGATORS: "ottrace"'],
  [{ OTEL_TRACES_SAMPLER: "jaeger_remote" }, 'OTEL_TRACES_SAMPLER="jaeger_remote"'],
  [{ OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "2" }, 'OTEL_TRACES_SAMPLER_ARG="2"'],
  [{ IMGPROXY_OPEN_TELEMETRY_TRACE_ID_GENERATOR: "ulid" }, "IMGPROXY_OPEN_TELEMETRY_TRACE_ID_GENERATOR"],
])("%p keeps it from starting", async (env, message) => {
  await using collector = await OtlpCollector.overHttp();
  expect(tracingTo(collector, env as Record<string, string>)).rejects.toThrow(message);
});
