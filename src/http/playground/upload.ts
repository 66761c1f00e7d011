import type { Config } from "../../config/config.ts";
import { AppError } from "../../errors.ts";
import { readBody } from "../../source/read-body.ts";
import type { ImageExchange } from "../image-exchange.ts";

/** Where IMGPROXY_MAX_SRC_FILE_SIZE sets no limit: an upload is no source, and nobody needs a larger one to try options. */
const DEFAULT_MAX_BYTES = 20_000_000;

/** The largest upload in bytes. */
export function maxUploadBytes({ maxSrcFileSize }: Pick<Config, "maxSrcFileSize">): number {
  return maxSrcFileSize > 0 ? maxSrcFileSize : DEFAULT_MAX_BYTES;
}

/** The file that came as the body of a request. Throws `AppError` when it is missing, too large or broken off. */
export async function readUpload(
  { body, headers, signal }: Pick<ImageExchange, "body" | "headers" | "signal">,
  maxBytes: number,
): Promise<Uint8Array> {
  const announced = headers.get("content-length");
  const response = {
    status: 200,
    headers: new Headers(announced === null ? {} : { "content-length": announced }),
    body: body === undefined ? null : streamOf(body),
  };
  const bytes = await readBody(response, { maxBytes, signal });
  if (bytes.length === 0) throw new AppError("invalid_image", "no file came: send it as the body of the request");
  return bytes;
}

/** Without a `cancel`: what is not read is the HTTP server's to drop, after the answer that says why. */
function streamOf(body: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
  });
}
