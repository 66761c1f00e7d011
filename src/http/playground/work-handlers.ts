import { IMAGE_FORMATS } from "../../formats.ts";
import { readSourceImage } from "../../image/read-source-image.ts";
import type { ImageMetadata } from "../../image/types.ts";
import type { ProcessingOptions } from "../../options/types.ts";
import { explainProcessing } from "../../pipeline/explain-processing.ts";
import { unlimitedFormats } from "../../pipeline/types.ts";
import type { Answer } from "../answer.ts";
import type { ImageExchange, ImageHandler } from "../image-exchange.ts";
import type { HandlerCompiler } from "../image-route.ts";
import { loadSource, SourceUnavailable } from "../load-source.ts";
import { acceptedFormats } from "../negotiation.ts";
import type { Services } from "../services.ts";
import type { SourceHeaders } from "../source-headers.ts";
import type { PlanAnswer } from "./api.ts";
import { jsonAnswer, jsonFault, queryOf } from "./json-answer.ts";
import { maxUploadBytes, readUpload } from "./upload.ts";
import type { UrlReader } from "./url-reader.ts";

/**
 * `POST playground/process?option=…&extension=…` with a file as the body: the result, without keeping anything. It takes a
 * place in the queue like any image, before the file is read, so that waiting uploads hold no memory.
 */
export function compileProcessHandler(reader: UrlReader): HandlerCompiler {
  return (services) =>
    withJsonFaults(async (exchange) => {
      const options = uploadOptions(reader, exchange);
      const { signal, trace } = exchange;
      using _place = await trace.measure("queue", () => services.queue.enter(signal));
      const bytes = await trace.measure("download", () => readUpload(exchange, maxUploadBytes(services.config)));
      const accepted = acceptedFormats(exchange.headers);
      const { bytes: result, ...image } = await trace.measure("processing", () =>
        services.processImage({ bytes, hint: {}, options, accepted, signal }),
      );
      trace.options = options;
      trace.sourceBytes = bytes.length;
      trace.rendered = image;
      trace.resultBytes = result.length;
      return {
        status: 200,
        headers: [
          ["Content-Type", IMAGE_FORMATS[image.format].mime],
          ["Cache-Control", "no-store"],
        ],
        body: result,
      };
    });
}

/**
 * `playground/plan`: what a source is and what would be done to it, from its header alone. With GET for the path in the
 * query, with POST for the file in the body.
 */
export function compilePlanHandler(reader: UrlReader): HandlerCompiler {
  return (services, sourceHeaders) =>
    withJsonFaults(async (exchange) => {
      using _place = await services.queue.enter(exchange.signal);
      const { bytes, options } = await obtain({ services, sourceHeaders, reader }, exchange);
      const { codecs, config, images } = services;
      const source = await readSourceImage(bytes, {
        hint: {},
        limits: options,
        unlimited: unlimitedFormats(config),
        codecs,
        signal: exchange.signal,
      });
      const plan = explainProcessing({
        source,
        options,
        accepted: acceptedFormats(exchange.headers),
        settings: config,
        hasWatermark: images.watermark !== undefined,
      });
      return jsonAnswer({ source: describeSource(source.meta, bytes.length), plan } satisfies PlanAnswer);
    });
}

type PlanParts = {
  readonly services: Services;
  readonly sourceHeaders: SourceHeaders;
  readonly reader: UrlReader;
};

async function obtain(
  { services, sourceHeaders, reader }: PlanParts,
  exchange: ImageExchange,
): Promise<{ readonly bytes: Uint8Array; readonly options: ProcessingOptions }> {
  const path = queryOf(exchange.target).get("path");
  if (path === null) {
    const options = uploadOptions(reader, exchange);
    return { options, bytes: await readUpload(exchange, maxUploadBytes(services.config)) };
  }
  // A URL that the reader cannot take apart is refused by the server's own way of reading it, with the same words.
  const target = reader.ofPath(path).reading?.target ?? path;
  const { options, source } = services.readRequest(target);
  const { signal } = exchange;
  const request = { url: source, headers: sourceHeaders.processed(new Headers(), source), signal };
  const { bytes } = await loadSource(services.sources, request, options.maxSrcFileSize);
  return { options, bytes: bytes ?? new Uint8Array() };
}

function uploadOptions(reader: UrlReader, { target }: ImageExchange): ProcessingOptions {
  const query = queryOf(target);
  return reader.options(query.getAll("option"), query.get("extension") ?? "");
}

function describeSource(meta: ImageMetadata, bytes: number): PlanAnswer["source"] {
  const { format, width, height, pages, hasAlpha, orientation, icc } = meta;
  return { format, width, height, bytes, frames: pages, hasAlpha, orientation, hasProfile: icc !== null };
}

/** The page shows errors in its own way, in full: whoever may use it may read them. */
function withJsonFaults(handle: ImageHandler): ImageHandler {
  return async (exchange): Promise<Answer> => {
    try {
      return await handle(exchange);
    } catch (thrown) {
      const error = thrown instanceof SourceUnavailable ? thrown.error : thrown;
      exchange.trace.error = jsonFault(error).error;
      return jsonFault(error).answer;
    }
  };
}
