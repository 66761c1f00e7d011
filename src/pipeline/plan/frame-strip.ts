import type { Size } from "./gravity.ts";
import { doesOnly, type Pass } from "./pass.ts";

/**
 * How frames are scaled several at a time, stacked in one tall picture, with the pixels that each would have alone: above and below
 * each frame its edge rows are repeated, which is what the resampler does at edges anyway, and just so many that every frame begins
 * at the same phase of the resampler.
 */
export type FrameStrip = {
  /** Rows repeated above each frame; the rest of the period follows below it. */
  readonly before: number;
  /** So many rows are averaged into one before the kernel sees them, which repeats not rows but averages. */
  readonly block: number;
  /** Rows of a frame with them, before and behind the scaling. */
  readonly period: number;
  readonly scaledPeriod: number;
  /** Where a frame begins in its scaled rows, and the size that it has there. */
  readonly scaledBefore: number;
  readonly scaled: Size;
};

/** Rows that the Lanczos window reaches, in rows of the result. */
const REACH = 3;
/** libvips leaves at least this factor to the kernel and averages whole blocks before it. */
const KERNEL_GAP = 2;
/** More repeated rows than this part of a frame cost as much as they save. */
const MOST_REPEATED = 0.5;

/**
 * The strip for a pass over frames of a size; null when the pass does more than make them smaller and cut them, or when no such
 * number of rows gives every frame the same phase.
 */
export function planFrameStrip(pass: Pass, frame: Size): FrameStrip | null {
  if (pass.resize === null || !doesOnly(pass, ["resize", "cut"])) return null;
  const { width, height } = pass.resize;
  const scaled = {
    width: width ?? (frame.width * (height ?? 0)) / frame.height,
    height: height ?? (frame.height * (width ?? 0)) / frame.width,
  };
  // With one side given, the other's is a rounded one, and its phase another, unless it comes out whole.
  if (!Number.isInteger(scaled.width) || !Number.isInteger(scaled.height)) return null;
  const factor = frame.height / scaled.height;
  if (factor < 1) return null;
  const block = Math.max(1, Math.floor(factor / KERNEL_GAP));
  const unit = leastCommonMultiple(frame.height / greatestCommonDivisor(frame.height, scaled.height), block);
  const reach = Math.ceil(Math.ceil(factor * (REACH + 1)) / unit) * unit;
  // The frame's own rows need not be a multiple: what is missing is repeated below.
  const period = Math.ceil((reach + frame.height + reach) / unit) * unit;
  if (period - frame.height > frame.height * MOST_REPEATED) return null;
  return {
    before: reach,
    block,
    period,
    scaledPeriod: Math.round(period / factor),
    scaledBefore: Math.round(reach / factor),
    scaled,
  };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function leastCommonMultiple(a: number, b: number): number {
  return (a / greatestCommonDivisor(a, b)) * b;
}
