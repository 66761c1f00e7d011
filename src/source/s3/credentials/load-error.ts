import { AppError } from "../../../errors.ts";

/** Why one source of keys gave none. */
export type FailedSource = { readonly source: string; readonly reason: string };

/**
 * The error when no keys are to be had: names every source tried and its reason, never a secret. The status is that of the STS
 * where STS refused, 502 where it failed, else 404, as in the reference.
 */
export function noCredentialsError(failed: readonly FailedSource[], cause?: unknown): AppError {
  const reasons = failed.map(({ source, reason }) => `${source}: ${reason}`).join("; ");
  return new AppError("source_unreachable", `no AWS credentials: ${reasons}`, {
    status: statusOf(cause),
    hint: "`imgproxy s3 check s3://bucket/key` goes through the sources one by one. IMGPROXY_S3_ANONYMOUS=true reads public buckets without keys.",
    cause: cause instanceof Error ? new Error(reasonOf(cause)) : undefined,
  });
}

/**
 * The reason in an error of the SDK, on one line and short. Only name and message are taken: the rest of such an error carries
 * requests with their headers.
 */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error).slice(0, MAX_REASON);
  const isTelling =
    error.name !== "Error" && error.name !== "CredentialsProviderError" && error.name !== "ProviderError";
  const message = error.message.replace(/\s+/g, " ").trim();
  return `${isTelling && !message.includes(error.name) ? `${error.name} ` : ""}${message}`.slice(0, MAX_REASON);
}

const MAX_REASON = 300;

/** The HTTP status in an error of an SDK client. */
function statusOf(error: unknown): number {
  if (!(error instanceof Error) || !("$metadata" in error)) return 404;
  const metadata: unknown = error.$metadata;
  const isKnown = typeof metadata === "object" && metadata !== null && "httpStatusCode" in metadata;
  const status = isKnown && typeof metadata.httpStatusCode === "number" ? metadata.httpStatusCode : 404;
  if (status >= 500) return 502;
  return status >= 400 ? status : 404;
}
