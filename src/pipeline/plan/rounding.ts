/**
 * The two roundings of the geometry and the two ways libvips rounds a resampled side. Which quantity takes which is part of
 * the reference's observed behaviour; a different choice is off by one pixel.
 */

/** To the nearest integer, halves away from zero: 2.5 → 3, −0.5 → −1. */
export function roundHalfAway(value: number): number {
  const nearest = Math.sign(value) * Math.floor(Math.abs(value) + 0.5);
  return nearest === 0 ? 0 : nearest;
}

/** To the nearest integer, halves to the even neighbour: 0.5 → 0, 1.5 → 2, 2.5 → 2. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const fraction = value - floor;
  const goesUp = fraction > 0.5 || (fraction === 0.5 && floor % 2 !== 0);
  const nearest = goesUp ? floor + 1 : floor;
  return nearest === 0 ? 0 : nearest;
}

/**
 * The side that libvips' resampler makes of `side` at `scale`. It shrinks by the inverse factor and enlarges by the factor
 * itself, which tells near halves.
 */
export function resampledSide(side: number, scale: number): number {
  return Math.floor((scale > 1 ? side * scale : side / (1 / scale)) + 0.5);
}

/** The smaller of two sides where 0 means "not set". */
export function smallerSet(a: number, b: number): number {
  if (a === 0) return b;
  if (b === 0) return a;
  return Math.min(a, b);
}
