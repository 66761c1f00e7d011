import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { loadConfig } from "../../src/config/config.ts";
import { createSentryReporter } from "../../src/telemetry/reports/sentry.ts";
import { startTracing } from "../../src/telemetry/tracing/start-tracing.ts";
import { silentLogger } from "../../src/telemetry/types.ts";
import type { Origin, Respond } from "../source/http/origin.ts";
import { OtlpCollector } from "../support/otlp-collector.ts";
import { ReportService } from "../support/report-service.ts";
import { imageAnswer, startImageOrigin } from "./image-origin.ts";
import { completedLines, startStand } from "./stand.ts";

let origin: Origin;
beforeAll(async () => {
  const refuseLate: Respond = (_, socket) => {
    setTimeout(() => socket.write(imageAnswer({ "Content-Type": "text/plain" }, Buffer.from("nope"), 404)), 100);
  };
  origin = await startImageOrigin({ "/slow": refuseLate });
});
afterAll(() => origin[Symbol.asyncDispose]());

/** A server that reports to a Sentry of ours, and what that has got once all is said. */
async function reportsOf(
  env: Record<string, string>,
  use: (get: (path: string) => Promise<Response>) => Promise<void>,
) {
  await using service = await ReportService.start();
  const reporter = createSentryReporter(loadConfig({ IMGPROXY_SENTRY_DSN: service.sentryDsn }).config, silentLogger);
  await using stand = await startStand({ env, change: () => ({ reporter }) });
  let requests = 0;
  await use((path) => {
    requests++;
    return stand.get(path.replace("{ORIGIN}", origin.url));
  });
  await completedLines(stand, requests);
  await reporter.close(5000);
  return service.sentryEvents();
}

const kindsOf = (events: Awaited<ReturnType<typeof reportsOf>>) => events.map(({ tags }) => tags["error_kind"]);

describe("errors that are reported", () => {
  test.each([
    ["a source that is not there", "/unsafe/plain/{ORIGIN}/404", "source_unreachable"],
    ["a source that breaks off", "/unsafe/plain/{ORIGIN}/cut", "source_incomplete"],
    ["an image that cannot be decoded", "/unsafe/w:5/plain/{ORIGIN}/broken", "broken_image"],
  ])("are %s", async (_, path, kind) => {
    expect(kindsOf(await reportsOf({}, async (get) => void (await get(path))))).toEqual([kind]);
  });

  test("are those behind a fallback image, too", async () => {
    const env = { IMGPROXY_FALLBACK_IMAGE_URL: `${origin.url}/ok.png` };
    const events = await reportsOf(env, async (get) => {
      expect((await get("/unsafe/plain/{ORIGIN}/404")).status).toBe(200);
    });
    expect(kindsOf(events)).toEqual(["source_unreachable"]);
  });

  test("say for which request, source and options, and keep secrets", async () => {
    const path = `/unsafe/rs:fit:20:30/plain/${origin.url.replace("://", "://user:hunter2%40")}/404%3Ftoken=t0ps3cret`;
    const [event] = await reportsOf({}, async (get) => void (await get(path)));
    expect(event?.contexts["Processing context"]).toEqual({
      "Request ID": expect.stringMatching(/^[\w-]{21}$/),
      "Source Image URL": `${origin.url.replace("://", "://***@")}/404?token=***`,
      "Source Image Origin": origin.url.replace("://", "://***@"),
      Options: { resizing_type: "fit", width: 20, height: 30 },
    });
    expect(JSON.stringify(event)).not.toMatch(/hunter2|t0ps3cret/);
  });

  test("are not the client's own, nor those of sources that are passed on as they are", async () => {
    const events = await reportsOf({ IMGPROXY_ALLOWED_SOURCES: `${origin.url}/` }, async (get) => {
      await get("/unsafe/nosuch:1/plain/{ORIGIN}/ok.png");
      await get("/unsafe/plain/http://elsewhere.example/ok.png");
      await get("/unsafe/raw:1/plain/{ORIGIN}/drop");
      await get("/unsafe/plain/{ORIGIN}/ok.png");
    });
    expect(events).toEqual([]);
  });

  test("are not downloads without IMGPROXY_REPORT_DOWNLOADING_ERRORS", async () => {
    const events = await reportsOf({ IMGPROXY_REPORT_DOWNLOADING_ERRORS: "false" }, async (get) => {
      await get("/unsafe/plain/{ORIGIN}/404");
      await get("/unsafe/plain/{ORIGIN}/cut");
      await get("/unsafe/w:5/plain/{ORIGIN}/broken");
    });
    expect(kindsOf(events)).toEqual(["broken_image"]);
  });

  test("are reported once when several requests share them", async () => {
    const events = await reportsOf({}, async (get) => {
      const together = [1, 2, 3].map(() => get("/unsafe/plain/{ORIGIN}/slow"));
      await Promise.all(together);
    });
    expect(kindsOf(events)).toEqual(["source_unreachable"]);
  });
});

