import { roundHalfAway } from "../plan/rounding.ts";

/** At this quality the reference stops looking for a smaller file. */
const LAST_QUALITY = 10;

/** The quality to try after a result was `excess` times too large. Falls faster the further off it was. */
export function nextQuality(quality: number, excess: number): number {
  const share = excess > 3 ? 0.25 : excess > 1.5 ? 0.5 : 0.75;
  return Math.max(1, Math.min(quality - 1, roundHalfAway(quality * share)));
}

/**
 * Encodes with falling quality until the result fits or the quality is 10 or less. The last try comes back even when it is
 * still too large: `max_bytes` is a wish, not an error.
 */
export async function encodeWithin<Encoded extends { readonly length: number }>(
  maxBytes: number,
  startQuality: number,
  encode: (quality: number) => Promise<Encoded>,
): Promise<Encoded> {
  let quality = startQuality;
  let encoded = await encode(quality);
  while (encoded.length > maxBytes && quality > LAST_QUALITY) {
    quality = nextQuality(quality, encoded.length / maxBytes);
    encoded = await encode(quality);
  }
  return encoded;
}
