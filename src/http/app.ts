import { Elysia } from "elysia";
import type { Config } from "../config/config.ts";
import { AppError, toAppError } from "../errors.ts";
import { type Answer, type Common, type HeaderList, textAnswer, toResponse } from "./answer.ts";
import { compileAnswersAtOnce } from "./answers-at-once.ts";
import { clientAddress } from "./client-address.ts";
import { corsHeaders } from "./cors.ts";
import type { Exchange } from "./edge.ts";
import { compileErrorAnswers } from "./error-answer.ts";
import { compileHeaderRules } from "./header-rules.ts";
import { answerHealth } from "./health.ts";
import { compileImageRoute } from "./image-route.ts";
import { renderLandingPage } from "./landing-page.ts";
import { compileTargetMask } from "./log-masking.ts";
import { isPlaygroundOn } from "./playground/is-playground-on.ts";
import { compilePlayground } from "./playground/playground.ts";
import { requestId } from "./request-id.ts";
import { compileRoutes, type Route } from "./routes.ts";
import type { Services } from "./services.ts";
import { standingHeaders } from "./standing-headers.ts";

/**
 * The server as a function of its services: it listens to nothing and keeps nothing outside them, so that any number can
 * live in one process. One handler takes every path, because Elysia's router sees only a normalised URL. `answerAtOnce`, where
 * there is one, knows answers that need no handler; whoever has the bare request may ask it first.
 */
export function createApp(services: Services) {
  const atOnce = compileAnswersAtOnce(services);
  const handle = compileHandler({ ...services, atOnce });
  const app = new Elysia({ name: "imgproxy" }).all("/*", ({ request }) => handle(request));
  return Object.assign(app, { answerAtOnce: atOnce?.answer });
}

function compileHandler(services: Services): (request: Request) => Promise<Response> {
  const { config, edge, logger } = services;
  const routeOf = compileRoutes({ ...config, hasPlayground: isPlaygroundOn(config) });
  const answerImage = compileImageRoute(services);
  const answerPlayground = isPlaygroundOn(config) ? compilePlayground(services) : undefined;
  const answerError = compileErrorAnswers(config.developmentErrorsMode, services.version);
  const landingPage = renderLandingPage(config, services.version);
  const maskTarget = compileTargetMask(config.trustedSignatures);
  const kept: HeaderList = [["Cache-Control", servicePageCaching(config)]];
  const probe = textAnswer(200, " ", [...kept, ...corsHeaders(config.allowOrigin)]);
  const notFound = textAnswer(404, " ");
  const { custom } = compileHeaderRules(config);
  const standing = standingHeaders(config);

  function answerRoute(route: Exclude<Route, "malformed">, exchange: Exchange, id: string): Answer | Promise<Answer> {
    switch (route) {
      case "probe":
        return probe;
      case "landing":
        return { status: 200, headers: [["Content-Type", "text/html"], ...kept], body: landingPage };
      case "health":
        return answerHealth(config.healthCheckMessage, services.checkHealth);
      case "unlogged":
        return notFound;
      case "playground":
        return answerPlayground?.(exchange, id) ?? notFound;
      case "image":
        return answerImage(exchange, id);
      case "unrouted": {
        const { method, target, headers, peerAddress } = exchange;
        logger.log("warn", `Route for ${maskTarget(target)} is not defined`, {
          request_id: id,
          method,
          status: 404,
          client_ip: clientAddress(headers, peerAddress),
        });
        return notFound;
      }
    }
  }

  return async (request) => {
    const exchange = edge.exchangeOf(request);
    const { method, target, headers } = exchange;
    const route = routeOf(method, target);
    if (route === "malformed") return toResponse(MALFORMED, NO_COMMON, exchange);
    const id = requestId(headers);
    const common: Common = { first: [["X-Request-ID", id], ...standing], last: custom };
    try {
      return toResponse(await answerRoute(route, exchange, id), common, exchange);
    } catch (thrown) {
      // Image requests answer their own errors; what arrives here is a fault of the server.
      const error = toAppError(thrown);
      logger.log("error", `Cannot answer ${maskTarget(target)}`, {
        request_id: id,
        error: error.message,
        stack: error.stack,
      });
      services.reporter?.report({ error, requestId: id, sourceUrl: undefined, options: undefined });
      const facts = { error, target, requestId: id, accept: headers.get("accept") ?? "" };
      return toResponse(answerError(facts), common, exchange);
    }
  };
}

/** What says nothing about an image may be kept as long as an image, unless the operator says otherwise. */
function servicePageCaching({ servicePagesTtlSeconds, ttlSeconds }: Config): string {
  const seconds = servicePagesTtlSeconds ?? ttlSeconds;
  return seconds > 0 ? `max-age=${seconds}, public` : "no-cache";
}

const NO_COMMON: Common = { first: [], last: [] };

/** As the HTTP layer of the reference answers, without our headers. */
const MALFORMED: Answer = {
  status: 400,
  headers: [
    ["Content-Type", "text/plain; charset=utf-8"],
    ["Connection", "close"],
  ],
  body: new AppError("bad_request", "malformed request target").publicMessage,
};
