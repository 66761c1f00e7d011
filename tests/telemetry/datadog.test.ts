import { describe, expect, test } from "bun:test";
import { createSocket } from "node:dgram";
import { createServer } from "node:http";
import { loadConfig } from "../../src/config/config.ts";
import { AppError } from "../../src/errors.ts";
import { startDogStatsd } from "../../src/telemetry/datadog/dog-statsd.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { startTracing } from "../../src/telemetry/tracing/start-tracing.ts";
import { type LogLevel, silentLogger, type TracedOutcome } from "../../src/telemetry/types.ts";

type DatadogSpan = {
  readonly trace_id: string;
  readonly span_id: string;
  readonly parent_id: string;
  readonly name: string;
  readonly error: number;
  readonly meta: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, number>>;
} & Readonly<Record<string, unknown>>;

/** Stands in for the trace intake of a Datadog agent. */
async function startAgent() {
  const requests: { method: string | undefined; url: string | undefined; count: unknown }[] = [];
  const spans: DatadogSpan[] = [];
  const agent = { requests, spans, status: 200, port: 0 };
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { method, url, headers } = incoming;
    requests.push({ method, url, count: headers["x-datadog-trace-count"] });
    // Ids have more digits than numbers of JavaScript keep.
    const text = Buffer.concat(chunks).toString();
    const exact = text.replace(/"(trace_id|span_id|parent_id|start|duration)":(\d+)/g, '"$1":"$2"');
    spans.push(...(JSON.parse(exact) as DatadogSpan[][]).flat());
    outgoing.writeHead(agent.status).end("OK");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  agent.port = typeof address === "object" && address !== null ? address.port : 0;
  return Object.assign(agent, {
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  });
}

type Agent = Awaited<ReturnType<typeof startAgent>>;

function tracingTo({ port }: Pick<Agent, "port">, env: Record<string, string> = {}, logger = silentLogger) {
  const { config } = loadConfig({
    IMGPROXY_DATADOG_ENABLE: "true",
    DD_AGENT_HOST: "127.0.0.1",
    DD_TRACE_AGENT_PORT: String(port),
    DD_ENV: "staging",
    ...env,
  });
  return startTracing(config, { version: "1.2.3", logger });
}

const request = (headers: Record<string, string> = {}) => ({
  method: "GET",
  target: "/unsafe/w:20/plain/x",
  headers: new Headers({ host: "img.example", ...headers }),
  clientIp: "9.9.9.9",
  requestId: "abc",
});
const OUTCOME: TracedOutcome = { status: 200, error: undefined, sourceUrl: "http://h/a.png", options: { width: 20 } };

