import type { ErrorReport, ErrorReporter } from "../types.ts";
import type { ReportRequest, ReportSender } from "./report-sender.ts";

/** Reports on their way at a time; when a service is slow and errors are many, the rest is not reported. */
const MAX_IN_FLIGHT = 32;

/** A reporter to a service that takes one request a report. */
export function createHttpReporter(
  send: ReportSender,
  toRequest: (report: ErrorReport) => ReportRequest,
): ErrorReporter {
  const inFlight = new Set<Promise<unknown>>();
  return {
    report(report) {
      if (inFlight.size >= MAX_IN_FLIGHT) return;
      const sending: Promise<unknown> = send(toRequest(report))
        // The sender has told the log.
        .catch(() => undefined)
        .finally(() => inFlight.delete(sending));
      inFlight.add(sending);
    },
    async close() {
      await Promise.all(inFlight);
    },
  };
}
