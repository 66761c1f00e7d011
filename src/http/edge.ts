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

/** An answer that is there as a whole. */
export type WholeAnswer = {
  readonly status: number;
  /** Lower-case names, the length of the body among them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};

/** What the serving edge knows of a request and a `Request` cannot tell. */
export type Exchange = {
  /** As the client wrote it, even where `Request` takes no such method. */
  readonly method: string;
  /** The request target byte for byte: it is what was signed, and `Request.url` normalises it. */
  readonly target: string;
  /** The client's; those of the `Request` are a copy. */
  readonly headers: Headers;
  /** Address of the socket's other end; empty for a Unix socket. */
  readonly peerAddress: string;
  /** What came behind the headers, if anybody wants to read it. */
  readonly body?: AsyncIterable<Uint8Array>;
  /**
   * Takes the answer past the `Response`, which would copy its headers twice, and its bytes to give them out as a stream. To be called
   * at most once, before a `Response` without headers and body is handed over, which then does not count.
   */
  readonly take?: (answer: WholeAnswer) => void;
  /**
   * Calls the listener once when the client leaves before it has the answer, at once if it has left already. To be called at most once.
   */
  readonly onGone: (listener: () => void) => void;
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

/** The client's going as a signal, for work that takes no listener. */
export function goneSignal({ onGone }: Pick<Exchange, "onGone">): AbortSignal {
  const gone = new AbortController();
  onGone(() => gone.abort());
  return gone.signal;
}

function describe(request: Request): Exchange {
  const { method, headers, signal } = request;
  return {
    method,
    target: rawTarget(request),
    headers,
    peerAddress: "",
    onGone(listener) {
      if (signal.aborted) listener();
      else signal.addEventListener("abort", listener, { once: true });
    },
    sent: Promise.resolve("sent"),
  };
}
