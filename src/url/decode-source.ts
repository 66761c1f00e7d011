import { AppError } from "../errors.ts";
import { decodeBase64Url, withoutPadding } from "../text/base64url.ts";

export type DecodedSource = {
  /** Before replacements and base URL. */
  readonly url: string;
  /** Without its `@` or dot; empty = none. */
  readonly extension: string;
};

const PLAIN = "plain/";
const PERCENT = 0x25;
/** Keeps nothing between calls. */
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Decodes the source part of a path. Behind `plain/` the URL is percent-decoded exactly once and `@` begins the extension;
 * anything else is URL-safe base64, cut by slashes at will, and a dot begins the extension. With `includesFilename` the
 * last segment of a base64 source is a file name and dropped, when there is more than one.
 *
 * Throws `AppError("invalid_url")`. Encrypted sources of imgproxy Pro (`enc/…`) will be told apart here; today they are
 * read as base64, as the reference does.
 */
export function decodeSource(source: string, includesFilename: boolean): DecodedSource {
  if (source.startsWith(PLAIN)) {
    const { text, extension } = cutExtension(source.slice(PLAIN.length), "@");
    return { url: percentDecode(text), extension };
  }
  const end = includesFilename ? source.lastIndexOf("/") : -1;
  const parts = end < 0 ? source : source.slice(0, end);
  const { text, extension } = cutExtension(parts.includes("/") ? parts.replaceAll("/", "") : parts, ".");
  const bytes = decodeBase64Url(withoutPadding(text));
  if (bytes === undefined) throw notBase64(text);
  return { url: decodeUtf8(bytes), extension };
}

function cutExtension(text: string, mark: "@" | "."): { readonly text: string; readonly extension: string } {
  const at = text.indexOf(mark);
  if (at === 0 || text === "") {
    throw new AppError("invalid_url", "the URL has no source", {
      hint: "End the path with /plain/URL or with base64.",
    });
  }
  if (at < 0) return { text, extension: "" };
  const extension = text.slice(at + 1);
  if (extension.includes(mark)) {
    throw new AppError("invalid_url", `the source has more than one "${mark}"`, {
      hint: mark === "@" ? "Encode a literal @ as %40." : "A dot begins the extension; base64 itself has none.",
    });
  }
  return { text: text.slice(0, at), extension };
}

/** Escapes that are no UTF-8 are decoded all the same: paths are bytes. */
function percentDecode(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return decodeUtf8(percentDecodeBytes(text));
  }
}

function percentDecodeBytes(text: string): Uint8Array {
  const sent = new TextEncoder().encode(text);
  const bytes = new Uint8Array(sent.length);
  let length = 0;
  for (let index = 0; index < sent.length; index += 1) {
    const byte = sent[index] ?? 0;
    const isEscape = byte === PERCENT;
    bytes[length] = isEscape ? hexValue(sent[index + 1]) * 16 + hexValue(sent[index + 2]) : byte;
    length += 1;
    if (isEscape) index += 2;
  }
  return bytes.subarray(0, length);
}

/** The value of a hexadecimal digit; every `%` of a well-formed target has two behind it. */
function hexValue(byte = 0): number {
  return byte <= 0x39 ? byte - 0x30 : (byte & 0x0f) + 9;
}

/**
 * Bytes that are no UTF-8 cannot be kept in a string, so those outside ASCII then become percent escapes: over HTTP that
 * is how they travel anyway, and other sources have no such names.
 */
function decodeUtf8(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    return Array.from(bytes, (byte) =>
      byte < 0x80 ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase()}`,
    ).join("");
  }
}

function notBase64(text: string): AppError {
  const wrong = /[^A-Za-z0-9_-]/.exec(text)?.[0];
  const why = wrong === undefined ? "its length is impossible" : `${JSON.stringify(wrong)} is not in its alphabet`;
  return new AppError("invalid_url", `the source is no URL-safe base64: ${why}`, {
    hint: "Put plain/ in front of a URL that is not encoded; options need an argument separator.",
  });
}
