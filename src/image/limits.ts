import { AppError } from "../errors.ts";
import type { ImageMetadata } from "./types.ts";

/** What a source may be at most; the fields of the same name of `ProcessingOptions`. */
export type SourceLimits = {
  /** Pixels: width × height × frames. */
  readonly maxSrcResolution: number;
  /** Bytes; 0 = no limit, a negative one (from a URL) refuses everything. */
  readonly maxSrcFileSize: number;
  readonly maxAnimationFrames: number;
  /** Pixels of one frame of an animation; 0 = `maxSrcResolution` over all frames. */
  readonly maxAnimationFrameResolution: number;
};

/**
 * Longest side of a source. libvips works on whole rows, some tens of them at every step, in 16 bytes a pixel: 50 megapixels
 * in 8 rows take 5 GB, in 7000 rows 0.1 and in rows of this length 0.6 (November 2026). A PNG of that kind has a few kilobytes.
 */
const MOST_SIDE = 2 ** 18;

type Violation = {
  readonly pixels: number;
  readonly limit: number;
  readonly subject: string;
  readonly setting: string;
};

/** Throws `invalid_image` when the file has more bytes than allowed. */
export function checkFileSize(byteLength: number, limits: SourceLimits): void {
  const { maxSrcFileSize } = limits;
  if (maxSrcFileSize === 0 || byteLength <= maxSrcFileSize) return;
  throw new AppError(
    "invalid_image",
    `source file is ${byteLength} bytes, limit ${maxSrcFileSize} bytes (IMGPROXY_MAX_SRC_FILE_SIZE, option max_src_file_size)`,
    { hint: "Use a smaller source, or raise IMGPROXY_MAX_SRC_FILE_SIZE." },
  );
}

/**
 * Throws `invalid_image` when loading `framesToLoad` frames would need more pixels than allowed. SVG is exempt: it is
 * rendered smaller instead. With `maxAnimationFrameResolution` set, an animation is judged by one frame alone, as the
 * reference does.
 */
export function checkResolution(meta: ImageMetadata, framesToLoad: number, limits: SourceLimits): void {
  const violation = findViolation(meta, framesToLoad, limits);
  if (violation !== null) throw tooLarge(meta, violation);
}

/**
 * The check that holds whatever the output will be: an animation may later be loaded as one frame or as many, so it is
 * refused here only if both would be. The pipeline calls `checkResolution` once it knows.
 */
export function checkSmallestLoad(meta: ImageMetadata, limits: SourceLimits): void {
  if (meta.format !== "svg" && Math.max(meta.width, meta.height) > MOST_SIDE) throw tooLong(meta);
  const single = findViolation(meta, 1, limits);
  if (single === null) return;
  const frames = animationFrames(meta, limits);
  if (frames > 1 && findViolation(meta, frames, limits) === null) return;
  throw tooLarge(meta, single);
}

/** Frames that are loaded when the output can be animated: at most `maxAnimationFrames`, and 1 unless the source is an animation. */
export function animationFrames(meta: ImageMetadata, limits: SourceLimits): number {
  return meta.isAnimation ? Math.max(1, Math.min(meta.pages, limits.maxAnimationFrames)) : 1;
}

function findViolation(meta: ImageMetadata, frames: number, limits: SourceLimits): Violation | null {
  if (meta.format === "svg") return null;
  const framePixels = meta.width * meta.height;
  if (frames > 1 && limits.maxAnimationFrameResolution > 0) {
    const limit = limits.maxAnimationFrameResolution;
    const setting = "IMGPROXY_MAX_ANIMATION_FRAME_RESOLUTION, option max_animation_frame_resolution";
    return framePixels > limit ? { pixels: framePixels, limit, subject: "a frame of the source", setting } : null;
  }
  const pixels = framePixels * frames;
  const limit = limits.maxSrcResolution;
  const setting = "IMGPROXY_MAX_SRC_RESOLUTION, option max_src_resolution";
  const subject = frames > 1 ? `the source with ${frames} frames` : "the source";
  return pixels > limit ? { pixels, limit, subject, setting } : null;
}

function tooLong({ width, height, format }: ImageMetadata): AppError {
  return new AppError("invalid_image", `the source is ${width}×${height} ${format}, limit ${MOST_SIDE} pixels a side`, {
    hint: "Use a smaller source: rows this long would take gigabytes of memory.",
  });
}

function tooLarge(meta: ImageMetadata, { pixels, limit, subject, setting }: Violation): AppError {
  return new AppError(
    "invalid_image",
    `${subject} is ${megapixels(pixels)} (${meta.width}×${meta.height} ${meta.format}), limit ${megapixels(limit)} (${setting})`,
    { hint: "Use a smaller source, or raise the limit named in the message." },
  );
}

/** Megapixels with enough digits that a value just above a limit does not print like the limit. */
function megapixels(pixels: number): string {
  return `${Number((pixels / 1e6).toPrecision(7))} Mpx`;
}
