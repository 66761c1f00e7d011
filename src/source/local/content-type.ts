type Signature = { readonly mime: string; readonly at: number; readonly bytes: string };

/** First match wins. `bytes` is Latin-1 text so that signatures can be read. */
const SIGNATURES: readonly Signature[] = [
  { mime: "image/jpeg", at: 0, bytes: "\xff\xd8\xff" },
  { mime: "image/png", at: 0, bytes: "\x89PNG\r\n\x1a\n" },
  { mime: "image/gif", at: 0, bytes: "GIF8" },
  { mime: "image/webp", at: 8, bytes: "WEBPVP8" },
  { mime: "image/avif", at: 4, bytes: "ftypavif" },
  { mime: "image/avif", at: 4, bytes: "ftypavis" },
  { mime: "image/heif", at: 4, bytes: "ftypheic" },
  { mime: "image/heif", at: 4, bytes: "ftypheix" },
  { mime: "image/heif", at: 4, bytes: "ftypmif1" },
  { mime: "image/heif", at: 4, bytes: "ftypmsf1" },
  { mime: "image/jxl", at: 0, bytes: "\xff\x0a" },
  { mime: "image/jxl", at: 0, bytes: "\x00\x00\x00\x0cJXL \r\n\x87\n" },
  { mime: "image/tiff", at: 0, bytes: "II*\x00" },
  { mime: "image/tiff", at: 0, bytes: "MM\x00*" },
  { mime: "image/bmp", at: 0, bytes: "BM" },
  { mime: "image/x-icon", at: 0, bytes: "\x00\x00\x01\x00" },
  { mime: "application/pdf", at: 0, bytes: "%PDF-" },
];

/** All signatures lie within so many bytes. */
const SIGNED_LENGTH = 16;

/** How much of a file `sniffContentType` looks at, in bytes. */
export const SNIFF_LENGTH = 512;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what tells binary data from text.
const BINARY = /[\x00-\x08\x0e-\x1a\x1c-\x1f]/;
/** Comments end at their first `-->`: were that left open, a file of nothing but comments would take forever. */
const SVG =
  /^(?:\ufeff|\u00ef\u00bb\u00bf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->)[\s\S])*-->\s*)*(?:<!doctype svg[^>]*>\s*)?<svg[\s/>]/i;

/**
 * The media type of a file by its first bytes, for answers that pass the file on as it is. Markup other than
 * SVG is plain text, so that a file on disk never becomes a page.
 */
export function sniffContentType(head: Uint8Array): string {
  const begin = latin1(head, SIGNED_LENGTH);
  const known = SIGNATURES.find(({ at, bytes }) => begin.startsWith(bytes, at));
  if (known !== undefined) return known.mime;
  const text = latin1(head, SNIFF_LENGTH);
  if (BINARY.test(text)) return "application/octet-stream";
  return SVG.test(text) ? "image/svg+xml" : "text/plain; charset=utf-8";
}

function latin1(bytes: Uint8Array, most: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, most)).toString("latin1");
}
