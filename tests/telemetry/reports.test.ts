import { describe, expect, test } from "bun:test";
import { hostname } from "node:os";
import { loadConfig } from "../../src/config/config.ts";
import { AppError } from "../../src/errors.ts";
import { createAirbrakeReporter } from "../../src/telemetry/reports/airbrake.ts";
import { createBugsnagReporter } from "../../src/telemetry/reports/bugsnag.ts";
import { createHoneybadgerReporter } from "../../src/telemetry/reports/honeybadger.ts";
import { joinReporters } from "../../src/telemetry/reports/join-reporters.ts";
import { createSentryReporter } from "../../src/telemetry/reports/sentry.ts";
import { startReporters } from "../../src/telemetry/reports/start-reporters.ts";
import type { ErrorReport, LogLevel } from "../../src/telemetry/types.ts";
import { ReportService } from "../support/report-service.ts";

function recordingLogger() {
  const lines: string[] = [];
  return { lines, log: (level: LogLevel, message: string) => void lines.push(`${level}: ${message}`) };
}

const CAUSE = new TypeError("fetch of https://user:hunter2@host/a.png?X-Amz-Signature=abc failed");
/** A new one each time: Sentry takes no error twice. */
const makeReport = (): ErrorReport => ({
  error: new AppError("source_unreachable", "can't download http://me:hunter2@host/b?token=abc", { cause: CAUSE }),
  requestId: "req-1",
  sourceUrl: "https://host/a.png?X-Amz-Signature=***",
  options: { width: 20 },
});
const DETAILS = {
  "Request ID": "req-1",
  "Source Image URL": "https://host/a.png?X-Amz-Signature=***",
  "Source Image Origin": "https://host",
  Options: { width: 20 },
};
const MESSAGE = "can't download http://***@host/b?token=***";
const CAUSE_MESSAGE = "fetch of https://***@host/a.png?X-Amz-Signature=*** failed";

describe("a report", () => {
  test("reaches Sentry with its causes and without secrets", async () => {
    await using service = await ReportService.start();
    const { config } = loadConfig({ IMGPROXY_SENTRY_DSN: service.sentryDsn }, { version: "1.2.3" });
    const reporter = createSentryReporter(config, recordingLogger());
    reporter.report(makeReport());
    await reporter.close(5000);
    const [request] = service.received;
    expect(request?.path).toStartWith("/api/42/envelope/");
    expect(`${request?.path} ${request?.headers["x-sentry-auth"]}`).toContain("publickey");
    expect(request?.body).not.toMatch(/hunter2|abc/);
    const [event] = service.sentryEvents();
    expect(event).toMatchObject({
      environment: "production",
      release: "imgproxy@1.2.3",
      level: "error",
      server_name: hostname(),
      tags: { request_id: "req-1", error_kind: "source_unreachable" },
      contexts: { "Processing context": DETAILS },
    });
    expect(event?.exception.values.map(({ type, value }) => [type, value])).toEqual([
      ["TypeError", CAUSE_MESSAGE],
      ["source_unreachable", MESSAGE],
    ]);
    expect(
      event?.exception.values[1]?.stacktrace?.frames.some(({ filename }) => filename.includes("reports.test")),
    ).toBe(true);
  });

  test("reaches Bugsnag", async () => {
    await using service = await ReportService.start();
    const { config } = loadConfig({ IMGPROXY_BUGSNAG_KEY: "key", IMGPROXY_BUGSNAG_STAGE: "staging" });
    const parts = { logger: recordingLogger(), version: "1.2.3", endpoint: service.url };
    const reporter = createBugsnagReporter(config, parts);
    reporter.report(makeReport());
    await reporter.close(5000);
    const [request] = service.received;
    expect(request?.headers).toMatchObject({ "bugsnag-api-key": "key", "bugsnag-payload-version": "4" });
    const body = JSON.parse(request?.body ?? "");
    expect(body).toMatchObject({
      apiKey: "key",
      events: [
        {
          severity: "error",
          app: { version: "1.2.3", releaseStage: "staging" },
          device: { hostname: hostname() },
          metaData: { "Processing Context": DETAILS },
          exceptions: [
            { errorClass: "source_unreachable", message: MESSAGE, type: "nodejs" },
            { errorClass: "TypeError", message: CAUSE_MESSAGE },
          ],
        },
      ],
    });
    expect(body.events[0].exceptions[0].stacktrace[0]).toEqual({
      method: expect.any(String),
      file: expect.stringContaining("reports.test.ts"),
      lineNumber: expect.any(Number),
      columnNumber: expect.any(Number),
    });
  });

  test("reaches Honeybadger", async () => {
    await using service = await ReportService.start();
    const { config } = loadConfig({ IMGPROXY_HONEYBADGER_KEY: "key", IMGPROXY_HONEYBADGER_ENV: "staging" });
    const parts = { logger: recordingLogger(), version: "1.2.3", endpoint: service.url };
    const reporter = createHoneybadgerReporter(config, parts);
    reporter.report(makeReport());
    await reporter.close(5000);
    const [request] = service.received;
    expect(request).toMatchObject({ path: "/v1/notices/js", headers: { "x-api-key": "key" } });
    const body = JSON.parse(request?.body ?? "");
    expect(body).toMatchObject({
      error: {
        class: "source_unreachable",
        message: MESSAGE,
        causes: [{ class: "TypeError", message: CAUSE_MESSAGE }],
      },
      request: { context: DETAILS },
      server: { environment_name: "staging", hostname: hostname() },
    });
    expect(body.error.backtrace[0].file).toContain("reports.test.ts");
  });

  test("reaches Airbrake", async () => {
    await using service = await ReportService.start();
    const { config } = loadConfig({
      IMGPROXY_AIRBRAKE_PROJECT_ID: "7",
      IMGPROXY_AIRBRAKE_PROJECT_KEY: "key",
      IMGPROXY_AIRBRAKE_ENVIRONMENT: "staging",
    });
    const parts = { logger: recordingLogger(), version: "1.2.3", endpoint: service.url };
    const reporter = createAirbrakeReporter(config, parts);
    reporter.report(makeReport());
    await reporter.close(5000);
    const [request] = service.received;
    expect(request).toMatchObject({ path: "/api/v3/projects/7/notices", headers: { authorization: "Bearer key" } });
    const body = JSON.parse(request?.body ?? "");
    expect(body).toMatchObject({
      errors: [
        { type: "source_unreachable", message: MESSAGE },
        { type: "TypeError", message: CAUSE_MESSAGE },
      ],
      context: { environment: "staging", severity: "error", version: "1.2.3" },
      params: DETAILS,
    });
    expect(body.errors[0].backtrace[0].file).toContain("reports.test.ts");
  });
});

