import { AppError, toAppError } from "../errors.ts";
import { detectFormat, type FormatHint } from "../image/detect-format.ts";
import { readBody } from "../source/read-body.ts";
import type { SourceRegistry, SourceRequest, SourceResponse, SourceUrl } from "../source/types.ts";

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

/** Most of an error page of the origin that is worth repeating in the log. */
const MAX_QUOTED_BYTES = 1024;

/** Asks the source of a URL, whatever the scheme. Throws `source_unreachable` for a scheme nobody answers. */
export function fetchSource(sources: SourceRegistry, request: SourceRequest): Promise<SourceResponse> {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(request.url)?.[1]?.toLowerCase() ?? "";
  const source = sources.get(scheme);
  if (source === undefined) throw unknownScheme(scheme);
  return source.fetch(request);
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
    const response = await fetchSource(sources, request);
    await checkStatus(response);
    return response;
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

async function checkStatus(response: SourceResponse): Promise<void> {
  const { status, headers } = response;
  if (status === 200 || status === 304) return;
  if (status === 206 && coversWhole(headers)) return;
  const quoted = await quoteBody(response);
  if (status === 206) throw new AppError("source_unreachable", "Partial response with incomplete content");
  throw new AppError("source_unreachable", `can't download source image: status: ${status}${quoted}`, {
    status: statusForClient(status),
  });
}

function statusForClient(status: number): number {
  if (status >= 500) return 502;
  return status >= 400 ? status : 404;
}

/** A 206 nobody asked for is the whole file only if it says so. */
function coversWhole(headers: Headers): boolean {
  const range = /^bytes 0-(\d+)\/(\d+|\*)$/.exec(headers.get("content-range") ?? "");
  if (range === null) return false;
  const total = range[2] === "*" ? headers.get("content-length") : range[2];
  return total !== null && Number(total) === Number(range[1]) + 1;
}

/** The beginning of a text answer, for the log; any other body is let go of. */
async function quoteBody({ headers, body }: SourceResponse): Promise<string> {
  if (body === null) return "";
  const isText = headers.get("content-type")?.startsWith("text/") ?? false;
  if (body instanceof Uint8Array) return isText ? quote(body) : "";
  const reader = body.getReader();
  try {
    const first = isText ? await reader.read() : undefined;
    return first?.value === undefined ? "" : quote(first.value);
  } catch {
    return ""; // The status alone says enough.
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function quote(bytes: Uint8Array): string {
  return `; ${new TextDecoder().decode(bytes.subarray(0, MAX_QUOTED_BYTES))}`;
}

function extensionOf(url: SourceUrl): string | undefined {
  return /\.[^./?#]*(?=$|[?#])/.exec(url)?.[0];
}

function unknownScheme(scheme: string): AppError {
  return new AppError(
    "source_unreachable",
    `can't download source image: unknown scheme: ${scheme}${howToEnable(scheme)}`,
  );
}

const SCHEME_SETTINGS: Readonly<Record<string, string>> = {
  local: "IMGPROXY_LOCAL_FILESYSTEM_ROOT",
  s3: "IMGPROXY_USE_S3",
  gs: "IMGPROXY_USE_GCS",
  abs: "IMGPROXY_USE_ABS",
  swift: "IMGPROXY_USE_SWIFT",
};

function howToEnable(scheme: string): string {
  const setting = SCHEME_SETTINGS[scheme];
  return setting === undefined ? "" : ` (set ${setting} to enable)`;
}

function unknownFormat(bytes: Uint8Array): AppError {
  const start = Buffer.from(bytes.subarray(0, 12)).toString("hex");
  const what = bytes.length === 0 ? "the source is empty" : `it begins with ${start}`;
  return new AppError("invalid_image", `Source image type not supported: ${what}`);
}
