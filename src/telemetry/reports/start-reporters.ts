import type { ErrorReporter, Logger } from "../types.ts";
import type { AirbrakeConfig } from "./airbrake.ts";
import type { BugsnagConfig } from "./bugsnag.ts";
import type { HoneybadgerConfig } from "./honeybadger.ts";
import { joinReporters } from "./join-reporters.ts";
import type { SentryConfig } from "./sentry.ts";

export type ReporterConfig = AirbrakeConfig & BugsnagConfig & HoneybadgerConfig & SentryConfig;

export type ReporterParts = {
  readonly version: string;
  /** Hears when a service cannot be reached. */
  readonly logger: Logger;
};

/** Loads and starts the reporters that the configuration turns on; undefined when that is none. Throws `AppError("config")`. */
export async function startReporters(config: ReporterConfig, parts: ReporterParts): Promise<ErrorReporter | undefined> {
  const reporters: ErrorReporter[] = [];
  if (config.sentryDsn !== "") {
    const { createSentryReporter } = await import("./sentry.ts");
    reporters.push(createSentryReporter(config, parts.logger));
  }
  if (config.bugsnagKey !== "") {
    const { createBugsnagReporter } = await import("./bugsnag.ts");
    reporters.push(createBugsnagReporter(config, parts));
  }
  if (config.honeybadgerKey !== "") {
    const { createHoneybadgerReporter } = await import("./honeybadger.ts");
    reporters.push(createHoneybadgerReporter(config, parts));
  }
  if (config.airbrakeProjectId > 0 && config.airbrakeProjectKey !== "") {
    const { createAirbrakeReporter } = await import("./airbrake.ts");
    reporters.push(createAirbrakeReporter(config, parts));
  }
  return reporters.length <= 1 ? reporters[0] : joinReporters(reporters);
}
