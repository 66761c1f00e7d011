import { AppError } from "../errors.ts";
import { decodeGzip } from "./gzip.ts";
import type { SourceResponse } from "./types.ts";

/** How much of a refusing origin's text goes into the error message, in bytes. */
const EXCERPT_BYTES = 1024;

function cancel(response: SourceResponse): void {
  if (response.body instanceof ReadableStream) void response.body.cancel().catch(() => undefined);
}

/** The beginning of a text body; empty when the body is no text or breaks off. */
async function excerpt({ headers, body }: SourceResponse): Promise<string> {
  if (body === null || headers.get("content-type")?.startsWith("text/") !== true) return "";
  if (body instanceof Uint8Array) return Buffer.from(body.subarray(0, EXCERPT_BYTES)).toString();
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const piece of body) {
      pieces.push(piece);
      length += piece.length;
      if (length >= EXCERPT_BYTES) break;
    }
  } catch {
    // Whatever arrived is enough: the status is what matters.
  }
  return Buffer.concat(pieces).subarray(0, EXCERPT_BYTES).toString();
}

/** Origin statuses as the client sees them: 4xx as they are, 5xx as 502, everything else as a missing source. */
function clientStatus(status: number): number {
  if (status >= 500) return 502;
  return status >= 400 ? status : 404;
}

/** Why a 206 that nobody asked for is not the whole file; undefined when it is. */
function partialFault(headers: Headers): string | undefined {
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/i.exec(headers.get("content-range")?.trim() ?? "");
  if (match === null) return "Partial response with invalid Content-Range header";
  const length = match[3] === "*" ? headers.get("content-length") : match[3];
  const isWhole = match[1] === "0" && length !== null && Number(match[2]) + 1 === Number(length);
  return isWhole ? undefined : "Partial response with incomplete content";
}

/**
 * Admits an answer that processing can work on: 200, a 206 that covers the whole file, or 304. A gzip content encoding is undone,
 * other encodings are left to fail as unknown formats; `content-length` then goes, since it counts encoded bytes. Raw streaming does
 * not ask here: it passes on what the source says.
 *
 * Throws `source_unreachable` for every other status, with the origin's own status for 4xx and 502 for 5xx, and the beginning of a text
 * body in the message. The body of a refused answer is cancelled.
 */
export async function requireWholeSource(response: SourceResponse): Promise<SourceResponse> {
  const { status, headers } = response;
  if (status === 304) return response;
  const fault = status === 206 ? partialFault(headers) : undefined;
  if (fault !== undefined) {
    cancel(response);
    throw new AppError("source_unreachable", fault);
  }
  if (status !== 200 && status !== 206) {
    const text = await excerpt(response);
    cancel(response);
    const message = `can't download source image: status: ${status}${text === "" ? "" : `; ${text}`}`;
    throw new AppError("source_unreachable", message, { status: clientStatus(status) });
  }
  if (headers.get("content-encoding")?.trim().toLowerCase() !== "gzip" || response.body === null) {
    return { ...response, status: 200 };
  }
  const decoded = new Headers(headers);
  decoded.delete("content-encoding");
  decoded.delete("content-length");
  return { status: 200, headers: decoded, body: decodeGzip(response.body) };
}
