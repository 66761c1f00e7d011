import { AppError, toAppError } from "../errors.ts";
import { detectFormat, type FormatHint } from "../image/detect-format.ts";
import { type ReadBodyOptions, readBody } from "../source/read-body.ts";
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

/** How much of a source the reference reads before it knows the format. */
const DETECTION_BYTES = 32 * 1024;

/** Larger sources come in pieces, so that their size is seen before their bytes are held. */
const MOST_AT_ONCE = 64 * 1024 * 1024;

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
  const wholeUpTo = maxBytes > 0 ? Math.min(maxBytes, MOST_AT_ONCE) : MOST_AT_ONCE;
  const response = await begin(sources, { ...request, wholeUpTo });
  const { headers } = response;
  if (response.status === 304) return { headers, bytes: null, hint: {} };
  const bytes = await readBody(response, { maxBytes, signal: request.signal }).catch((error: unknown) => {
    throw bodyError(error, response, { maxBytes, signal: request.signal });
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

/** Tells a file that is refused for its size before it is read, or at once when it is, from one that fails half-way. */
function bodyError(error: unknown, { headers, body }: SourceResponse, { maxBytes, signal }: ReadBodyOptions): unknown {
  if (!(error instanceof AppError)) return error;
  if (error.kind === "source_timeout") return unavailable(error, signal);
  if (error.kind !== "invalid_image") return error;
  const announced = body instanceof Uint8Array ? body.length : Number(headers.get("content-length") ?? 0);
  if (announced > maxBytes) return unavailable(error, signal);
  // The reference looks for the format in so much of the file, and so never gets to know it.
  if (maxBytes > DETECTION_BYTES) return error;
  return unavailable(new AppError("undetected_image", error.message, { cause: error }), signal);
}

function extensionOf(url: SourceUrl): string | undefined {
  return /\.[^./?#]*(?=$|[?#])/.exec(url)?.[0];
}

function unknownFormat(bytes: Uint8Array): AppError {
  const start = Buffer.from(bytes.subarray(0, 12)).toString("hex");
  const what = bytes.length === 0 ? "the source is empty" : `it begins with ${start}`;
  return new AppError("invalid_image", `Source image type not supported: ${what}`);
}
