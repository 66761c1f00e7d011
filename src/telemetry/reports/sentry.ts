import { hostname } from "node:os";
import {
  createStackParser,
  createTransport,
  type ErrorEvent,
  type EventHint,
  linkedErrorsIntegration,
  makeDsn,
  Scope,
} from "@sentry/core";
import { nodeStackLineParser, ServerRuntimeClient } from "@sentry/core/server";
import type { Config } from "../../config/config.ts";
import { AppError } from "../../errors.ts";
import type { ErrorReporter, Logger } from "../types.ts";
import { nameOf } from "./described-error.ts";
import { reportDetails } from "./report-details.ts";
import { createReportSender } from "./report-sender.ts";
import { scrubUrls } from "./scrub.ts";

export type SentryConfig = Pick<Config, "sentryDsn" | "sentryEnvironment" | "sentryRelease">;

/**
 * Reports to Sentry through its SDK, of which only the core is needed: it is told what to send, it watches nothing.
 * Throws `AppError("config")` for a DSN that Sentry does not take.
 */
export function createSentryReporter(config: SentryConfig, logger: Logger): ErrorReporter {
  if (makeDsn(config.sentryDsn) === undefined) {
    throw new AppError("config", "IMGPROXY_SENTRY_DSN must be a DSN of the form https://KEY@HOST/PROJECT.");
  }
  const send = createReportSender("Sentry", logger);
  const client = new ServerRuntimeClient({
    dsn: config.sentryDsn,
    environment: config.sentryEnvironment,
    release: config.sentryRelease,
    serverName: hostname(),
    platform: "node",
    runtime: { name: "bun", version: process.versions["bun"] ?? process.version },
    // Causes are reported with the errors that they led to.
    integrations: [linkedErrorsIntegration()],
    stackParser: createStackParser(nodeStackLineParser()),
    traceLifecycle: "static",
    sendClientReports: false,
    beforeSend: prepared,
    transport: (options) =>
      createTransport(options, async ({ body }) => {
        const { status, headers } = await send({ url: options.url, headers: options.headers ?? {}, body });
        const limits = {
          "x-sentry-rate-limits": headers.get("x-sentry-rate-limits"),
          "retry-after": headers.get("retry-after"),
        };
        return { statusCode: status, headers: limits };
      }),
  });
  client.init();
  return {
    report(report) {
      const scope = new Scope();
      scope.setTags({ request_id: report.requestId, error_kind: report.error.kind });
      scope.setContext("Processing context", reportDetails(report));
      client.captureException(report.error, { originalException: report.error }, scope);
    },
    async close(timeoutMs) {
      await client.close(timeoutMs);
    },
  };
}

/** Messages of causes come from libraries, which may quote whole URLs. What was reported stands last. */
function prepared(event: ErrorEvent, { originalException }: EventHint): ErrorEvent {
  const exceptions = event.exception?.values ?? [];
  for (const exception of exceptions) {
    if (exception.value !== undefined) exception.value = scrubUrls(exception.value);
  }
  const main = exceptions.at(-1);
  if (main !== undefined && originalException instanceof Error) main.type = nameOf(originalException);
  return event;
}
