import type { IncomingMessage } from "node:http";
import { AppError } from "../../errors.ts";
import type { Deadline } from "./deadline.ts";

/** How much of a body may wait for its reader before the socket is no longer read, in bytes. */
const BUFFERED_BYTES = 256 * 1024;

function brokenOff(cause: unknown): AppError {
  return new AppError("source_incomplete", "Source response is incomplete: the connection broke off", { cause });
}

/**
 * The body as a web stream with back-pressure. It errors with `source_incomplete` when the connection ends before the body does, and with
 * the deadline's error; cancelling it closes the connection. The deadline is released when the body is through.
 */
export function streamMessage(message: IncomingMessage, deadline: Deadline): ReadableStream<Uint8Array> {
  let isOver = false;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const finish = (error?: AppError) => {
          if (isOver) return;
          isOver = true;
          deadline.release();
          if (error === undefined) return controller.close();
          message.destroy();
          controller.error(error);
        };
        const fail = (cause?: unknown) => {
          if (!isOver) finish(deadline.error ?? brokenOff(cause));
        };
        deadline.onEnd(finish);
        message.on("data", (chunk: Uint8Array) => {
          if (isOver) return;
          controller.enqueue(chunk);
          if ((controller.desiredSize ?? 0) <= 0) message.pause();
        });
        message.once("end", () => (message.complete ? finish() : fail()));
        message.once("close", () => fail());
        message.on("error", fail);
      },
      pull() {
        if (message.isPaused()) message.resume();
      },
      cancel() {
        isOver = true;
        deadline.release();
        message.destroy();
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: BUFFERED_BYTES }),
  );
}
