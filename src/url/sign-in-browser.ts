import { encodeBase64Url } from "../text/base64url.ts";
import type { KeyPair } from "./signature.ts";

/** `signPath` with Web Crypto alone, for places without `node:crypto`. Keys do not belong into web pages, but into workers at the edge. */
export async function signPathWithWebCrypto(path: string, { key, salt }: KeyPair, size = 32): Promise<string> {
  const text = new TextEncoder().encode(path);
  const message = new Uint8Array(salt.length + text.length);
  message.set(salt);
  message.set(text, salt.length);
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const secret = await crypto.subtle.importKey("raw", Uint8Array.from(key), algorithm, false, ["sign"]);
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", secret, message));
  return encodeBase64Url(mac.subarray(0, size));
}
