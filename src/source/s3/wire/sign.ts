import { SignatureV4 } from "@smithy/signature-v4";
import type { AwsCredentials } from "../credentials/aws-credentials.ts";
import type { Target } from "./endpoint.ts";
import { NodeSha256 as Sha256 } from "./node-sha256.ts";

/** SHA-256 of nothing. */
const EMPTY_BODY_HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

export type UnsignedRequest = {
  readonly method: "GET" | "HEAD" | "PUT" | "DELETE";
  readonly target: Target;
  /** Percent-encoded, without the prefix of the target. */
  readonly path: string;
  /** Not encoded. */
  readonly query: Readonly<Record<string, string>>;
  /** Lower-case names; all of them are signed. */
  readonly headers: Readonly<Record<string, string>>;
  /** SHA-256 of the body in hexadecimal; absent = there is none. */
  readonly bodyHash?: string;
};

/** One signer for each set of keys, for as long as the keys are in use. */
export type Signers = WeakMap<AwsCredentials, SignatureV4>;

/**
 * The headers of a request with its SigV4 signature. `signingTime` is the time by the store's clock. Takes about 15 µs, and twice
 * that in the middle of other work: nothing beside an image.
 */
export async function signRequest(
  request: UnsignedRequest,
  { credentials, signers }: { readonly credentials: AwsCredentials; readonly signers: Signers },
  signingTime: Date,
): Promise<Record<string, string>> {
  const { target } = request;
  const signed = await signerFor(credentials, signers).sign(
    {
      method: request.method,
      protocol: target.protocol,
      hostname: target.host,
      path: target.pathPrefix + request.path,
      query: { ...request.query },
      headers: { ...request.headers, host: target.host, "x-amz-content-sha256": request.bodyHash ?? EMPTY_BODY_HASH },
    },
    { signingDate: signingTime, signingRegion: target.signingRegion, signingService: target.signingName },
  );
  return signed.headers;
}

function signerFor(credentials: AwsCredentials, signers: Signers): SignatureV4 {
  let signer = signers.get(credentials);
  if (signer === undefined) {
    signer = new SignatureV4({
      // Both are given anew with each request.
      service: "s3",
      region: "",
      credentials,
      sha256: Sha256,
      // S3 alone signs the path as it is sent; the default would encode it a second time and drop empty segments.
      uriEscapePath: false,
      applyChecksum: false,
    });
    signers.set(credentials, signer);
  }
  return signer;
}
