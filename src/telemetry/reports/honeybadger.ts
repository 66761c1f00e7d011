import { hostname } from "node:os";
import type { Config } from "../../config/config.ts";
import type { ErrorReporter } from "../types.ts";
import { type DescribedError, describeErrors } from "./described-error.ts";
import { createHttpReporter } from "./http-reporter.ts";
import { NOTIFIER_NAME, type NoticeParts } from "./notice-parts.ts";
import { reportDetails } from "./report-details.ts";
import { createReportSender } from "./report-sender.ts";

export type HoneybadgerConfig = Pick<Config, "honeybadgerKey" | "honeybadgerEnv">;

/** Reports to Honeybadger. Source: its API for exceptions, version 1. */
export function createHoneybadgerReporter(
  config: HoneybadgerConfig,
  { logger, version, endpoint = "https://api.honeybadger.io" }: NoticeParts,
): ErrorReporter {
  return createHttpReporter(createReportSender("Honeybadger", logger), (report) => {
    const [main, ...causes] = describeErrors(report.error).map(toHoneybadgerError);
    return {
      url: `${endpoint}/v1/notices/js`,
      headers: {
        "Content-Type": "application/json",
        Accept: "application/json",
        "X-API-Key": config.honeybadgerKey,
      },
      body: JSON.stringify({
        notifier: { name: NOTIFIER_NAME, version },
        error: { ...main, causes },
        request: { context: reportDetails(report) },
        server: { environment_name: config.honeybadgerEnv, hostname: hostname(), revision: version },
      }),
    };
  });
}

function toHoneybadgerError({ name, message, frames }: DescribedError) {
  const backtrace = frames.map(({ method, file, line, column }) => ({ method, file, number: line, column }));
  return { class: name, message, backtrace };
}
