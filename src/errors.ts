/**
 * The one error type of the program and the registry of everything that can go wrong.
 * A room throws `AppError` where it finds the fault; `http/` turns it into an answer and the command
 * line into one clear line. Nothing else crosses a room's border.
 */

/** Lowest log level at which an error of a kind is worth writing. */
export type ErrorLogLevel = "debug" | "info" | "warn" | "error";

type ErrorKindRow = {
  /** HTTP status of the answer. */
  readonly status: number;
  /** The sentence a client may read in production; the reference's own wording, so that clients that match on it keep working. */
  readonly publicMessage: string;
  readonly logLevel: ErrorLogLevel;
  /** Whether error reporters (Sentry and friends) hear of it. */
  readonly isReported: boolean;
  /** What it means and what to do, for `docs/errors.md`. */
  readonly doc: string;
};

/** Every kind of error. `docs/errors.md` is generated from this table. */
export const ERROR_KINDS = {
  bad_request: {
    status: 400,
    publicMessage: "400 Bad Request",
    logLevel: "info",
    isReported: false,
    doc: "The request target is malformed: a stray %, a space or a control character. Percent-encode the URL.",
  },
  not_found: {
    status: 404,
    publicMessage: " ",
    logLevel: "info",
    isReported: false,
    doc: "No route answers this path and method.",
  },
  forbidden: {
    status: 403,
    publicMessage: "Forbidden",
    logLevel: "warn",
    isReported: false,
    doc: "The signature or the bearer secret is wrong. Sign exactly the path that is sent, with the key and salt that the server has.",
  },
  signature_missing: {
    status: 403,
    publicMessage:
      "The signature appears to be a processing option. The signature section should always be present in the URL.",
    logLevel: "warn",
    isReported: false,
    doc: "The first path segment must be a signature; without keys any word does, for example `unsafe`.",
  },
  option_forbidden: {
    status: 403,
    publicMessage: "Invalid URL",
    logLevel: "warn",
    isReported: false,
    doc: "A security option was used. Set IMGPROXY_ALLOW_SECURITY_OPTIONS=true to allow them.",
  },
  invalid_url: {
    status: 404,
    publicMessage: "Invalid URL",
    logLevel: "warn",
    isReported: false,
    doc: "The path is malformed: an unknown option, a bad argument, an unknown preset or extension, an expired link, or a source that cannot be decoded.",
  },
  source_forbidden: {
    status: 404,
    publicMessage: "Invalid source URL",
    logLevel: "warn",
    isReported: false,
    doc: "The source is not among IMGPROXY_ALLOWED_SOURCES, or its address is loopback, link-local or private and not allowed.",
  },
  source_unreachable: {
    status: 404,
    publicMessage: "Source is unreachable",
    logLevel: "warn",
    isReported: true,
    doc: "The source could not be fetched: unknown scheme, missing object, refused connection, or an error status of the origin.",
  },
  source_timeout: {
    status: 504,
    publicMessage: "Source is unreachable",
    logLevel: "warn",
    isReported: true,
    doc: "The source did not answer within IMGPROXY_DOWNLOAD_TIMEOUT.",
  },
  source_incomplete: {
    status: 422,
    publicMessage: "Source response is incomplete",
    logLevel: "warn",
    isReported: true,
    doc: "The origin closed the connection before the announced length was delivered.",
  },
  unsupported_target: {
    status: 422,
    publicMessage: "Invalid URL",
    logLevel: "warn",
    isReported: false,
    doc: "The requested output format is known but cannot be produced from this source.",
  },
  invalid_image: {
    status: 422,
    publicMessage: "Invalid source image",
    logLevel: "warn",
    isReported: true,
    doc: "The source is not an image of a supported format, is broken, or exceeds a size, resolution or frame limit.",
  },
  broken_image: {
    status: 422,
    publicMessage: "Broken or unsupported image",
    logLevel: "warn",
    isReported: true,
    doc: "The source has a known format, but its header or its pixels cannot be decoded.",
  },
  undetected_image: {
    status: 422,
    publicMessage: "Failed to detect source image type",
    logLevel: "warn",
    isReported: true,
    doc: "Reading the source failed before its format could be told, for example at IMGPROXY_MAX_SRC_FILE_SIZE.",
  },
  too_many_requests: {
    status: 429,
    publicMessage: "Too many requests",
    logLevel: "warn",
    isReported: false,
    doc: "The queue is full (IMGPROXY_REQUESTS_QUEUE_SIZE). Try again after the time in Retry-After.",
  },
  cancelled: {
    status: 499,
    publicMessage: "Cancelled",
    logLevel: "info",
    isReported: false,
    doc: "The client went away before the answer was ready.",
  },
  timeout: {
    status: 503,
    publicMessage: "Timeout",
    logLevel: "warn",
    isReported: false,
    doc: "Queue, download and processing together took longer than IMGPROXY_TIMEOUT.",
  },
  write_failed: {
    status: 500,
    publicMessage: "Internal error",
    logLevel: "error",
    isReported: true,
    doc: "The client read the answer too slowly (IMGPROXY_WRITE_RESPONSE_TIMEOUT) and was cut off.",
  },
  internal: {
    status: 500,
    publicMessage: "Internal error",
    logLevel: "error",
    isReported: true,
    doc: "A fault of the server itself. Please report it with the log line.",
  },
  config: {
    status: 500,
    publicMessage: "Internal error",
    logLevel: "error",
    isReported: false,
    doc: "A configuration value is wrong; the server does not start. The message names the variable and what is allowed.",
  },
  usage: {
    status: 500,
    publicMessage: "Internal error",
    logLevel: "error",
    isReported: false,
    doc: "The command line is wrong: an unknown command or flag, a missing argument, a file that cannot be read.",
  },
} as const satisfies Record<string, ErrorKindRow>;

export type ErrorKind = keyof typeof ERROR_KINDS;

export type AppErrorOptions = {
  /** Overrides the status of the kind, e.g. the origin's own 403 for `source_unreachable`. */
  readonly status?: number;
  /** What the reader can do about it; shown in development mode and on the command line. */
  readonly hint?: string;
  /** Seconds for a Retry-After header. */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
};

/** The only error that crosses a room's border. `message` is for logs and development mode and must hold no secret. */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly kind: ErrorKind;
  readonly status: number;
  readonly hint: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(kind: ErrorKind, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.status = options.status ?? ERROR_KINDS[kind].status;
    this.hint = options.hint;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  /** The sentence for clients in production. */
  get publicMessage(): string {
    return ERROR_KINDS[this.kind].publicMessage;
  }

  get logLevel(): ErrorLogLevel {
    return ERROR_KINDS[this.kind].logLevel;
  }

  get isReported(): boolean {
    return ERROR_KINDS[this.kind].isReported;
  }
}

/** What anything thrown says of itself. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Wraps anything thrown into an `AppError`; one that already is comes back unchanged. */
export function toAppError(thrown: unknown, kind: ErrorKind = "internal"): AppError {
  if (thrown instanceof AppError) return thrown;
  return new AppError(kind, messageOf(thrown), { cause: thrown });
}
