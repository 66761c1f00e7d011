import { AppError, toAppError } from "../errors.ts";
import { detectFormat, type FormatHint } from "../image/detect-format.ts";
import { readBody } from "../source/read-body.ts";
import { sourceFor } from "../source/registry.ts";
import type { SourceRegistry, SourceRequest, SourceResponse, SourceUrl } from "../source/types.ts";
import { requireWholeSource } from "../source/whole-source.ts";

/** A source as it came, or the news that the client's copy is still good. */
export type LoadedSource = {
  readonly headers: Headers;
  /** null = not modified. */
  readonly bytes: Uint8Array | null;
  readonly hint: FormatHint;
};

/** The source cannot be had, and a fallback image may stand in for it. */
export class SourceUnavailable extends Error {
  override readonly name = "SourceUnavailable";
  readonly error: AppError;

  constructor(error: AppError) {
    super(error.message, { cause: error });
    this.error = error;
  }
}

/**
 * Fetches a source and reads it whole. Throws `SourceUnavailable` for everything a fallback image may stand in for:
 * no connection, a refusing status, a time-out, too large a file by its announced length, content that is no image.
 * What fails later, half-way through a body, is thrown as it is; so is the end of the request's own time.
 */
export async function loadSource(
  sources: SourceRegistry,
  request: SourceRequest,
  maxBytes: number,
): Promise<LoadedSource> {
  const response = await begin(sources, request);
  const { headers } = response;
  if (response.status === 304) return { headers, bytes: null, hint: {} };
  const bytes = await readBody(response, { maxBytes, signal: request.signal }).catch((error: unknown) => {
    throw isBeforeFirstByte(error, response, maxBytes) ? unavailable(error, request.signal) : error;
  });
  const hint = { extension: extensionOf(request.url), contentType: headers.get("content-type") ?? undefined };
  if (detectFormat(bytes, hint) === undefined) throw unavailable(unknownFormat(bytes), request.signal);
  return { headers, bytes, hint };
}

async function begin(sources: SourceRegistry, request: SourceRequest): Promise<SourceResponse> {
  try {
    return await requireWholeSource(await sourceFor(sources, request.url).fetch(request));
  } catch (error) {
    throw unavailable(error, request.signal);
  }
}

/** The request's own end is not the source's fault, and neither is a fault of ours. */
function unavailable(error: unknown, signal: AbortSignal): Error {
  const known = toAppError(error);
  const isOurs = known.kind === "internal" || known.kind === "timeout" || known.kind === "cancelled";
  return isOurs || signal.aborted ? known : new SourceUnavailable(known);
}

function isBeforeFirstByte(error: unknown, { headers, body }: SourceResponse, maxBytes: number): boolean {
  if (!(error instanceof AppError)) return false;
  if (error.kind === "source_timeout") return true;
  const announced = body instanceof Uint8Array ? body.length : Number(headers.get("content-length") ?? 0);
  return error.kind === "invalid_image" && maxBytes > 0 && announced > maxBytes;
}

function extensionOf(url: SourceUrl): string | undefined {
  return /\.[^./?#]*(?=$|[?#])/.exec(url)?.[0];
}

function unknownFormat(bytes: Uint8Array): AppError {
  const start = Buffer.from(bytes.subarray(0, 12)).toString("hex");
  const what = bytes.length === 0 ? "the source is empty" : `it begins with ${start}`;
  return new AppError("invalid_image", `Source image type not supported: ${what}`);
}
