import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { AppError, messageOf } from "../../errors.ts";
import type { Connections } from "./connections.ts";
import type { Deadline } from "./deadline.ts";
import type { HttpTarget } from "./http-target.ts";

/** The head of an answer, and the message whose body is still to be read or destroyed. */
export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly message: IncomingMessage;
  readonly isReusedConnection: boolean;
};

/** Headers that belong to one connection and mean nothing to whoever gets the body. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "transfer-encoding",
  "upgrade",
  "te",
  "trailer",
]);
/** Further tries when a pooled connection turns out to be closed by the other side before it answered. */
const MAX_STALE_RETRIES = 3;
const STALE_CODES: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE", "ECONNABORTED"]);
const TIMEOUT_CODES: ReadonlySet<string> = new Set(["ETIMEDOUT", "ESOCKETTIMEDOUT"]);

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** Wraps what sockets, TLS and the HTTP parser throw; an `AppError` (guard, timeouts) comes back unchanged. */
function connectionError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const message = messageOf(error);
  return TIMEOUT_CODES.has(codeOf(error))
    ? new AppError("source_timeout", `source request timed out: ${message}`, { cause: error })
    : new AppError("source_unreachable", `can't download source image: ${message}`, { cause: error });
}

/** Header fields that may come once come once (the first), lists are joined; `set-cookie` stays with the message. */
function readHeaders(message: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(message.headers)) {
    if (typeof value !== "string" || HOP_BY_HOP.has(name)) continue;
    try {
      headers.set(name, value);
    } catch {
      // A header that the web type cannot hold is none that we pass on.
    }
  }
  return headers;
}

function send(request: ClientRequest, deadline: Deadline): Promise<Answer> {
  return new Promise((resolve, reject) => {
    deadline.onEnd((error) => request.destroy(error));
    request.once("response", (message) => {
      const { statusCode = 0 } = message;
      resolve({ status: statusCode, headers: readHeaders(message), message, isReusedConnection: request.reusedSocket });
    });
    request.once("upgrade", (_message, socket) => {
      socket.destroy();
      reject(new AppError("source_unreachable", "can't download source image: status: 101"));
    });
    request.on("error", (error) => reject(deadline.error ?? error));
    request.end();
  });
}

/**
 * Sends one GET and waits for the head of its answer. A pooled connection that was closed under our feet is replaced without
 * telling anybody, as nothing was received on it. Throws `source_forbidden`, `source_timeout`, `source_unreachable`, or the error
 * of whoever ended the download.
 */
export async function exchange(
  connections: Connections,
  target: HttpTarget,
  headers: OutgoingHttpHeaders,
  deadline: Deadline,
): Promise<Answer> {
  for (let retries = 0; ; retries++) {
    let request: ClientRequest | undefined;
    try {
      request = connections.open(target, headers);
      return await send(request, deadline);
    } catch (error) {
      const isStale = request?.reusedSocket === true && STALE_CODES.has(codeOf(error));
      if (!isStale || retries >= MAX_STALE_RETRIES) throw connectionError(error);
    }
  }
}
