const ALPHABET = /^[A-Za-z0-9_-]*$/;

/**
 * Decodes URL-safe base64 without padding; undefined when a character or the length is impossible. Spare bits of the last
 * character are ignored, as the reference does. Web standards only, so that it also runs in browsers.
 */
export function decodeBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 4 === 1 || !ALPHABET.test(text)) return undefined;
  return Uint8Array.fromBase64(text, { alphabet: "base64url", lastChunkHandling: "loose" });
}

/** Encodes bytes as URL-safe base64 without padding. Runs in browsers and in Node.js 20, which have no `toBase64`. */
export function encodeBase64Url(bytes: Uint8Array): string {
  if ("toBase64" in bytes) return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
  return encodeSlowly(bytes);
}

/** For runtimes without `Uint8Array.prototype.toBase64`. */
export function encodeSlowly(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return withoutPadding(btoa(binary)).replaceAll("+", "-").replaceAll("/", "_");
}

/** `text` without the `=` at its end. No regular expression: one would take quadratic time on a megabyte of them. */
export function withoutPadding(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 0x3d) end -= 1;
  return end === text.length ? text : text.slice(0, end);
}