describe("traces", () => {
  test("reach the agent in its own form", async () => {
    await using agent = await startAgent();
    const { tracer, close } = await tracingTo(agent, { DD_SERVICE: "thumbs" });
    const span = tracer.startRequest(request());
    const stage = span.startStage("processing_image");
    await Bun.sleep(15);
    stage.end();
    span.end(OUTCOME);
    const failed = tracer.startRequest(request());
    failed.end({ ...OUTCOME, status: 500, error: new AppError("internal", "it broke") });
    await close();
    expect(agent.requests).toEqual([{ method: "PUT", url: "/v0.3/traces", count: "2" }]);
    const [child, root, broken] = agent.spans;
    expect(root).toMatchObject({
      service: "thumbs",
      name: "request",
      resource: "request",
      type: "web",
      parent_id: "0",
      error: 0,
      meta: {
        "http.method": "GET",
        "http.url": "/unsafe/w:20/plain/x",
        "http.status_code": "200",
        "imgproxy.source_image_url": "http://h/a.png",
        "imgproxy.source_image_origin": "http://h",
        "span.kind": "server",
        "_dd.p.tid": span.traceId.slice(0, 16),
        env: "staging",
        version: "1.2.3",
      },
      metrics: { "imgproxy.options.width": 20, _sampling_priority_v1: 1 },
    });
    expect(root?.trace_id).toBe(BigInt(`0x${span.traceId.slice(16)}`).toString());
    expect(root?.span_id).toBe(BigInt(`0x${span.spanId}`).toString());
    expect(child).toMatchObject({ name: "processing_image", parent_id: root?.span_id, trace_id: root?.trace_id });
    expect(Number(child?.["duration"]) / 1e6).toBeWithin(13, 500);
    expect(Math.abs(Number(child?.["start"]) / 1e6 - Date.now())).toBeLessThan(5000);
    expect(broken).toMatchObject({ error: 1, meta: { "error.message": "it broke", "error.type": "internal" } });
  });

  const DATADOG = {
    "x-datadog-trace-id": "9532127138774266268",
    "x-datadog-parent-id": "13235353014750950193",
    "x-datadog-sampling-priority": "1",
    "x-datadog-tags": "_dd.p.dm=-1,_dd.p.tid=0af7651916cd43dd",
  };
  const W3C = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };

  test.each([
    ["Datadog's headers", DATADOG],
    ["those of the W3C", W3C],
  ])("go on from %s", async (_, headers) => {
    await using agent = await startAgent();
    const { tracer, close } = await tracingTo(agent);
    const span = tracer.startRequest(request(headers));
    span.end(OUTCOME);
    await close();
    expect(span.traceId).toBe("0af7651916cd43dd8448eb211c80319c");
    expect(agent.spans[0]).toMatchObject({ trace_id: "9532127138774266268", parent_id: "13235353014750950193" });
  });

  test.each(["not-a-number", "99999999999999999999", "-1", ""])("begin anew where the id is %p", async (id) => {
    await using agent = await startAgent();
    const { tracer, close } = await tracingTo(agent);
    tracer.startRequest(request({ ...DATADOG, "x-datadog-trace-id": id })).end(OUTCOME);
    await close();
    expect(agent.spans[0]?.parent_id).toBe("0");
  });

  test("that the caller has dropped are dropped", async () => {
    await using agent = await startAgent();
    const { tracer, close } = await tracingTo(agent);
    tracer.startRequest(request({ ...DATADOG, "x-datadog-sampling-priority": "0" })).end(OUTCOME);
    await close();
    expect(agent.spans).toEqual([]);
  });

  test("go on to sources with IMGPROXY_DATADOG_PROPAGATE_EXTERNAL only", async () => {
    await using agent = await startAgent();
    const quiet = await tracingTo(agent);
    expect(quiet.tracer.startRequest(request()).startStage("queue").sourceHeaders).toBeUndefined();
    const { tracer, close } = await tracingTo(agent, { IMGPROXY_DATADOG_PROPAGATE_EXTERNAL: "true" });
    const headers = tracer.startRequest(request(DATADOG)).startStage("downloading_source_image").sourceHeaders;
    expect(headers).toMatchObject({
      "x-datadog-trace-id": DATADOG["x-datadog-trace-id"],
      "x-datadog-parent-id": expect.stringMatching(/^\d+$/),
      "x-datadog-sampling-priority": "1",
      "x-datadog-tags": "_dd.p.tid=0af7651916cd43dd",
      traceparent: expect.stringMatching(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/),
    });
    await Promise.all([quiet.close(), close()]);
  });

  test("that the agent refuses are told in the log", async () => {
    await using agent = await startAgent();
    agent.status = 429;
    const lines: string[] = [];
    const logger = { log: (level: LogLevel, message: string) => void lines.push(`${level}: ${message}`) };
    const { tracer, close } = await tracingTo(agent, { DD_TRACE_STARTUP_LOGS: "true" }, logger);
    tracer.startRequest(request()).end(OUTCOME);
    await close().catch(() => undefined);
    expect(lines).toEqual([
      "info: Datadog tracing",
      "warn: Cannot send traces to the Datadog agent; further failures are not logged",
    ]);
  });
});

describe("gauges", () => {
  test("go to DogStatsD under the reference's names, the last at the end", async () => {
    const agent = createSocket("udp4");
    const datagrams: string[] = [];
    agent.on("message", (message) => void datagrams.push(message.toString()));
    await new Promise<void>((resolve) => agent.bind(0, "127.0.0.1", () => resolve()));
    const metrics = createMetrics("");
    let inProgress = 1;
    metrics.gauge("workers", "Workers.", () => 4);
    metrics.gauge("requests_in_progress", "Requests.", () => inProgress);
    metrics.gauge("vips_memory_bytes", "Memory.", () => 1024);
    metrics.gauge("queue_waiting", "Of our own.", () => 1);
    const { config } = loadConfig({
      DD_AGENT_HOST: "localhost",
      DD_DOGSTATSD_PORT: String(agent.address().port),
      DD_SERVICE: "thumbs",
    });
    const { close } = startDogStatsd(config, { metrics, version: "1.2.3", logger: silentLogger, intervalMs: 20 });
    while (datagrams.length < 2) await Bun.sleep(5);
    inProgress = 7;
    await close();
    while (!datagrams.at(-1)?.includes(":7|g")) await Bun.sleep(5);
    agent.close();
    expect(datagrams[0]?.split("\n")).toEqual([
      "imgproxy.workers:4|g|#service:thumbs,version:1.2.3",
      "imgproxy.requests_in_progress:1|g|#service:thumbs,version:1.2.3",
      "imgproxy.vips.memory:1024|g|#service:thumbs,version:1.2.3",
    ]);
  });

  test("wait for an agent whose name is not known yet, and the log says so once", async () => {
    const lines: string[] = [];
    const logger = { log: (_: LogLevel, message: string) => void lines.push(message) };
    const metrics = createMetrics("");
    metrics.gauge("workers", "Workers.", () => 4);
    const { config } = loadConfig({ DD_AGENT_HOST: "no-such-host.invalid" });
    const { close } = startDogStatsd(config, { metrics, version: "1", logger, intervalMs: 10 });
    await Bun.sleep(100);
    await close();
    expect(lines).toEqual(["Cannot send metrics to the Datadog agent"]);
  });
});
