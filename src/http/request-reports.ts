import type { AppError, ErrorKind } from "../errors.ts";
import { scrubUrls } from "../telemetry/reports/scrub.ts";
import { maskUserInfo } from "./log-masking.ts";
import type { OptionsDescriber } from "./options-log.ts";
import type { RequestTrace } from "./request-trace.ts";
import type { Services } from "./services.ts";

export type ReportedRequest = {
  readonly requestId: string;
  /** The final one. */
  readonly status: number;
  readonly trace: RequestTrace;
};

/** Tells tracing systems and collectors of errors that a request is over. */
export type RequestReports = (request: ReportedRequest) => void;

/** Errors that are the source's business. */
const OF_DOWNLOADS: ReadonlySet<ErrorKind> = new Set([
  "source_unreachable",
  "source_timeout",
  "source_incomplete",
  "undetected_image",
]);

/** Builds the reports of one configuration. An error that several requests share is reported once. */
export function compileRequestReports(services: Services, describeOptions: OptionsDescriber): RequestReports {
  const { config, reporter } = services;
  const reported = new WeakSet<AppError>();

  function isWorthReporting(error: AppError, { options }: RequestTrace): boolean {
    if (!error.isReported || reported.has(error)) return false;
    if (error.kind === "internal") return true;
    // A source that fails while it is passed on as it is concerns its client alone.
    if (options?.raw) return false;
    if (OF_DOWNLOADS.has(error.kind)) return config.reportDownloadingErrors;
    return error.kind !== "write_failed" || config.reportIoErrors;
  }

  return ({ requestId, status, trace }) => {
    const { error, source, span } = trace;
    const isReported = reporter !== undefined && error !== undefined && isWorthReporting(error, trace);
    if (span === undefined && !isReported) return;
    const options = trace.options && describeOptions(trace.options, trace.cachebuster);
    span?.end({ status, error, sourceUrl: source && maskUserInfo(source), options });
    if (!isReported) return;
    reported.add(error);
    reporter.report({ error, requestId, sourceUrl: source && scrubUrls(source), options });
  };
}
