import { AppError } from "../errors.ts";
import type { SendOutcome } from "./edge.ts";
import { compileTargetMask } from "./log-masking.ts";
import { compileOptionsDescriber } from "./options-log.ts";
import { compileRequestLog } from "./request-log.ts";
import { registerRequestMetrics } from "./request-metrics.ts";
import { compileRequestReports } from "./request-reports.ts";
import type { RequestTrace } from "./request-trace.ts";
import type { Services } from "./services.ts";

/** An image request as the books name it. */
export type BookedRequest = {
  readonly requestId: string;
  readonly method: string;
  /** Without secrets, see `shownTarget`. */
  readonly target: string;
  readonly clientIp: string;
};

/** Enters the end of a request: the status that was meant, and how sending it went. */
export type CloseBooks = (status: number, outcome: SendOutcome) => void;

/** What is counted, logged and reported of image requests, however they are answered. */
export interface RequestBooks {
  /** The raw target as it may be shown. */
  shownTarget(target: string): string;
  open(request: BookedRequest, trace: RequestTrace): CloseBooks;
}

/** Opens the books of one configuration. */
export function compileRequestBooks(services: Services): RequestBooks {
  const { config, logger } = services;
  const metrics = registerRequestMetrics(services.metrics, services.queue);
  const describeOptions = compileOptionsDescriber(config);
  const logCompleted = compileRequestLog(logger, describeOptions);
  const report = compileRequestReports(services, describeOptions);
  return {
    shownTarget: compileTargetMask(config.trustedSignatures),
    open(request, trace) {
      const { requestId, method, target, clientIp } = request;
      metrics.started();
      if (logger.wants?.("debug") !== false) {
        logger.log("debug", `Started ${target}`, { request_id: requestId, method, client_ip: clientIp });
      }
      return (meant, outcome) => {
        const status = finalStatus(meant, outcome, trace, config.reportIoErrors);
        metrics.finished(trace, status);
        logCompleted({ ...request, status, trace });
        report({ requestId, status, trace });
      };
    },
  };
}

/** The status that was really sent, or 499 when the client did not stay for it. Notes what went wrong in the trace. */
function finalStatus(status: number, outcome: SendOutcome, trace: RequestTrace, countsWriteErrors: boolean): number {
  switch (outcome) {
    case "sent":
      return status;
    case "client_gone":
      trace.error = new AppError("cancelled", `Request was cancelled after ${(trace.elapsedMs / 1000).toFixed(3)}s`);
      return trace.error.status;
    case "write_timeout":
      trace.error = new AppError(
        "write_failed",
        "failed to write response: the client reads too slowly (IMGPROXY_WRITE_RESPONSE_TIMEOUT)",
      );
      return countsWriteErrors ? trace.error.status : status;
    case "body_failed":
      trace.error = new AppError("source_incomplete", "the source broke off in the middle of a raw answer");
      return status;
  }
}
