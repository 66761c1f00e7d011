import { AppError, messageOf } from "../../../errors.ts";

/** Advice by the code of a failed connection. */
const HINTS: Readonly<Record<string, string>> = {
  ECONNREFUSED:
    "Nothing listens at the endpoint: check host and port in IMGPROXY_S3_ENDPOINT, and that the store is up.",
  ConnectionRefused:
    "Nothing listens at the endpoint: check host and port in IMGPROXY_S3_ENDPOINT, and that the store is up.",
  ENOTFOUND:
    "The host name does not resolve: check IMGPROXY_S3_ENDPOINT, the region, and whether the store wants path style.",
  ECONNRESET: "The store, or something before it, closed the connection; http:// to a TLS port looks like this too.",
  DEPTH_ZERO_SELF_SIGNED_CERT: "The certificate is self-signed: name its authority with AWS_CA_BUNDLE.",
  SELF_SIGNED_CERT_IN_CHAIN: "The certificate comes from an unknown authority: name it with AWS_CA_BUNDLE.",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "The certificate comes from an unknown authority: name it with AWS_CA_BUNDLE.",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "The certificate comes from an unknown authority: name it with AWS_CA_BUNDLE.",
  CERT_HAS_EXPIRED: "The certificate of the store has expired.",
  ERR_TLS_CERT_ALTNAME_INVALID:
    "The certificate is for another host name; with a bucket in the host name use IMGPROXY_S3_ENDPOINT_USE_PATH_STYLE=true.",
};

/** The error when no answer came because no connection did, with the system's code in the message. */
export function connectionError(address: string, error: unknown): AppError {
  const code = connectionErrorCode(error);
  const hint = HINTS[code];
  return new AppError(
    "source_unreachable",
    `can't download source image: no connection to the store: ${code} (${address})`,
    {
      ...(hint === undefined ? {} : { hint }),
      cause: error,
    },
  );
}

/** Whether another try would fail in the same way: a certificate does not get better by being looked at again. */
export function isLastingConnectionError(code: string): boolean {
  return /CERT|VERIFY_LEAF/.test(code);
}

/** The system's code of a failed `fetch`, such as `ECONNREFUSED` or `DEPTH_ZERO_SELF_SIGNED_CERT`, or its message. */
export function connectionErrorCode(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return messageOf(error);
}
