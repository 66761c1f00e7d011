import { AppError, toAppError } from "../errors.ts";
import type { Answer } from "./answer.ts";
import { clientAddress } from "./client-address.ts";
import { startDeadline } from "./deadline.ts";
import type { Exchange, SendOutcome } from "./edge.ts";
import { compileErrorAnswers } from "./error-answer.ts";
import { compileHeaderRules } from "./header-rules.ts";
import type { ImageExchange, ImageHandler } from "./image-exchange.ts";
import { compileImageHandler } from "./image-handler.ts";
import { compileTargetMask } from "./log-masking.ts";
import { compileOptionsDescriber } from "./options-log.ts";
import { isPlaygroundOn } from "./playground/is-playground-on.ts";
import { compileRequestLog } from "./request-log.ts";
import { registerRequestMetrics } from "./request-metrics.ts";
import { compileRequestReports } from "./request-reports.ts";
import { RequestTrace } from "./request-trace.ts";
import { compileResultHeaders, type ResultHeaders } from "./result-headers.ts";
import { serverTiming } from "./server-timing.ts";
import type { Services } from "./services.ts";
import { compileSourceHeaders, type SourceHeaders } from "./source-headers.ts";

/** Answers an image request in every case, and keeps its books. */
export type ImageRoute = (request: Request, exchange: Exchange, requestId: string) => Promise<Answer>;

/** Builds the handler that a route is put around. */
export type HandlerCompiler = (services: Services, source: SourceHeaders, result: ResultHeaders) => ImageHandler;

/** Puts the deadline, the error answers, the log line and the metrics around the image handler. */
export function compileImageRoute(
  services: Services,
  compileHandler: HandlerCompiler = compileImageHandler,
): ImageRoute {
  const { config, logger, tracer } = services;
  const rules = compileHeaderRules(config);
  const resultHeaders = compileResultHeaders(config, rules);
  const handle = compileHandler(services, compileSourceHeaders(config, rules), resultHeaders);
  const answerError = compileErrorAnswers(config.developmentErrorsMode, services.version);
  const metrics = registerRequestMetrics(services.metrics, services.queue);
  const maskTarget = compileTargetMask(config.trustedSignatures);
  const showsTimings = config.developmentErrorsMode || isPlaygroundOn(config);
  const describeOptions = compileOptionsDescriber(config);
  const logCompleted = compileRequestLog(logger, describeOptions);
  const report = compileRequestReports(services, describeOptions);

  async function answerOrError(image: ImageExchange): Promise<Answer> {
    try {
      return await handle(image);
    } catch (thrown) {
      const error = requestError(thrown, image.signal);
      image.trace.error = error;
      const { target, requestId, headers } = image;
      const answer = answerError({ error, target, requestId, accept: headers.get("accept") ?? "" });
      return { ...answer, headers: [...answer.headers, ...resultHeaders.cors] };
    }
  }

  return async (request, exchange, requestId) => {
    metrics.started();
    const { method, target, peerAddress } = exchange;
    const { headers } = request;
    const clientIp = clientAddress(headers, peerAddress);
    const shownTarget = maskTarget(target);
    const trace = new RequestTrace(tracer?.startRequest({ method, target: shownTarget, headers, clientIp, requestId }));
    logger.log("debug", `Started ${shownTarget}`, { request_id: requestId, method, client_ip: clientIp });
    using deadline = startDeadline(config.timeoutSeconds, request.signal);
    const { body } = exchange;
    const answer = await answerOrError({
      target,
      headers,
      signal: deadline.signal,
      trace,
      requestId,
      ...(body === undefined ? {} : { body }),
    });
    const { load } = services.queue;
    const streams = answer.body instanceof ReadableStream ? 1 : 0;
    load.streams += streams;
    // The books are closed when the last byte has gone, which nobody here waits for.
    void trace
      .measure("sending", () => exchange.sent)
      .then((outcome) => {
        load.streams -= streams;
        const status = finalStatus(answer.status, outcome, trace, config.reportIoErrors);
        metrics.finished(trace, status);
        logCompleted({ requestId, method, target: shownTarget, clientIp, status, trace });
        report({ requestId, status, trace });
      });
    if (!showsTimings) return answer;
    return { ...answer, headers: [...answer.headers, ["Server-Timing", serverTiming(trace)]] };
  };
}

/** The end of the request's time shows up in many disguises; its own reason says which it was. */
function requestError(thrown: unknown, { aborted, reason }: AbortSignal): AppError {
  const isNamed = thrown instanceof AppError && thrown.kind === "source_timeout";
  return aborted && reason instanceof AppError && !isNamed ? reason : toAppError(thrown);
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