test.each([
  ["true", 500, ["write_failed"]],
  ["false", 200, []],
])("with IMGPROXY_REPORT_IO_ERRORS=%s a client that reads too slowly is a %p", async (setting, status, expected) => {
  await using service = await ReportService.start();
  const reporter = createSentryReporter(loadConfig({ IMGPROXY_SENTRY_DSN: service.sentryDsn }).config, silentLogger);
  const env = { IMGPROXY_WRITE_RESPONSE_TIMEOUT: "1", IMGPROXY_REPORT_IO_ERRORS: setting };
  await using stand = await startStand({ env, change: () => ({ reporter }) });
  const socket = connect(stand.port, "127.0.0.1");
  socket.on("error", () => undefined).pause();
  // Large enough not to fit into the buffers of the system.
  socket.write(`GET /unsafe/rs:force:4000:4000/el:1/plain/${origin.url}/ok.png@bmp HTTP/1.1\r\nHost: x\r\n\r\n`);
  const [line] = await completedLines(stand, 1);
  socket.destroy();
  await reporter.close(5000);
  expect([line?.fields["status"], line?.level]).toEqual([status, "error"]);
  expect(kindsOf(service.sentryEvents())).toEqual(expected);
  expect(stand.metrics.render()).toContain('errors_total{type="IO"} 1');
});

describe("a traced request", () => {
  test("tells where its time went and what went wrong", async () => {
    await using collector = await OtlpCollector.overHttp();
    const env = {
      IMGPROXY_OPEN_TELEMETRY_ENABLE: "true",
      IMGPROXY_OPEN_TELEMETRY_PROPAGATE_EXTERNAL: "true",
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http",
    };
    const { tracer, close } = await startTracing(loadConfig(env).config, { version: "1", logger: silentLogger });
    await using stand = await startStand({ change: () => ({ tracer }) });
    await stand.get(`/unsafe/rs:fit:20:20/plain/${origin.url}/404`, { "X-Request-ID": "missing" });
    await stand.get(`/unsafe/raw:1/plain/${origin.url}/ok.png`, { "X-Request-ID": "raw" });
    const lines = await completedLines(stand, 2);
    await close();
    const root = collector.spans.find(({ attributes }) => attributes["imgproxy.request_id"] === "missing");
    expect(root).toMatchObject({
      name: "/request",
      statusCode: 0,
      attributes: { "http.response.status_code": 404, "imgproxy.options.width": 20 },
      events: [{ attributes: { "exception.type": "source_unreachable" } }],
    });
    expect(lines.map(({ fields }) => fields["trace_id"])).toContain(root?.traceId);
    const ofRequest = (id: string | undefined) => collector.spans.filter(({ traceId }) => traceId === id);
    expect(ofRequest(root?.traceId).map(({ name, statusCode }) => [name, statusCode])).toEqual([
      ["queue", 0],
      ["downloading_source_image", 2],
      ["streaming_image", 0],
      ["/request", 0],
    ]);
    const raw = collector.spans.find(({ attributes }) => attributes["imgproxy.request_id"] === "raw");
    const download = ofRequest(raw?.traceId).find(({ name }) => name === "downloading_source_image");
    expect(origin.seen.at(-1)?.headers.get("Traceparent")).toBe(`00-${raw?.traceId}-${download?.spanId}-01`);
  });
});
