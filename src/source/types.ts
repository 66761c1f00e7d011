/** Decoded source URL after replacements and base URL, e.g. `s3://bucket/key?version`. Made by `url/`. */
export type SourceUrl = string & { readonly __brand: "SourceUrl" };

export type SourceRequest = {
  readonly url: SourceUrl;
  /**
   * Lower-case names. What of the client's request goes along: `if-none-match`, `if-modified-since`, `range` (raw only),
   * `cookie`, `x-request-id` and the like; already filtered by `http/`.
   */
  readonly headers: Readonly<Record<string, string>>;
  /** Ends the download: deadline, client gone, shutdown. Its reason is an `AppError` (`timeout`, `cancelled`) where we know one. */
  readonly signal: AbortSignal;
  /** The asker reads the body whole: up to so many bytes it may come in one piece, without a stream in between. */
  readonly wholeUpTo?: number;
};

/**
 * The same whatever the scheme. 2xx (206 only for a `range` request) and 304 come back as values; whoever asked decides about
 * other statuses (`raw` passes them on, processing maps them to an `AppError`).
 */
export type SourceResponse = {
  readonly status: number;
  /** Lower-case names. `etag`, `last-modified`, `content-type`, `content-length`, `cache-control`, `expires`, `content-range`, … */
  readonly headers: Headers;
  /**
   * Whole bytes where they are at hand, else a stream that errors with an `AppError`; null for 304 and HEAD-like answers.
   * Must be consumed or cancelled.
   */
  readonly body: Uint8Array | ReadableStream<Uint8Array> | null;
};

/** One scheme's way to bytes. Throws `AppError` (`source_unreachable`, `source_timeout`, `source_forbidden`, …). */
export interface Source {
  fetch(request: SourceRequest): Promise<SourceResponse>;
  /** Lets go of timers and pooled connections. */
  close?(): Promise<void> | void;
}

/** Sources by lower-case scheme without the colon: `s3`, `http`, `https`, `local`. */
export type SourceRegistry = ReadonlyMap<string, Source>;
