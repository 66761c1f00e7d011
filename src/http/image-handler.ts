import { AppError } from "../errors.ts";
import { IMAGE_FORMATS } from "../formats.ts";
import type { Answer } from "./answer.ts";
import { compileSecretCheck } from "./bearer-secret.ts";
import { clientHints, withClientHints } from "./client-hints.ts";
import type { ImageExchange, ImageHandler } from "./image-exchange.ts";
import { type LoadedSource, loadSource, SourceUnavailable } from "./load-source.ts";
import { maskUserInfo } from "./log-masking.ts";
import { acceptedFormats } from "./negotiation.ts";
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
  const { config, queue } = services;
  const checkSecret = compileSecretCheck(config.secret);
  const answerRaw = compileRawHandler(services, sourceHeaders, resultHeaders);

  function read({ target, headers }: ImageExchange): ImageRequest {
    const asked = services.readRequest(target);
    if (!config.enableClientHints) return asked;
    return { ...asked, options: withClientHints(asked.options, clientHints(headers)) };
  }

  /** The source, or the fallback image where one may stand in for it. */
  async function load(asked: ImageRequest, exchange: ImageExchange): Promise<LoadedSource & { error?: AppError }> {
    const { headers, signal, trace } = exchange;
    const request = { url: asked.source, headers: sourceHeaders.processed(headers, asked.source), signal };
    try {
      return await trace.measure("download", () => loadSource(services.sources, request, asked.options.maxSrcFileSize));
    } catch (thrown) {
      if (!(thrown instanceof SourceUnavailable)) throw thrown;
      const { fallback } = services.images;
      if (fallback === undefined) throw thrown.error;
      warnOfFallback(services, asked, exchange, thrown.error);
      const kept = new Headers(fallback.cacheControl === undefined ? {} : { "cache-control": fallback.cacheControl });
      return { headers: kept, bytes: fallback.bytes, hint: {}, error: thrown.error };
    }
  }

  async function answerProcessed(asked: ImageRequest, exchange: ImageExchange): Promise<Answer> {
    const { headers, signal, trace } = exchange;
    using place = await trace.measure("queue", () => queue.enter(signal));
    const loaded = await load(asked, exchange);
    const { bytes, hint, error } = loaded;
    const status = error === undefined ? 200 : config.fallbackImageHttpCode || error.status;
    const facts = { ...asked, status, sourceHeaders: loaded.headers, isFallback: error !== undefined };
    if (bytes === null)
      return { status: 304, headers: resultHeaders.notModified({ ...facts, status: 304 }), body: null };
    trace.error = error;
    trace.sourceBytes = bytes.length;
    const accepted = acceptedFormats(headers);
    const { options } = asked;
    const { bytes: result, ...image } = await trace.measure("processing", () =>
      services.processImage({ bytes, hint, options, accepted, signal }),
    );
    // Nobody waits for a worker because this client reads slowly.
    place.leave();
    trace.rendered = image;
    trace.resultBytes = result.length;
    return { status, headers: resultHeaders.image({ ...facts, image, sourceBytes: bytes.length }), body: result };
  }

  return async (exchange) => {
    checkSecret(exchange.headers);
    const asked = read(exchange);
    exchange.trace.source = asked.source;
    exchange.trace.options = asked.options;
    if (asked.options.raw) return answerRaw(asked, exchange);
    checkTarget(asked);
    return answerProcessed(asked, exchange);
  };
}

/** A result nobody can write is refused before anything is downloaded. */
function checkTarget({ options: { format } }: ImageRequest): void {
  if (format === null || IMAGE_FORMATS[format].canSave) return;
  throw new AppError("unsupported_target", `Resulting image format is not supported: ${format}`);
}

function warnOfFallback({ logger }: Services, asked: ImageRequest, exchange: ImageExchange, error: AppError): void {
  logger.log("warn", "Could not load image. Using fallback image", {
    request_id: exchange.requestId,
    image_url: maskUserInfo(asked.source),
    error: error.message,
  });
}
