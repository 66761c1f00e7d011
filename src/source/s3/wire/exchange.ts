/** The transport options that all requests of a source share. */
export type Transport = {
  /** False = a new connection each time (`IMGPROXY_CLIENT_KEEP_ALIVE_TIMEOUT=0`). */
  readonly keepsAlive: boolean;
  readonly tls: TlsOptions | undefined;
  readonly userAgent: string;
};

/** What `fetch` takes as `tls`; one shared object, so that pooled connections are recognised as equal. */
export type TlsOptions = { readonly rejectUnauthorized?: boolean; readonly ca?: string };

export type ExchangeRequest = {
  readonly method: "GET" | "HEAD";
  readonly url: string;
  /** Signed or not; sent as they are. */
  readonly headers: Readonly<Record<string, string>>;
  /** Ends the exchange, the body included. Aborted here when the headers take too long. */
  readonly attempt: AbortController;
  /** The longest wait for the headers. */
  readonly headerTimeoutMs: number;
  /** Forces a new connection: the pooled one may be half dead. */
  readonly isFresh: boolean;
};

/** What became of one request. The error of a failed one is `fetch`'s own. */
export type ExchangeResult =
  | { readonly kind: "answer"; readonly response: Response; readonly headersMs: number }
  | { readonly kind: "no-headers" }
  | { readonly kind: "no-connection"; readonly error: unknown };

/**
 * Sends one request over `fetch`. Redirects are not followed: the signature would travel to a host out of an answer.
 * The body stays as it is stored, since unpacking would contradict the headers. Never throws; an exchange that somebody else aborted is `no-connection` as well.
 */
export async function exchange(request: ExchangeRequest, transport: Transport): Promise<ExchangeResult> {
  let isTooLate = false;
  const timer = setTimeout(() => {
    isTooLate = true;
    request.attempt.abort();
  }, request.headerTimeoutMs);
  const started = performance.now();
  try {
    const response = await fetch(request.url, {
      method: request.method,
      // Unsigned on purpose: proxies and Google's store rewrite accept-encoding, which would break the signature.
      headers: { ...request.headers, "accept-encoding": "identity", "user-agent": transport.userAgent },
      redirect: "manual",
      decompress: false,
      keepalive: transport.keepsAlive && !request.isFresh,
      signal: request.attempt.signal,
      ...(transport.tls === undefined ? {} : { tls: transport.tls }),
    });
    return { kind: "answer", response, headersMs: performance.now() - started };
  } catch (error) {
    return isTooLate ? { kind: "no-headers" } : { kind: "no-connection", error };
  } finally {
    clearTimeout(timer);
  }
}
