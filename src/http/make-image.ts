import type { AppError } from "../errors.ts";
import { releaseBytes } from "../image/release-bytes.ts";
import type { RenderedImage } from "../pipeline/types.ts";
import type { ImageExchange } from "./image-exchange.ts";
import { type LoadedSource, loadSource, SourceUnavailable } from "./load-source.ts";
import { maskUserInfo } from "./log-masking.ts";
import { acceptedFormats } from "./negotiation.ts";
import type { ImageRequest } from "./read-request.ts";
import { withTraceHeaders } from "./request-trace.ts";
import type { Services } from "./services.ts";

/** A result, before the headers of one answer are made. */
export type MadeImage = {
  readonly kind: "image";
  /** 200, or what is sent with the fallback image. */
  readonly status: number;
  readonly bytes: Uint8Array;
  readonly image: Omit<RenderedImage, "bytes">;
  /** Of the answer the image was made from: the source's, or what is kept of the fallback's. */
  readonly sourceHeaders: Headers;
  readonly sourceBytes: number;
  /** Why this is the fallback image. */
  readonly error: AppError | undefined;
  /** Seconds since the source was asked; undefined for what has just come from there. */
  readonly age?: number;
};

/** The news that the copy is still good that the conditions spoke of. */
export type NotModified = { readonly kind: "not_modified" } & Pick<MadeImage, "sourceHeaders" | "age">;

export type Made = MadeImage | NotModified;

/**
 * Makes the image of a request: worker, source, processing. `headers` go to the source; the signal of the exchange ends it.
 * Throws `AppError`.
 */
export type ImageMaker = (
  asked: ImageRequest,
  exchange: ImageExchange,
  headers: Readonly<Record<string, string>>,
) => Promise<Made>;

/** Builds the maker on the services of one configuration. */
export function compileImageMaker(services: Services): ImageMaker {
  const { config, queue } = services;

  /** The source, or the fallback image where one may stand in for it. */
  async function load(
    asked: ImageRequest,
    exchange: ImageExchange,
    headers: Readonly<Record<string, string>>,
  ): Promise<LoadedSource & { readonly error?: AppError }> {
    const { signal, trace } = exchange;
    const { source: url, options } = asked;
    try {
      return await trace.measure("download", (traceHeaders) => {
        const request = { url, headers: withTraceHeaders(headers, traceHeaders), signal };
        return loadSource(services.sources, request, options.maxSrcFileSize);
      });
    } catch (thrown) {
      if (!(thrown instanceof SourceUnavailable)) throw thrown;
      const { fallback } = services.images;
      if (fallback === undefined) throw thrown.error;
      warnOfFallback(services, asked, exchange, thrown.error);
      const kept = new Headers(fallback.cacheControl === undefined ? {} : { "cache-control": fallback.cacheControl });
      return { headers: kept, bytes: fallback.bytes, hint: {}, error: thrown.error };
    }
  }

  return async (asked, exchange, headers) => {
    const { signal, trace } = exchange;
    using place = await trace.measure("queue", () => queue.enter(signal));
    const { headers: sourceHeaders, bytes, hint, error } = await load(asked, exchange, headers);
    if (bytes === null) return { kind: "not_modified", sourceHeaders };
    const sourceBytes = bytes.length;
    trace.sourceBytes = sourceBytes;
    const { options } = asked;
    const accepted = acceptedFormats(exchange.headers);
    const { bytes: result, ...image } = await trace.measure("processing", () =>
      services.processImage({ bytes, hint, options, accepted, signal }),
    );
    // Nobody waits for a worker because this client reads slowly.
    place.leave();
    // The fallback image serves again, and a source that is handed on is the result.
    if (error === undefined && !image.isSource) releaseBytes(bytes);
    const status = error === undefined ? 200 : config.fallbackImageHttpCode || error.status;
    return { kind: "image", status, bytes: result, image, sourceHeaders, sourceBytes, error };
  };
}

function warnOfFallback({ logger }: Services, asked: ImageRequest, exchange: ImageExchange, error: AppError): void {
  logger.log("warn", "Could not load image. Using fallback image", {
    request_id: exchange.requestId,
    image_url: maskUserInfo(asked.source),
    error: error.message,
  });
}
