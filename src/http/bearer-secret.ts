import { createHash, timingSafeEqual } from "node:crypto";
import { AppError } from "../errors.ts";

/** Throws `forbidden` unless the request may ask for images. */
export type SecretCheck = (headers: Headers) => void;

/**
 * Checks `Authorization: Bearer SECRET`, letter case of `Bearer` included, in time that says nothing about the secret.
 * An empty secret lets everybody in.
 */
export function compileSecretCheck(secret: string): SecretCheck {
  if (secret === "") return () => undefined;
  const expected = digest(`Bearer ${secret}`);
  return (headers) => {
    if (timingSafeEqual(digest(headers.get("authorization") ?? ""), expected)) return;
    throw new AppError("forbidden", "Invalid secret", {
      hint: "Send the header Authorization: Bearer followed by the value of IMGPROXY_SECRET.",
    });
  };
}

/** Equal lengths whatever came, as the constant-time comparison needs. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
