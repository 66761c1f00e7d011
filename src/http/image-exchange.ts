import type { Answer } from "./answer.ts";
import type { RequestTrace } from "./request-trace.ts";

/** An image request on its way. */
export type ImageExchange = {
  /** Raw request target. */
  readonly target: string;
  readonly headers: Headers;
  /** Fires at the deadline and when the client leaves. */
  readonly signal: AbortSignal;
  readonly trace: RequestTrace;
  readonly requestId: string;
  /** What came behind the headers. */
  readonly body?: AsyncIterable<Uint8Array>;
};

/** Answers an image request, or throws an `AppError`. */
export type ImageHandler = (exchange: ImageExchange) => Promise<Answer>;
