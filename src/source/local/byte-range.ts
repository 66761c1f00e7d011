/** First and last byte, both included. */
export type ByteRange = { readonly start: number; readonly end: number };

/**
 * The first range of a `Range` header, fitted to a file of `size` bytes. `undefined` = no header, "unsatisfiable" = answer 416.
 *
 * As in the reference only `bytes=a-b` and `bytes=a-` are served and everything else is unsatisfiable; unlike there the end is cut to
 * the file, a start beyond the file is unsatisfiable, and `bytes=0-0` is one byte (RFC 9110 §14.1.2).
 */
export function parseByteRange(header: string | undefined, size: number): ByteRange | "unsatisfiable" | undefined {
  if (header === undefined) return undefined;
  const match = /^\s*bytes\s*=\s*(\d{1,15})\s*-\s*(\d{0,15})\s*(?:,|$)/i.exec(header);
  if (match === null) return "unsatisfiable";
  const start = Number(match[1]);
  const end = match[2] === "" ? size - 1 : Math.min(Number(match[2]), size - 1);
  return start > end ? "unsatisfiable" : { start, end };
}
