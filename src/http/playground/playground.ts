import { AppError } from "../../errors.ts";
import type { Answer } from "../answer.ts";
import { type Exchange, goneSignal } from "../edge.ts";
import { compileImageRoute } from "../image-route.ts";
import { compileRequestSettings } from "../read-request.ts";
import { routePath } from "../routes.ts";
import type { Services } from "../services.ts";
import { compileAccess } from "./access.ts";
import { jsonAnswer, jsonFault, queryOf } from "./json-answer.ts";
import { compilePage, compilePageFiles } from "./page-answer.ts";
import { compileSetup } from "./setup.ts";
import { compileUrlReader, type UrlReader } from "./url-reader.ts";
import { compilePlanHandler, compileProcessHandler } from "./work-handlers.ts";

/** Answers whatever lies at and below `/playground`. */
export type PlaygroundRoute = (exchange: Exchange, requestId: string) => Promise<Answer>;

/**
 * Builds the playground: its page and files for everybody, and what they ask for (settings, reading and signing URLs,
 * processing an upload, explaining) for those whom `access.ts` admits.
 */
export function compilePlayground(services: Services): PlaygroundRoute {
  const { config } = services;
  const settings = compileRequestSettings(config);
  const reader = compileUrlReader(settings);
  const admit = compileAccess(config);
  const setup = compileSetup(services, settings);
  const answerPage = compilePage(config.pathPrefix);
  const answerPageFile = compilePageFiles();
  const process = compileImageRoute(services, compileProcessHandler(reader));
  const plan = compileImageRoute(services, compilePlanHandler(reader));
  const base = `${config.pathPrefix}/playground`;

  function ask(name: string, exchange: Exchange, requestId: string): Answer | Promise<Answer> {
    const { method, target } = exchange;
    const visitor = admit(exchange.headers, exchange);
    switch (`${method} ${name}`) {
      case "GET setup":
        return setup(visitor, goneSignal(exchange)).then((value) => jsonAnswer(value));
      case "GET url":
        return jsonAnswer(readUrl(reader, queryOf(target)));
      case "GET plan":
      case "POST plan":
        return plan(exchange, requestId);
      case "POST process":
        return process(exchange, requestId);
      default:
        throw new AppError("not_found", `nothing is at ${method} ${name}`);
    }
  }

  return async (exchange, requestId) => {
    const name = routePath(exchange.target).slice(base.length).replace(/^\//, "");
    if (name === "") return answerPage();
    const file = answerPageFile(name, exchange.headers);
    if (file !== undefined) return file;
    try {
      return await ask(name, exchange, requestId);
    } catch (error) {
      return jsonFault(error).answer;
    }
  };
}

/** `?url=` a whole URL, `?path=` what stands behind the signature, or the parts of one. */
function readUrl(reader: UrlReader, query: URLSearchParams) {
  const url = query.get("url");
  const path = query.get("path");
  if (url !== null) return reader.ofUrl(url);
  if (path !== null) return reader.ofPath(path);
  return reader.ofParts({
    options: query.getAll("option"),
    source: query.get("source") ?? "",
    extension: query.get("extension") ?? "",
    encoding: query.get("encoding") === "base64" ? "base64" : "plain",
  });
}
