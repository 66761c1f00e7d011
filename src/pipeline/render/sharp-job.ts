import type { OutputInfo, Sharp } from "sharp";
import { AppError, toAppError } from "../../errors.ts";
import type { RawImage } from "../../image/types.ts";

/** Encoded bytes or raw pixels as sharp hands them out. */
export type JobOutput = { readonly data: Buffer; readonly info: OutputInfo };

/** Throws the signal's reason as an `AppError` (`cancelled` unless it is one already). */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw toAppError(signal.reason, "cancelled");
}

/** The output is too large for its format or for libvips: the request asks for what cannot be, the source may be fine. */
const TOO_LARGE = /too large|exceeds|out of range/i;

function jobError(error: unknown, stage: string): AppError {
  if (error instanceof AppError) return error;
  const message = error instanceof Error ? (error.message.split("\n", 1)[0] ?? "") : String(error);
  const hint = TOO_LARGE.test(message) ? "Ask for a smaller result, or set IMGPROXY_MAX_RESULT_DIMENSION." : undefined;
  const options = hint === undefined ? { cause: error } : { cause: error, hint };
  return new AppError("invalid_image", `${stage}: ${message}`, options);
}

/**
 * Runs one pipeline to its end. Sharp cannot be interrupted between rows, so the signal is looked at before and after.
 * Throws `invalid_image` for whatever libvips refuses, or the signal's reason.
 */
export async function runJob(image: Sharp, stage: string, signal: AbortSignal): Promise<JobOutput> {
  throwIfAborted(signal);
  let output: JobOutput;
  try {
    output = await image.toBuffer({ resolveWithObject: true });
  } catch (error) {
    throw jobError(error, stage);
  }
  throwIfAborted(signal);
  return output;
}

/** Runs a pipeline to raw pixels. Size and channels come from the output itself, except where `size` says better. */
export async function runToPixels(image: Sharp, bits: 8 | 16, stage: string, signal: AbortSignal): Promise<RawImage> {
  const { data, info } = await runJob(image.raw(bits === 16 ? { depth: "ushort" } : {}), stage, signal);
  return { data, width: info.width, height: info.height, channels: info.channels as RawImage["channels"], bits };
}
