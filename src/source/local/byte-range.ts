/** First and last byte, both included. */
export type ByteRange = { readonly start: number; readonly end: number };

/** "beyond" = it begins after the last byte, "unsupported" = not a range that is served; both are answered with 416. */
export type RangeFault = "beyond" | "unsupported";

/**
 * The first range of a `Range` header, fitted to a file of `size` bytes; undefined when there is no header.
 *
 * As in the reference only `bytes=a-b` and `bytes=a-` are served, not `bytes=-n`; unlike there the end is cut to the file, a start
 * beyond it is refused, and `bytes=0-0` is one byte (RFC 9110 §14.1.2).
 */
export function parseByteRange(header: string | undefined, size: number): ByteRange | RangeFault | undefined {
  if (header === undefined) return undefined;
  const match = /^\s*bytes\s*=\s*(\d{1,15})\s*-\s*(\d{0,15})\s*(?:,|$)/i.exec(header);
  if (match === null) return "unsupported";
  const start = Number(match[1]);
  const last = match[2] === "" ? size - 1 : Number(match[2]);
  if (start >= size) return "beyond";
  return last < start ? "unsupported" : { start, end: Math.min(last, size - 1) };
}
