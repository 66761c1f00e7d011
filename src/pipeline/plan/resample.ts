import type { Size } from "./gravity.ts";
import { resampledSide } from "./rounding.ts";

/**
 * From scale factors to the whole numbers the resizer takes. libvips resamples with a *factor* (its output size is the rounded
 * product); the wrapper takes integers and derives the factor from them: one per axis when both sides are given, a common one
 * when only one is. So the candidate whose factors lie nearest to the wanted ones is chosen. Where none is near enough (a target
 * of 151.5 pixels) the picture is first continued beyond its edges by as many pixels as make the wanted factor and phase come
 * out of whole numbers, and the surplus is cut off behind the resizer: edges are continued by repetition, which is what the
 * resampler does there anyway.
 */

/** Pixels added before and after an axis, the side resized to, and how many of its pixels to skip. */
export type PaddedAxis = {
  readonly before: number;
  readonly after: number;
  readonly resized: number;
  readonly skip: number;
};

export type Resample =
  | { readonly kind: "none"; readonly size: Size }
  /** A null side follows from the other one's factor. */
  | { readonly kind: "direct"; readonly width: number | null; readonly height: number | null; readonly size: Size }
  | { readonly kind: "padded"; readonly x: PaddedAxis; readonly y: PaddedAxis; readonly size: Size };

/**
 * Largest misplacement, in pixels of the result, that one direct resize may have at the far edge. A pass more costs a large picture a
 * tenth of its time, so there it must be worth that: on a photograph, 0.1 pixels are a mean difference of less than one of 255.
 */
const TOLERANCE = { small: 0.03, large: 0.1 };
/** Source pixels from which a picture is a large one. */
const LARGE = 250_000;
/** How far the continued edges are searched, in pixels of the result. */
const SEARCH = 64;
/** A larger canvas must earn its pixels by this much less misplacement. */
const LEAST_GAIN = 0.0005;
/** Above this many source pixels the extra pass over the continued picture costs more than its exactness is worth. */
const MOST_PADDED_PIXELS = 12_000_000;
/** libvips leaves at least this factor to the kernel and averages whole blocks before it. */
const KERNEL_GAP = 2;

/** An axis of so many pixels that is shrunk by a factor, and what libvips rounds the result to. */
export type Axis = { readonly side: number; readonly shrink: number; readonly size: number };

/** Misplacement at the far edge, in pixels of the result, when an axis is resized by another factor than the wanted one. */
function drift(axis: Axis, shrink: number): number {
  // Shrinking keeps the centre in place, enlarging the first corner.
  const reach = axis.shrink > 1 ? axis.size / 2 : axis.size;
  return reach * Math.abs(shrink / axis.shrink - 1);
}

/** So many pixels are averaged into one before the kernel sees them. */
export function blockSize(side: number, size: number, isReduction: boolean): number {
  return isReduction ? Math.max(1, Math.floor(side / size / KERNEL_GAP)) : 1;
}

type PaddedCandidate = PaddedAxis & { readonly error: number };

/** How far the picture is moved before its first pixel, so that what its size was rounded by is shared by both edges. */
export function centringOf({ side, shrink, size }: Axis): number {
  return shrink > 1 ? (size * shrink - side) / 2 : 0;
}

/** Misplacement of the first and last wanted pixel when `before` pixels were added and `skip` results are dropped. */
export function paddedError(
  axis: Axis,
  candidate: { before: number; skip: number; shrink: number },
  centring: number,
): number {
  const { before, skip, shrink } = candidate;
  const first = (skip + 0.5) * shrink - before - 0.5 * axis.shrink + centring;
  const last = first + (axis.size - 1) * (shrink - axis.shrink);
  return Math.max(Math.abs(first), Math.abs(last)) / axis.shrink;
}

function searchPaddedAxis(axis: Axis): PaddedCandidate {
  const isReduction = axis.shrink > 1;
  const block = blockSize(axis.side, axis.size, isReduction);
  const centring = centringOf(axis);
  let best: PaddedCandidate = {
    before: 0,
    after: 0,
    resized: axis.size,
    skip: 0,
    error: drift(axis, axis.side / axis.size),
  };
  for (let skip = 0; skip < SEARCH && best.error > LEAST_GAIN; skip++) {
    const before = block * Math.round((skip * axis.shrink + centring) / block);
    if (before < 0) continue;
    for (let resized = skip + axis.size; resized < skip + axis.size + SEARCH; resized++) {
      const padded = Math.round(resized * axis.shrink);
      const after = padded - before - axis.side;
      if (after < 0 || blockSize(padded, resized, isReduction) !== block) continue;
      const error = paddedError(axis, { before, skip, shrink: padded / resized }, centring);
      if (error < best.error - LEAST_GAIN) best = { before, after, resized, skip, error };
    }
  }
  return best;
}

function padded(x: PaddedCandidate, y: PaddedCandidate, size: Size): Resample {
  const axis = ({ before, after, resized, skip }: PaddedCandidate): PaddedAxis => ({ before, after, resized, skip });
  return { kind: "padded", x: axis(x), y: axis(y), size };
}

/** How to scale a picture by two factors (1 = leave the axis). The result's size is libvips' own rounding of the product. */
export function planResample(source: Size, scaleX: number, scaleY: number): Resample {
  const size = {
    width: Math.max(1, resampledSide(source.width, scaleX)),
    height: Math.max(1, resampledSide(source.height, scaleY)),
  };
  if (scaleX === 1 && scaleY === 1) return { kind: "none", size };
  const x: Axis = { side: source.width, shrink: 1 / scaleX, size: size.width };
  const y: Axis = { side: source.height, shrink: 1 / scaleY, size: size.height };
  const shrinkX = source.width / size.width;
  const shrinkY = source.height / size.height;
  const candidates = [
    { width: size.width, height: size.height, error: Math.max(drift(x, shrinkX), drift(y, shrinkY)) },
    { width: size.width, height: null, error: Math.max(drift(x, shrinkX), drift(y, shrinkX)) },
    { width: null, height: size.height, error: Math.max(drift(x, shrinkY), drift(y, shrinkY)) },
  ].filter(
    ({ width, height }) =>
      (width !== null || resampledSide(source.width, 1 / shrinkY) === size.width) &&
      (height !== null || resampledSide(source.height, 1 / shrinkX) === size.height),
  );
  const direct = candidates.reduce((best, next) => (next.error < best.error ? next : best));
  const asDirect: Resample = { kind: "direct", width: direct.width, height: direct.height, size };
  const pixels = source.width * source.height;
  const tolerance = pixels < LARGE ? TOLERANCE.small : TOLERANCE.large;
  if (direct.error <= tolerance || pixels > MOST_PADDED_PIXELS) return asDirect;
  const paddedX = searchPaddedAxis(x);
  const paddedY = searchPaddedAxis(y);
  return Math.max(paddedX.error, paddedY.error) < direct.error * 0.7 ? padded(paddedX, paddedY, size) : asDirect;
}
