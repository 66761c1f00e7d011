import { rawTarget } from "./raw-target.ts";

/** How sending an answer ended. */
export type SendOutcome =
  | "sent"
  /** The client closed the connection before it had everything. */
  | "client_gone"
  /** The client read too slowly. */
  | "write_timeout"
  /** The source of a streamed body failed half-way; the connection was cut. */
  | "body_failed";

/** What the serving edge knows of a request and a `Request` cannot tell. */
export type Exchange = {
  /** As the client wrote it, even where `Request` takes no such method. */
  readonly method: string;
  /** The request target byte for byte: it is what was signed, and `Request.url` normalises it. */
  readonly target: string;
  /** Address of the socket's other end; empty for a Unix socket. */
  readonly peerAddress: string;
  /** What came behind the headers, if anybody wants to read it. */
  readonly body?: AsyncIterable<Uint8Array>;
  /**
   * Takes the bytes of the answer past the `Response`, which would copy them and give them out as a stream. To be called at most
   * once, before the `Response` is handed over without a body.
   */
  readonly takeBody?: (bytes: Uint8Array) => void;
  /** Settles, never rejects, when the answer has been sent or given up. */
  readonly sent: Promise<SendOutcome>;
};

/** Carries the facts of the edge past the router to the handler, by the identity of the request. */
export interface Edge {
  attach(request: Request, exchange: Exchange): void;
  exchangeOf(request: Request): Exchange;
}

/** An edge of its own for one server. A request that came in another way is described by what it says itself. */
export function createEdge(): Edge {
  const exchanges = new WeakMap<Request, Exchange>();
  return {
    attach: (request, exchange) => void exchanges.set(request, exchange),
    exchangeOf: (request) => exchanges.get(request) ?? describe(request),
  };
}

function describe(request: Request): Exchange {
  return { method: request.method, target: rawTarget(request), peerAddress: "", sent: Promise.resolve("sent") };
}
