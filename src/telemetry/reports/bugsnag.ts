import { hostname } from "node:os";
import type { Config } from "../../config/config.ts";
import type { ErrorReport, ErrorReporter } from "../types.ts";
import { describeErrors } from "./described-error.ts";
import { createHttpReporter } from "./http-reporter.ts";
import { NOTIFIER_NAME, type NoticeParts } from "./notice-parts.ts";
import { reportDetails } from "./report-details.ts";
import { createReportSender } from "./report-sender.ts";

export type BugsnagConfig = Pick<Config, "bugsnagKey" | "bugsnagStage">;

const PAYLOAD_VERSION = "4";

/** Reports to Bugsnag. Source: its error reporting API, payload version 4, which its own SDK for Node sends. */
export function createBugsnagReporter(
  config: BugsnagConfig,
  { logger, version, endpoint = "https://notify.bugsnag.com" }: NoticeParts,
): ErrorReporter {
  const toEvent = (report: ErrorReport) => ({
    payloadVersion: PAYLOAD_VERSION,
    exceptions: describeErrors(report.error).map(({ name, message, frames }) => ({
      errorClass: name,
      message,
      type: "nodejs",
      stacktrace: frames.map(({ method, file, line, column }) => ({
        method,
        file,
        lineNumber: line,
        columnNumber: column,
      })),
    })),
    severity: "error",
    severityReason: { type: "handledException" },
    unhandled: false,
    app: { version, releaseStage: config.bugsnagStage },
    device: { hostname: hostname() },
    metaData: { "Processing Context": reportDetails(report) },
  });
  return createHttpReporter(createReportSender("Bugsnag", logger), (report) => ({
    url: endpoint,
    headers: {
      "Content-Type": "application/json",
      "Bugsnag-Api-Key": config.bugsnagKey,
      "Bugsnag-Payload-Version": PAYLOAD_VERSION,
      "Bugsnag-Sent-At": new Date().toISOString(),
    },
    body: JSON.stringify({
      apiKey: config.bugsnagKey,
      notifier: { name: NOTIFIER_NAME, version },
      events: [toEvent(report)],
    }),
  }));
}
