import { AppError } from "../errors.ts";
import { IMAGE_FORMATS } from "../formats.ts";
import { detectFormat } from "../image/detect-format.ts";
import { sourceFor } from "../source/registry.ts";
import type { SourceRequest, SourceResponse } from "../source/types.ts";
import type { Answer, HeaderList } from "./answer.ts";
import { rawContentDisposition } from "./disposition.ts";
import type { ImageExchange } from "./image-exchange.ts";
import type { ImageRequest } from "./read-request.ts";
import { withTraceHeaders } from "./request-trace.ts";
import type { ResultHeaders } from "./result-headers.ts";
import type { Services } from "./services.ts";
import type { SourceHeaders } from "./source-headers.ts";

/** What of the source's answer goes to the client. */
const RETURNED = [
  "Content-Type",
  "Content-Length",
  "Content-Encoding",
  "Content-Range",
  "Accept-Ranges",
  "Last-Modified",
  "ETag",
];

/** Extensions for names without one, by content type. */
const EXTENSIONS: ReadonlyMap<string, string> = new Map<string, string>([
  ...Object.values(IMAGE_FORMATS).map(({ mime, extension }) => [mime, extension] as const),
  ["application/json", ".json"],
  ["application/pdf", ".pdf"],
  ["text/html", ".html"],
  ["text/plain", ".txt"],
  ["video/mp4", ".mp4"],
  ["video/webm", ".webm"],
]);

export type RawHandler = (asked: ImageRequest, exchange: ImageExchange) => Promise<Answer>;

/**
 * Builds the handler of `raw`: the source's answer as it is, whatever its status, streamed without a worker, a queue or
 * a limit of size. What is promised in its headers is kept: a source that breaks off breaks the client's connection.
 */
export function compileRawHandler(
  services: Services,
  sourceHeaders: SourceHeaders,
  headers: ResultHeaders,
): RawHandler {
  return async (asked, exchange) => {
    const source = await exchange.trace.measure("download", (traceHeaders) => {
      const headers = withTraceHeaders(sourceHeaders.raw(exchange.headers, asked.source), traceHeaders);
      return fetchRaw(services, { url: asked.source, headers, signal: exchange.signal });
    });
    const status = source.status;
    const shared = headers.raw({ ...asked, status, sourceHeaders: source.headers, isFallback: false });
    const passed = returnedHeaders(source.headers);
    if (status === 204 || status === 205 || status === 304) {
      if (source.body instanceof ReadableStream) await source.body.cancel();
      return { status, headers: [...passed, ...shared], body: null };
    }
    const { body, contentType } = source.headers.has("content-type")
      ? { body: source.body, contentType: undefined }
      : await sniffed(source.body);
    const disposition = status < 300 ? [["Content-Disposition", fileName(asked, source.headers)] as const] : [];
    const sniffedType = contentType === undefined ? [] : [["Content-Type", contentType] as const];
    return { status, headers: [...passed, ...sniffedType, ...disposition, ...shared], body };
  };
}

async function fetchRaw({ sources }: Services, request: SourceRequest): Promise<SourceResponse> {
  try {
    return await sourceFor(sources, request.url).fetch(request);
  } catch (error) {
    if (!isTimeout(request.signal)) throw error;
    // Nothing but the source was waited for: unlike the time-out of a processed image, this one names the culprit.
    throw new AppError("source_timeout", "source request timed out", { cause: error });
  }
}

function isTimeout({ aborted, reason }: AbortSignal): boolean {
  return aborted && reason instanceof AppError && reason.kind === "timeout";
}

function returnedHeaders(source: Headers): HeaderList {
  return RETURNED.flatMap((name) => {
    const value = source.get(name);
    return value === null ? [] : [[name, value] as const];
  });
}

function fileName({ options, source }: ImageRequest, headers: Headers): string {
  const contentType = headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  return rawContentDisposition({
    filename: options.filename,
    sourceUrl: source,
    extension: EXTENSIONS.get(contentType) ?? "",
    isAttachment: options.returnAttachment,
  });
}

type Sniffed = { readonly body: SourceResponse["body"]; readonly contentType: string | undefined };

/** The content type of a body whose source names none, by its first bytes; the body comes back whole. */
async function sniffed(body: SourceResponse["body"]): Promise<Sniffed> {
  if (body === null) return { body, contentType: undefined };
  if (body instanceof Uint8Array) return { body, contentType: typeOf(body) };
  const reader = body.getReader();
  const first = await reader.read();
  const rest = new ReadableStream<Uint8Array>({
    start(controller) {
      if (first.done) controller.close();
      else controller.enqueue(first.value);
    },
    async pull(controller) {
      const next = await reader.read();
      if (next.done) controller.close();
      else controller.enqueue(next.value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return { body: rest, contentType: typeOf(first.value ?? new Uint8Array()) };
}

/** Never HTML or a script: whoever wants that says so. */
function typeOf(bytes: Uint8Array): string {
  const format = detectFormat(bytes);
  return format === undefined ? "application/octet-stream" : IMAGE_FORMATS[format].mime;
}
