import { readBody } from "../../read-body.ts";
import { type BodyOptions, openBody } from "../wire/body.ts";
import { decipher } from "./decipher.ts";
import { type Envelope, readEnvelope } from "./envelope.ts";

export type DecryptOptions = BodyOptions & {
  /** Gets the data key from KMS. */
  readonly unwrap: (envelope: Envelope) => Promise<Uint8Array>;
  /** Largest object in bytes; 0 = no limit. It lies in memory whole, since nothing may be used before its tag is verified. */
  readonly maxBytes: number;
};

const TAG_BYTES = 16;

/** Reads and decrypts an object of an S3 encryption client. Throws `AppError`; the body is let go of when it is not read. */
export async function decryptObject(response: Response, options: DecryptOptions): Promise<Uint8Array> {
  const { deadline, unwrap, maxBytes } = options;
  let envelope: Envelope;
  let dataKey: Uint8Array;
  try {
    envelope = readEnvelope(response.headers);
    dataKey = await deadline.race(unwrap(envelope));
  } catch (error) {
    await response.body?.cancel();
    throw error;
  }
  const body = await openBody(response, options);
  const stored = { status: response.status, headers: response.headers, body };
  // The body fails by itself when the deadline fires.
  const signal = new AbortController().signal;
  const sealed = await readBody(stored, { maxBytes: maxBytes === 0 ? 0 : maxBytes + TAG_BYTES, signal });
  return decipher(envelope, dataKey, sealed);
}
