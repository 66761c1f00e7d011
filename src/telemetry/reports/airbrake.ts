import { hostname } from "node:os";
import type { Config } from "../../config/config.ts";
import type { ErrorReporter } from "../types.ts";
import { describeErrors } from "./described-error.ts";
import { createHttpReporter } from "./http-reporter.ts";
import { NOTIFIER_NAME, type NoticeParts } from "./notice-parts.ts";
import { reportDetails } from "./report-details.ts";
import { createReportSender } from "./report-sender.ts";

export type AirbrakeConfig = Pick<Config, "airbrakeProjectId" | "airbrakeProjectKey" | "airbrakeEnvironment">;

/** Reports to Airbrake. Source: its API for notices, version 3. */
export function createAirbrakeReporter(
  config: AirbrakeConfig,
  { logger, version, endpoint = "https://api.airbrake.io" }: NoticeParts,
): ErrorReporter {
  return createHttpReporter(createReportSender("Airbrake", logger), (report) => ({
    url: `${endpoint}/api/v3/projects/${config.airbrakeProjectId}/notices`,
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${config.airbrakeProjectKey}` },
    body: JSON.stringify({
      errors: describeErrors(report.error).map(({ name, message, frames }) => ({
        type: name,
        message,
        backtrace: frames.map(({ method, file, line, column }) => ({ function: method, file, line, column })),
      })),
      context: {
        notifier: { name: NOTIFIER_NAME, version },
        environment: config.airbrakeEnvironment,
        hostname: hostname(),
        version,
        severity: "error",
      },
      params: reportDetails(report),
    }),
  }));
}
