import { AppError } from "../errors.ts";

function toStream(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
}

/**
 * Undoes a gzip content encoding, piece by piece and with back-pressure: what a small body inflates to never lies in memory at once.
 * The stream errors with `invalid_image` for data that is not gzip or ends early, and passes on the error of the body itself.
 */
export function decodeGzip(body: Uint8Array | ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const encoded = body instanceof Uint8Array ? toStream(body) : body;
  // Typed for views of unshared memory only; it takes any.
  const gunzip = new DecompressionStream("gzip") as ReadableWritablePair<Uint8Array, Uint8Array>;
  const reader = encoded.pipeThrough(gunzip).getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          const isOurs = error instanceof AppError;
          controller.error(
            isOurs ? error : new AppError("invalid_image", "Source response is not valid gzip", { cause: error }),
          );
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
