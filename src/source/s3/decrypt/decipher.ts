import { createDecipheriv, createHmac, timingSafeEqual } from "node:crypto";
import { AppError } from "../../../errors.ts";
import type { Envelope } from "./envelope.ts";

const TAG_BYTES = 16;
/** The number of the algorithm (115) in two bytes: part of what is derived and of what is authenticated. */
const SUITE = Buffer.from([0x00, 0x73]);
const COMMITTED_NONCE = Buffer.alloc(12, 0x01);

/**
 * Decrypts a whole body, whose last 16 bytes are the tag. Nothing is returned before the tag has been verified. Throws
 * `source_incomplete` when it does not hold, and `invalid_image` when the key is not the one the object is committed to.
 */
export function decipher({ content }: Envelope, dataKey: Uint8Array, body: Uint8Array): Uint8Array {
  if (content.format === 2) return openGcm({ key: dataKey, nonce: content.iv, body });
  const pseudoRandomKey = createHmac("sha512", content.messageId).update(dataKey).digest();
  const commitment = expand(pseudoRandomKey, "COMMITKEY", content.commitment.length);
  if (!timingSafeEqual(commitment, content.commitment)) {
    throw new AppError("invalid_image", "source image cannot be decrypted: it was encrypted with another key");
  }
  const key = expand(pseudoRandomKey, "DERIVEKEY", 32);
  return openGcm({ key, nonce: COMMITTED_NONCE, body, associatedData: SUITE });
}

/** The expanding half of HKDF-SHA-512 (RFC 5869, 2.3) for outputs of at most one hash. */
function expand(pseudoRandomKey: Uint8Array, purpose: string, length: number): Uint8Array {
  const info = Buffer.concat([SUITE, Buffer.from(purpose), Buffer.from([1])]);
  return createHmac("sha512", pseudoRandomKey).update(info).digest().subarray(0, length);
}

type Sealed = {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly body: Uint8Array;
  readonly associatedData?: Uint8Array;
};

function openGcm({ key, nonce, body, associatedData }: Sealed): Uint8Array {
  const end = body.length - TAG_BYTES;
  try {
    const opening = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
    if (associatedData !== undefined) opening.setAAD(associatedData);
    opening.setAuthTag(body.subarray(end));
    return Buffer.concat([opening.update(body.subarray(0, end)), opening.final()]);
  } catch (error) {
    throw new AppError("source_incomplete", "source image cannot be decrypted: its tag does not hold", {
      cause: error,
    });
  }
}
