/**
 * Patterns of IMGPROXY_ALLOWED_SOURCES and IMGPROXY_URL_REPLACEMENTS: literal text with `*` for any characters but `/`.
 * They are matched without regular expressions, in time linear in the URL: a slash in the pattern can only meet the same
 * slash of the URL, so every segment is matched for itself.
 */

/** One segment of a pattern: the literal pieces between its stars. */
type SegmentPattern = readonly string[];

/** A pattern, split at its slashes. */
export type Wildcard = readonly SegmentPattern[];

export type WildcardMatch = {
  /** Length of the text that the pattern took. */
  readonly length: number;
  /** What each star stood for. */
  readonly stars: readonly string[];
};

/** Splits a pattern once, at start. */
export function compileWildcard(pattern: string): Wildcard {
  return pattern.split("/").map((segment) => segment.split("*"));
}

/** Matches the pattern at the beginning of `text`; every star takes as much as it can, the first one first. */
export function matchPrefix(pattern: Wildcard, text: string): WildcardMatch | undefined {
  const stars: string[] = [];
  let start = 0;
  for (const [index, segment] of pattern.entries()) {
    const slash = text.indexOf("/", start);
    const end = slash < 0 ? text.length : slash;
    const isLast = index === pattern.length - 1;
    const length = matchSegment(segment, text.slice(start, end), isLast, stars);
    if (length === undefined) return undefined;
    if (isLast) return { length: start + length, stars };
    if (slash < 0) return undefined;
    start = slash + 1;
  }
  return undefined;
}

/** Whether the pattern of one segment takes the whole text. */
export function matchesSegment(segment: SegmentPattern, text: string): boolean {
  return matchSegment(segment, text, false, []) !== undefined;
}

/**
 * Matches one segment, all of `text` or, with `isOpen`, its beginning, and adds what the stars took. Placing the pieces
 * from the last to the first, each as far right as possible, gives every star its greatest length in order.
 */
function matchSegment(pieces: SegmentPattern, text: string, isOpen: boolean, stars: string[]): number | undefined {
  const [first = "", ...others] = pieces;
  if (!text.startsWith(first)) return undefined;
  if (others.length === 0) return isOpen || text.length === first.length ? first.length : undefined;
  let end = text.length;
  let length = text.length;
  const taken: string[] = [];
  for (const [distance, piece] of others.toReversed().entries()) {
    const isAnchored = distance === 0 && !isOpen;
    const at = isAnchored ? text.length - piece.length : text.lastIndexOf(piece, end - piece.length);
    if (at < first.length || at + piece.length > end || !text.startsWith(piece, at)) return undefined;
    if (distance === 0) length = at + piece.length;
    else taken.push(text.slice(at + piece.length, end));
    end = at;
  }
  taken.push(text.slice(first.length, end));
  stars.push(...taken.reverse());
  return length;
}
