import type { Size } from "./gravity.ts";
import { doesOnly, type Pass } from "./pass.ts";
import { type Axis, blockSize, centringOf, paddedError } from "./resample.ts";
import { resampledSide } from "./rounding.ts";

/**
 * How frames are scaled several at a time, stacked in one tall picture, with the pixels that each would have alone: above and below
 * each frame its edge rows are repeated, which is what the resampler does at edges anyway, and just so many that every frame begins
 * at the same phase of the resampler, or as good as.
 */
export type FrameStrip = {
  /** Rows repeated above each frame; the rest of the period follows below it. */
  readonly before: number;
  /** So many rows are averaged into one before the kernel sees them, which repeats not rows but averages. */
  readonly block: number;
  /** Rows of a frame with them, before and behind the scaling. */
  readonly period: number;
  readonly scaledPeriod: number;
  /** The width to scale to; null = it follows from the factor of the rows. */
  readonly width: number | null;
  /** Where a frame begins in its scaled rows, and the size that it has there. */
  readonly scaledBefore: number;
  readonly scaled: Size;
};

/** Rows that the Lanczos window reaches and one to spare, in rows of the result. */
const REACH = 4;
/** Repeated pixels cost more than the runs they save from so many on, and the fewer the larger frames are: less of them share a run. */
const MOST_REPEATED_PIXELS = 80_000;
const FEWER_REPEATED = 1 / 8;
/** Where no period gives every frame the very same phase, one is good enough that misplaces no pixel by more than this part of one. */
const TOLERANCE = 0.004;
/** How far beyond the window's reach is searched, in rows of the result. */
const SEARCH = 40;

/**
 * The strip for a pass over frames of a size; null when the pass does more than make them smaller and cut them, or when no number of
 * rows gives every frame the same phase.
 */
export function planFrameStrip(pass: Pass, frame: Size): FrameStrip | null {
  if (pass.resize === null || !doesOnly(pass, ["resize", "cut"])) return null;
  const { width, height } = pass.resize;
  const shrink = height === null ? frame.width / (width ?? frame.width) : frame.height / height;
  if (shrink < 1) return null;
  const axis: Axis = { side: frame.height, shrink, size: height ?? resampledSide(frame.height, 1 / shrink) };
  const most = frame.height * (1 - FEWER_REPEATED) + MOST_REPEATED_PIXELS / frame.width;
  const rows = exactRows(axis, most) ?? searchRows(axis, most);
  if (rows === null) return null;
  // A width that is not given follows from the factor of the rows, which the search may have changed a little.
  const scaledWidth = width ?? resampledSide(frame.width, rows.scaledPeriod / rows.period);
  if (width === null && scaledWidth !== resampledSide(frame.width, 1 / shrink)) return null;
  return { ...rows, width, scaled: { width: scaledWidth, height: axis.size } };
}

type Rows = Omit<FrameStrip, "width" | "scaled">;

/** Rows of the source that are a whole number of rows of the result, before and with each frame. */
function exactRows(axis: Axis, most: number): Rows | null {
  const { side, shrink, size } = axis;
  if (centringOf(axis) !== 0) return null;
  const block = blockSize(side, size, shrink > 1);
  const unit = leastCommonMultiple(side / greatestCommonDivisor(side, size), block);
  const before = Math.ceil(Math.ceil(shrink * REACH) / unit) * unit;
  // The frame's own rows need not be a multiple: what is missing is repeated below.
  const period = Math.ceil((before + side + before) / unit) * unit;
  if (period > most) return null;
  return {
    before,
    block,
    period,
    scaledPeriod: Math.round(period / shrink),
    scaledBefore: Math.round(before / shrink),
  };
}

/** The shortest period, of at most so many rows, whose factor and phase come near enough. */
function searchRows(axis: Axis, most: number): Rows | null {
  let best: Rows | null = null;
  for (let scaledBefore = REACH; scaledBefore < REACH + SEARCH; scaledBefore++) {
    best = searchPeriod(axis, scaledBefore, best === null ? most : best.period - 1) ?? best;
  }
  return best;
}

function searchPeriod(axis: Axis, scaledBefore: number, most: number): Rows | null {
  const { side, shrink, size } = axis;
  const block = blockSize(side, size, shrink > 1);
  const whole = (rows: number) => block * Math.round(rows / block);
  const reach = Math.ceil(shrink * REACH);
  const centring = centringOf(axis);
  const before = whole(scaledBefore * shrink + centring);
  if (before < reach) return null;
  const least = scaledBefore + size + REACH;
  for (let scaledPeriod = least; scaledPeriod < least + SEARCH; scaledPeriod++) {
    const period = whole(scaledPeriod * shrink);
    if (period > most) return null;
    if (period - before - side < reach || blockSize(period, scaledPeriod, shrink > 1) !== block) continue;
    const error = paddedError(axis, { before, skip: scaledBefore, shrink: period / scaledPeriod }, centring);
    if (error <= TOLERANCE) return { before, block, period, scaledPeriod, scaledBefore };
  }
  return null;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function leastCommonMultiple(a: number, b: number): number {
  return (a / greatestCommonDivisor(a, b)) * b;
}
