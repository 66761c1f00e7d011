import { AppError } from "../../../errors.ts";

/** What an S3 encryption client wrote beside an object so that it can be decrypted. */
export type Envelope = {
  /** The data key, encrypted by KMS. */
  readonly wrappedKey: Uint8Array;
  /** What KMS must be given besides: it was bound to the key. */
  readonly context: Readonly<Record<string, string>>;
  readonly content:
    | { readonly format: 2; readonly iv: Uint8Array }
    /** With a commitment to the key, derived from it with the message id. */
    | { readonly format: 3; readonly messageId: Uint8Array; readonly commitment: Uint8Array };
};

const IV_BYTES = 12;
const MESSAGE_ID_BYTES = 28;
const COMMITMENT_BYTES = 28;

/**
 * Reads the envelope out of an object's user metadata: formats 2 and 3 of the AWS clients, with AES-256-GCM and a data key that KMS
 * has wrapped with a context. Legacy forms (CBC, keys wrapped without a context) and plain objects are refused with
 * `invalid_image`, as the reference does.
 */
export function readEnvelope(headers: Headers): Envelope {
  const value = (name: string) => headers.get(`x-amz-meta-x-amz-${name}`) ?? undefined;
  if (value("3") !== undefined) {
    demand("algorithm of its key", value("w"), "12");
    demand("algorithm of its content", value("c"), "115");
    const context = readContext(value("t") ?? value("m"), "115");
    const messageId = readBytes("message id", value("i"), MESSAGE_ID_BYTES);
    const commitment = readBytes("commitment", value("d"), COMMITMENT_BYTES);
    return { wrappedKey: readBytes("key", value("3")), context, content: { format: 3, messageId, commitment } };
  }
  if (value("key-v2") === undefined) refuse("it has not been encrypted by an S3 encryption client");
  demand("algorithm of its key", value("wrap-alg"), "kms+context");
  demand("algorithm of its content", value("cek-alg"), "AES/GCM/NoPadding");
  demand("length of its tag", value("tag-len"), "128");
  const context = readContext(value("matdesc"), "AES/GCM/NoPadding");
  const iv = readBytes("initialisation vector", value("iv"), IV_BYTES);
  return { wrappedKey: readBytes("key", value("key-v2")), context, content: { format: 2, iv } };
}

function demand(what: string, found: string | undefined, wanted: string): void {
  if (found !== wanted) refuse(`the ${what} is ${JSON.stringify(found ?? "missing")}, only ${wanted} is supported`);
}

function readBytes(what: string, base64: string | undefined, length?: number): Uint8Array {
  const bytes = Buffer.from(base64 ?? "", "base64");
  if (bytes.length === 0 || (length !== undefined && bytes.length !== length)) refuse(`its ${what} has a wrong length`);
  return bytes;
}

/** The context must name the algorithm of the content: that is what ties the key to it. */
function readContext(json: string | undefined, algorithm: string): Record<string, string> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json ?? "");
  } catch {
    parsed = undefined;
  }
  const entries = typeof parsed === "object" && parsed !== null ? Object.entries(parsed) : [];
  const context = Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
  if (context["aws:x-amz-cek-alg"] !== algorithm) refuse("its encryption context does not name the algorithm");
  return context;
}

function refuse(why: string): never {
  throw new AppError("invalid_image", `source image cannot be decrypted: ${why}`, {
    hint: "IMGPROXY_S3_USE_DECRYPTION_CLIENT=true reads objects of S3 encryption clients with KMS only.",
  });
}
