import type { Config } from "../config/config.ts";
import { AppError } from "../errors.ts";
import { IMAGE_FORMATS } from "../formats.ts";
import type { Answer, HeaderList } from "./answer.ts";
import { compileSecretCheck } from "./bearer-secret.ts";
import { compileResultGetter } from "./cached-image.ts";
import { clientHints, withClientHints } from "./client-hints.ts";
import type { ImageExchange, ImageHandler } from "./image-exchange.ts";
import { compileImageMaker, type Made } from "./make-image.ts";
import { compileRawHandler } from "./raw-handler.ts";
import type { ImageRequest } from "./read-request.ts";
import type { ResultHeaders } from "./result-headers.ts";
import type { Services } from "./services.ts";
import type { SourceHeaders } from "./source-headers.ts";

/** Builds the way of an image request: secret, URL, queue, source, processing, headers. */
export function compileImageHandler(
  services: Services,
  sourceHeaders: SourceHeaders,
  resultHeaders: ResultHeaders,
): ImageHandler {
  const { config } = services;
  const checkSecret = compileSecretCheck(config.secret);
  const getResult = compileResultGetter(services, sourceHeaders, compileImageMaker(services));
  const answerRaw = compileRawHandler(services, sourceHeaders, resultHeaders);

  function read({ target, headers }: ImageExchange): ImageRequest {
    const asked = services.readRequest(target);
    if (!config.enableClientHints) return asked;
    return { ...asked, options: withClientHints(asked.options, clientHints(headers)) };
  }

  async function answerProcessed(asked: ImageRequest, exchange: ImageExchange): Promise<Answer> {
    const { made, via, inMemory } = await getResult(asked, exchange);
    const { trace } = exchange;
    trace.via = via;
    const extra = [
      ...ageHeader(made, config),
      ...(via && config.developmentErrorsMode ? [["X-Cache", via] as const] : []),
    ];
    const { sourceHeaders: source } = made;
    if (made.kind === "not_modified") {
      const facts = { ...asked, status: 304, sourceHeaders: source, isFallback: false };
      return { status: 304, headers: [...resultHeaders.notModified(facts), ...extra], body: null };
    }
    const { status, bytes, image, sourceBytes, error } = made;
    trace.error = error;
    // Where another one's work was shared, its time is not this request's.
    trace.rendered = via === "SHARED" ? { ...image, timings: {} } : image;
    trace.resultBytes = bytes.length;
    const facts = { ...asked, status, sourceHeaders: source, isFallback: error !== undefined, image, sourceBytes };
    const headers = [...resultHeaders.image(facts), ...extra];
    if (inMemory !== undefined) {
      services.atOnce?.remember(exchange, { ...asked, ...inMemory, image, length: bytes.length, headers });
    }
    return { status, headers, body: bytes };
  }

  return async (exchange) => {
    checkSecret(exchange.headers);
    const asked = read(exchange);
    exchange.trace.source = asked.source;
    exchange.trace.options = asked.options;
    exchange.trace.cachebuster = asked.cachebuster;
    if (asked.options.raw) return answerRaw(asked, exchange);
    checkTarget(asked);
    checkBypass(asked, config);
    return answerProcessed(asked, exchange);
  };
}

/** A result nobody can write is refused before anything is downloaded. */
function checkTarget({ options: { format } }: ImageRequest): void {
  if (format === null || IMAGE_FORMATS[format].canSave) return;
  throw new AppError("unsupported_target", `Resulting image format is not supported: ${format}`);
}

/** Refused as an unknown option is, since that is what it is for a server without the switch. */
function checkBypass({ options }: ImageRequest, config: Config): void {
  if (!options.bypassCache || config.allowBypassCache) return;
  throw new AppError("invalid_url", "Forbidden processing option bypass_cache", {
    hint: "Set IMGPROXY_ALLOW_BYPASS_CACHE=true to allow it.",
  });
}

/** How old the source's words are that a kept result passes on; our own lifetimes begin anew with each answer. */
function ageHeader({ age, sourceHeaders }: Made, { cacheControlPassthrough }: Config): HeaderList {
  const isPassed = cacheControlPassthrough && sourceHeaders.has("cache-control");
  return age === undefined || !isPassed ? [] : [["Age", String(age)]];
}
