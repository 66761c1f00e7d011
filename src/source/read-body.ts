import { AppError } from "../errors.ts";
import type { SourceResponse } from "./types.ts";

export type ReadBodyOptions = {
  /** Largest body in bytes (`IMGPROXY_MAX_SRC_FILE_SIZE`); 0 = no limit. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
};

/** Up to here an announced length is trusted with one allocation; a larger body grows as it arrives, so that a lie costs nothing. */
const TRUSTED_LENGTH = 64 * 1024 * 1024;

function tooBig(seen: number, maxBytes: number): AppError {
  return new AppError(
    "invalid_image",
    `Source image file is too big: ${seen} bytes or more, ${maxBytes} allowed (IMGPROXY_MAX_SRC_FILE_SIZE)`,
    { hint: "Raise IMGPROXY_MAX_SRC_FILE_SIZE or use a smaller source." },
  );
}

function incomplete(seen: number, announced: number): AppError {
  return new AppError("source_incomplete", `Source response is incomplete: ${seen} of ${announced} bytes arrived`);
}

/** The announced length of an undecoded body; undefined when there is none or it is not a plain number. */
function announcedLength(headers: Headers): number | undefined {
  const text = headers.get("content-length");
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function abortError(signal: AbortSignal): AppError {
  const reason: unknown = signal.reason;
  return reason instanceof AppError
    ? reason
    : new AppError("cancelled", "The download was cancelled", { cause: reason });
}

/** Bytes that arrive in pieces: written into one buffer of the announced size when there is one, collected otherwise. */
class BodyBuffer {
  #pieces: Uint8Array[] = [];
  readonly #whole: Uint8Array | undefined;
  length = 0;

  constructor(announced: number | undefined) {
    // Not zeroed: it is handed out only when every byte has been written.
    this.#whole =
      announced !== undefined && announced <= TRUSTED_LENGTH ? Buffer.allocUnsafeSlow(announced) : undefined;
  }

  add(piece: Uint8Array): void {
    if (this.#whole === undefined) this.#pieces.push(piece);
    else if (this.length + piece.length <= this.#whole.length) this.#whole.set(piece, this.length);
    this.length += piece.length;
  }

  finish(): Uint8Array {
    if (this.#whole !== undefined) return this.#whole;
    const [only] = this.#pieces;
    if (only !== undefined && this.#pieces.length === 1) return only;
    const joined = Buffer.allocUnsafeSlow(this.length);
    let offset = 0;
    for (const piece of this.#pieces) {
      joined.set(piece, offset);
      offset += piece.length;
    }
    return joined;
  }
}

async function collect(stream: ReadableStream<Uint8Array>, announced: number | undefined, options: ReadBodyOptions) {
  const { maxBytes, signal } = options;
  const reader = stream.getReader();
  const buffer = new BodyBuffer(announced);
  const giveUp = () => void reader.cancel(abortError(signal)).catch(() => undefined);
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (signal.aborted) throw abortError(signal);
      if (done) break;
      buffer.add(value);
      if (maxBytes !== 0 && buffer.length > maxBytes) throw tooBig(buffer.length, maxBytes);
      if (announced !== undefined && buffer.length > announced) throw incomplete(buffer.length, announced);
    }
    if (announced !== undefined && buffer.length < announced) throw incomplete(buffer.length, announced);
    return buffer.finish();
  } catch (error) {
    void reader.cancel(error).catch(() => undefined);
    throw error;
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

/**
 * Reads a whole body into memory. The limit holds for the announced length at once and for the bytes as they arrive; a body
 * whose length is known is read into one allocation. The stream is cancelled whenever reading ends early.
 *
 * Throws `invalid_image` beyond `maxBytes`, `source_incomplete` when fewer (or more) bytes come than were announced, the
 * signal's own `AppError` when it is aborted, and whatever the stream fails with.
 */
export async function readBody(response: SourceResponse, options: ReadBodyOptions): Promise<Uint8Array> {
  const { body, headers } = response;
  const { maxBytes, signal } = options;
  if (body === null) return new Uint8Array(0);
  if (body instanceof Uint8Array) {
    if (maxBytes !== 0 && body.length > maxBytes) throw tooBig(body.length, maxBytes);
    return body;
  }
  const announced = announcedLength(headers);
  const early = signal.aborted
    ? abortError(signal)
    : maxBytes !== 0 && announced !== undefined && announced > maxBytes
      ? tooBig(announced, maxBytes)
      : undefined;
  if (early !== undefined) {
    void body.cancel(early).catch(() => undefined);
    throw early;
  }
  return collect(body, announced, options);
}
