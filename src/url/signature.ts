import { createHmac, timingSafeEqual } from "node:crypto";
import { AppError } from "../errors.ts";
import { decodeBase64Url, encodeBase64Url } from "../text/base64url.ts";

export type KeyPair = { readonly key: Uint8Array; readonly salt: Uint8Array };

/** The settings about signatures, as `Config` has them. */
export type SignatureSettings = {
  readonly key: readonly Uint8Array[];
  /** Paired with the keys by position. */
  readonly salt: readonly Uint8Array[];
  /** Bytes of the signature that are kept, 1…32. */
  readonly signatureSize: number;
  readonly trustedSignatures: readonly string[];
};

/** `SignatureSettings`, compiled once at start. */
export type SignatureRules = {
  /** Without one, signatures are not checked. */
  readonly pairs: readonly KeyPair[];
  readonly size: number;
  readonly trusted: ReadonlySet<string>;
};

/** Pairs keys with salts. Throws `AppError("config")` when there are not as many of one as of the other. */
export function compileSignatureRules(settings: SignatureSettings): SignatureRules {
  const { key: keys, salt: salts } = settings;
  if (keys.length !== salts.length) {
    throw new AppError("config", `IMGPROXY_KEY has ${keys.length} keys and IMGPROXY_SALT ${salts.length} salts`, {
      hint: "Keys and salts are paired by position; give as many of one as of the other.",
    });
  }
  const pairs = keys.flatMap((key, index) => {
    const salt = salts[index];
    return salt === undefined ? [] : [{ key, salt }];
  });
  return { pairs, size: settings.signatureSize, trusted: new Set(settings.trustedSignatures) };
}

/**
 * The signature of a repaired path: URL-safe base64 of the first `size` bytes of HMAC-SHA256 over salt and path. A path
 * with characters outside ASCII is signed as its UTF-8 bytes.
 */
export function signPath(path: string, pair: KeyPair, size = 32): string {
  return encodeBase64Url(digest(path, pair).subarray(0, size));
}

/**
 * Whether the signature is that of the path under any of the pairs. Takes the same time whichever pair fits and however
 * many bytes are right; only a signature of the wrong length, which is no secret, is told apart early. Spare bits of the
 * last character are ignored and padding is refused, as in the reference.
 */
export function verifySignature(signature: string, path: string, rules: SignatureRules): boolean {
  const given = decodeBase64Url(signature);
  if (given === undefined || given.length !== rules.size) return false;
  let isRight = false;
  for (const pair of rules.pairs) {
    if (timingSafeEqual(given, digest(path, pair).subarray(0, rules.size))) isRight = true;
  }
  return isRight;
}

/**
 * Throws `AppError("forbidden")` unless the signature is trusted or that of the path. Without keys every signature will
 * do that is not an option by mistake; that one gets `AppError("signature_missing")`.
 */
export function requireSignature(signature: string, path: string, rules: SignatureRules): void {
  if (rules.pairs.length === 0) {
    if (signature.includes(":")) throw missing(signature);
    return;
  }
  if (!rules.trusted.has(signature) && !verifySignature(signature, path, rules)) throw forbidden(path);
}

function digest(path: string, { key, salt }: KeyPair): Uint8Array {
  return createHmac("sha256", key).update(salt).update(path).digest();
}

function missing(signature: string): AppError {
  return new AppError("signature_missing", `the signature ${JSON.stringify(signature.slice(0, 80))} holds a ":"`, {
    hint: "The first path segment is the signature; without keys any word without a colon does, for example unsafe.",
  });
}

function forbidden(path: string): AppError {
  return new AppError("forbidden", "the signature does not belong to this path", {
    hint: `Sign exactly ${JSON.stringify(path.slice(0, 200))}, from the first slash behind the signature on, with the key and salt of this server.`,
  });
}
