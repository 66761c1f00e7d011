import { AppError, messageOf } from "../../../errors.ts";
import { looksLikeErrorDocument } from "../answer/error-document.ts";
import type { ChecksumVerifier } from "./checksum.ts";
import type { Deadline } from "./deadline.ts";

/** Up to this announced length a body is read at once, natively; a longer one is streamed. */
const WHOLE_BODY_BYTES = 1024 * 1024;

export type BodyOptions = {
  /** Governs the body until its end and is disposed there. */
  readonly deadline: Deadline;
  readonly verifier: ChecksumVerifier | undefined;
  /** The address, for messages. */
  readonly address: string;
};

/**
 * The body of a good answer: bytes where it is small, else a stream. Both fail with an `AppError`: `source_incomplete` when it is
 * cut short or does not match its checksum, `source_timeout` or the asker's own reason when the deadline fires,
 * `invalid_image` when the answer is an S3 error in disguise. A content encoding stays as it is stored.
 */
export async function openBody(
  response: Response,
  options: BodyOptions,
): Promise<Uint8Array | ReadableStream<Uint8Array> | null> {
  const length = Number(response.headers.get("content-length") ?? Number.NaN);
  // Looking at `response.body` first would make a stream of it, and reading that costs twice as much CPU.
  if (response.status !== 304 && length <= WHOLE_BODY_BYTES) return readWhole(response, length, options);
  if (response.status === 304 || response.body === null) {
    options.deadline.dispose();
    return null;
  }
  const stored = guardedStream(response.body, options);
  return mayBeErrorDocument(response) ? await refuseErrorDocument(stored, options.address) : stored;
}

function mayBeErrorDocument(response: Response): boolean {
  return response.status === 200 && /^(application|text)\/xml\b/i.test(response.headers.get("content-type") ?? "");
}

async function readWhole(response: Response, length: number, options: BodyOptions): Promise<Uint8Array> {
  const { deadline, verifier, address } = options;
  try {
    const bytes = await response.bytes();
    if (bytes.length !== length) throw incomplete(address, `${bytes.length} of ${length} bytes arrived`);
    if (mayBeErrorDocument(response)) refuseErrorText(bytes, address);
    verifier?.update(bytes);
    await verify(verifier, address);
    return bytes;
  } catch (error) {
    throw bodyError(error, deadline, address);
  } finally {
    deadline.dispose();
  }
}

function guardedStream(body: ReadableStream<Uint8Array>, options: BodyOptions): ReadableStream<Uint8Array> {
  const { deadline, verifier, address } = options;
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (!done) {
            verifier?.update(value);
            controller.enqueue(value);
            return;
          }
          await verify(verifier, address);
          deadline.dispose();
          controller.close();
        } catch (error) {
          const failure = bodyError(error, deadline, address);
          deadline.dispose();
          controller.error(failure);
        }
      },
      async cancel(reason) {
        deadline.dispose();
        // Closes the connection, so that a body nobody wants costs nothing further.
        await reader.cancel(reason).catch(() => undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

async function refuseErrorDocument(
  stream: ReadableStream<Uint8Array>,
  address: string,
): Promise<ReadableStream<Uint8Array>> {
  const reader = stream.getReader();
  const first = await reader.read();
  if (first.done) return new ReadableStream({ start: (controller) => controller.close() });
  try {
    refuseErrorText(first.value, address);
  } catch (error) {
    await reader.cancel(error);
    throw error;
  }
  let start: Uint8Array | undefined = first.value;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (start !== undefined) {
          controller.enqueue(start);
          start = undefined;
          return;
        }
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

function refuseErrorText(start: Uint8Array, address: string): void {
  const text = new TextDecoder().decode(start.subarray(0, 1024));
  if (!looksLikeErrorDocument(text)) return;
  throw new AppError("invalid_image", `source image ${address} is an S3 error document sent with status 200`);
}

async function verify(verifier: ChecksumVerifier | undefined, address: string): Promise<void> {
  if (verifier === undefined || (await verifier.isMatch())) return;
  throw incomplete(address, `its ${verifier.algorithm} checksum is not the stored one`);
}

function incomplete(address: string, why: string, cause?: unknown): AppError {
  return new AppError("source_incomplete", `source response is incomplete: ${address}: ${why}`, { cause });
}

function bodyError(error: unknown, deadline: Deadline, address: string): AppError {
  if (deadline.hasFired) return deadline.error;
  if (error instanceof AppError) return error;
  return incomplete(address, messageOf(error), error);
}