describe("a service that fails", () => {
  test("is told in the log, once, and forgotten when it works again", async () => {
    await using service = await ReportService.start();
    const logger = recordingLogger();
    const { config } = loadConfig({ IMGPROXY_HONEYBADGER_KEY: "key" });
    const reporter = createHoneybadgerReporter(config, { logger, version: "1", endpoint: service.url });
    for (const status of [403, 403, 200, 200]) {
      service.status = status;
      reporter.report(makeReport());
      await reporter.close(5000);
    }
    expect(logger.lines).toEqual([
      "warn: Cannot report errors to Honeybadger; further failures are not logged",
      "info: Reporting errors to Honeybadger works again",
    ]);
  });

  test("does not gather what it cannot take", async () => {
    const { promise: go, resolve: release } = Promise.withResolvers<void>();
    let asked = 0;
    using slow = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      async fetch() {
        asked++;
        await go;
        return new Response();
      },
    });
    const { config } = loadConfig({ IMGPROXY_HONEYBADGER_KEY: "key" });
    const parts = { logger: recordingLogger(), version: "1", endpoint: slow.url.origin };
    const reporter = createHoneybadgerReporter(config, parts);
    for (let count = 0; count < 100; count++) reporter.report(makeReport());
    await Bun.sleep(200);
    release();
    await reporter.close(5000);
    expect(asked).toBe(32);
  });

  test("of Sentry neither throws nor holds up the end", async () => {
    const logger = recordingLogger();
    const { config } = loadConfig({ IMGPROXY_SENTRY_DSN: "http://key@127.0.0.1:1/1" });
    const reporter = createSentryReporter(config, logger);
    reporter.report(makeReport());
    await reporter.close(1000);
    expect(logger.lines).toEqual(["warn: Cannot report errors to Sentry; further failures are not logged"]);
  });
});

describe("reporters", () => {
  const parts = { logger: recordingLogger(), version: "1.2.3" };

  test("are none when nothing is set up", async () => {
    expect(await startReporters(loadConfig({}).config, parts)).toBeUndefined();
    const half = loadConfig({ IMGPROXY_AIRBRAKE_PROJECT_ID: "7" });
    expect(await startReporters(half.config, parts)).toBeUndefined();
    expect(half.warnings.some((line) => line.includes("IMGPROXY_AIRBRAKE_PROJECT_KEY"))).toBe(true);
  });

  test("all hear of an error", async () => {
    await using sentry = await ReportService.start();
    await using bugsnag = await ReportService.start();
    const { config } = loadConfig({ IMGPROXY_SENTRY_DSN: sentry.sentryDsn, IMGPROXY_BUGSNAG_KEY: "k" });
    const reporter = joinReporters([
      createSentryReporter(config, parts.logger),
      createBugsnagReporter(config, { ...parts, endpoint: bugsnag.url }),
    ]);
    reporter.report(makeReport());
    await reporter.close(5000);
    expect([sentry.received.length, bugsnag.received.length]).toEqual([1, 1]);
  });

  test.each([
    "nonsense",
    "https://host/1",
    "ftp://key@host/1",
    "https://key@host",
    "https://key@host/project",
    "https://k-e-y@host/1",
  ])("refuse the DSN %p", (dsn) => {
    expect(() => loadConfig({ IMGPROXY_SENTRY_DSN: dsn })).toThrow("IMGPROXY_SENTRY_DSN");
  });
});
