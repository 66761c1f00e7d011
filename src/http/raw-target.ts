/**
 * The request target as it was sent, which is what signatures are computed over.
 *
 * `Bun.serve` hands over `request.url` after WHATWG parsing, so some targets arrive changed; docs/url.md lists which. Dot
 * segments and backslashes cannot be told back; characters that were only percent-encoded can, see `likelySpellings`.
 */

/** The target of a request: everything of its URL behind the authority. Never parses the URL again. */
export function rawTarget(request: Request): string {
  const { url } = request;
  const authority = url.indexOf("://") + "://".length;
  // Without a usable Host header Bun gives the target alone; it then begins with a slash.
  if (authority < "://".length || url.startsWith("/")) return url;
  const path = url.indexOf("/", authority);
  return path < 0 ? "/" : url.slice(path);
}

/** The characters that WHATWG parsing encodes in paths, always in upper-case hexadecimal. Spaces never get here. */
const ENCODED_ASCII = /%(?:22|3C|3E|5E|60|7B|7D)/g;
const ENCODED_UNICODE = /(?:%[89A-F][0-9A-F])+/g;

/**
 * How the path may have been spelled before the runtime encoded characters that the client sent raw: `é` and `"<>^{}` and
 * the backtick. None where there is nothing to decode. A signature that fits one of these was made for a path that means
 * exactly this request, so accepting it opens nothing.
 */
export function likelySpellings(path: string): readonly string[] {
  if (!path.includes("%")) return [];
  const unicode = path.replace(ENCODED_UNICODE, decodeWhole);
  const ascii = path.replace(ENCODED_ASCII, decodeWhole);
  const both = unicode.replace(ENCODED_ASCII, decodeWhole);
  return [...new Set([both, unicode, ascii])].filter((spelling) => spelling !== path);
}

function decodeWhole(escapes: string): string {
  try {
    return decodeURIComponent(escapes);
  } catch {
    return escapes; // Not UTF-8, so the client sent the escapes itself.
  }
}
