import { AppError, toAppError } from "../errors.ts";
import type { Answer } from "./answer.ts";
import { clientAddress } from "./client-address.ts";
import { startDeadline } from "./deadline.ts";
import type { Exchange } from "./edge.ts";
import { compileErrorAnswers } from "./error-answer.ts";
import { compileHeaderRules } from "./header-rules.ts";
import type { ImageExchange, ImageHandler } from "./image-exchange.ts";
import { compileImageHandler } from "./image-handler.ts";
import { isPlaygroundOn } from "./playground/is-playground-on.ts";
import { compileRequestBooks } from "./request-books.ts";
import { RequestTrace } from "./request-trace.ts";
import { compileResultHeaders, type ResultHeaders } from "./result-headers.ts";
import { serverTiming } from "./server-timing.ts";
import type { Services } from "./services.ts";
import { compileSourceHeaders, type SourceHeaders } from "./source-headers.ts";

/** Answers an image request in every case, and keeps its books. */
export type ImageRoute = (exchange: Exchange, requestId: string) => Promise<Answer>;

/** Builds the handler that a route is put around. */
export type HandlerCompiler = (services: Services, source: SourceHeaders, result: ResultHeaders) => ImageHandler;

/** Puts the deadline, the error answers, the log line and the metrics around the image handler. */
export function compileImageRoute(
  services: Services,
  compileHandler: HandlerCompiler = compileImageHandler,
): ImageRoute {
  const { config, tracer } = services;
  const rules = compileHeaderRules(config);
  const resultHeaders = compileResultHeaders(config, rules);
  const handle = compileHandler(services, compileSourceHeaders(config, rules), resultHeaders);
  const answerError = compileErrorAnswers(config.developmentErrorsMode, services.version);
  const showsTimings = config.developmentErrorsMode || isPlaygroundOn(config);
  const books = compileRequestBooks(services);

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

  return async (exchange, requestId) => {
    const { method, target, headers, peerAddress } = exchange;
    const clientIp = clientAddress(headers, peerAddress);
    const shownTarget = books.shownTarget(target);
    const trace = new RequestTrace(tracer?.startRequest({ method, target: shownTarget, headers, clientIp, requestId }));
    const closeBooks = books.open({ requestId, method, target: shownTarget, clientIp }, trace);
    using deadline = startDeadline(config.timeoutSeconds, exchange.onGone);
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
        closeBooks(answer.status, outcome);
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
