import { Elysia } from "elysia";
import { AppError, toAppError } from "../errors.ts";
import { type Answer, type HeaderList, textAnswer, toResponse } from "./answer.ts";
import { clientAddress } from "./client-address.ts";
import { corsHeaders } from "./cors.ts";
import { compileErrorAnswers } from "./error-answer.ts";
import { answerHealth } from "./health.ts";
import { compileImageRoute } from "./image-route.ts";
import { renderLandingPage } from "./landing-page.ts";
import { compileTargetMask } from "./log-masking.ts";
import { requestId } from "./request-id.ts";
import { compileRoutes, type Route } from "./routes.ts";
import type { Services } from "./services.ts";

/** On every answer: nothing we send may run a script, whatever it is and wherever it is opened. */
const CONTENT_SECURITY_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox";

/** Nobody should keep what says nothing about an image. The reference lets caches keep it for the TTL, a year. */
const NOT_KEPT: HeaderList = [["Cache-Control", "no-cache"]];

/**
 * The server as a function of its services: it listens to nothing and keeps nothing outside them, so that any number can
 * live in one process. One handler takes every path, because Elysia's router sees only a normalised URL.
 */
export function createApp(services: Services) {
  const handle = compileHandler(services);
  return new Elysia({ name: "imgproxy" }).all("/*", ({ request }) => handle(request));
}

function compileHandler(services: Services): (request: Request) => Promise<Response> {
  const { config, edge, logger } = services;
  const routeOf = compileRoutes(config);
  const answerImage = compileImageRoute(services);
  const answerError = compileErrorAnswers(config.developmentErrorsMode, services.version);
  const landingPage = renderLandingPage(config, services.version);
  const maskTarget = compileTargetMask(config.trustedSignatures);
  const probe = textAnswer(200, " ", [...NOT_KEPT, ...corsHeaders(config.allowOrigin)]);
  const notFound = textAnswer(404, " ");

  function answerRoute(route: Exclude<Route, "malformed">, request: Request, id: string): Answer | Promise<Answer> {
    const exchange = edge.exchangeOf(request);
    switch (route) {
      case "probe":
        return probe;
      case "landing":
        return { status: 200, headers: [["Content-Type", "text/html"], ...NOT_KEPT], body: landingPage };
      case "health":
        return answerHealth(services.checkHealth);
      case "unlogged":
        return notFound;
      case "image":
        return answerImage(request, exchange, id);
      case "unrouted": {
        const { method, target, peerAddress } = exchange;
        logger.log("warn", `Route for ${maskTarget(target)} is not defined`, {
          request_id: id,
          method,
          status: 404,
          client_ip: clientAddress(request.headers, peerAddress),
        });
        return notFound;
      }
    }
  }

  return async (request) => {
    const { method, target } = edge.exchangeOf(request);
    const route = routeOf(method, target);
    if (route === "malformed") return toResponse(MALFORMED, [], method);
    const id = requestId(request.headers);
    const common: HeaderList = [
      ["Server", "imgproxy"],
      ["X-Request-ID", id],
      ["Content-Security-Policy", CONTENT_SECURITY_POLICY],
    ];
    try {
      return toResponse(await answerRoute(route, request, id), common, method);
    } catch (thrown) {
      // Image requests answer their own errors; what arrives here is a fault of the server.
      const error = toAppError(thrown);
      logger.log("error", `Cannot answer ${maskTarget(target)}`, {
        request_id: id,
        error: error.message,
        stack: error.stack,
      });
      const facts = { error, target, requestId: id, accept: request.headers.get("accept") ?? "" };
      return toResponse(answerError(facts), common, method);
    }
  };
}

/** As the HTTP layer of the reference answers, without our headers. */
const MALFORMED: Answer = {
  status: 400,
  headers: [
    ["Content-Type", "text/plain; charset=utf-8"],
    ["Connection", "close"],
  ],
  body: new AppError("bad_request", "malformed request target").publicMessage,
};
