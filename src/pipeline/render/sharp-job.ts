import type { OutputInfo, Sharp } from "sharp";
import { AppError } from "../../errors.ts";
import { throwIfAborted } from "../../image/in-turns.ts";
import type { RawImage } from "../../image/types.ts";
import type { PipelineSettings } from "../types.ts";

/** Encoded bytes or raw pixels as sharp hands them out. */
export type JobOutput = { readonly data: Buffer; readonly info: OutputInfo };

/** What ends a job before its time. */
export type JobLimits = { readonly signal: AbortSignal; readonly settings: Pick<PipelineSettings, "timeoutSeconds"> };

/** The most that sharp's own clock takes. */
const MOST_SECONDS = 3600;
const TOO_LARGE = /too large|exceeds|exceed|out of range/i;
/** How sharp words it when its clock has run out. */
const OUT_OF_TIME = /^timeout: /;

function jobError(error: unknown, stage: string): AppError {
  const message = error instanceof Error ? (error.message.split("\n", 1)[0] ?? "") : String(error);
  if (OUT_OF_TIME.test(message)) return new AppError("timeout", `${stage} stopped: ${message}`, { cause: error });
  const hint = TOO_LARGE.test(message) ? "Ask for a smaller result, or set IMGPROXY_MAX_RESULT_DIMENSION." : undefined;
  return new AppError("broken_image", `${stage}: ${message}`, { cause: error, ...(hint !== undefined && { hint }) });
}

/**
 * Runs one pipeline to its end. Sharp can be stopped by its clock only, so the signal is looked at before and after.
 * Throws `broken_image` for whatever libvips refuses, `timeout`, or the signal's reason.
 */
export async function runJob(image: Sharp, stage: string, { signal, settings }: JobLimits): Promise<JobOutput> {
  throwIfAborted(signal);
  let output: JobOutput;
  try {
    const seconds = Math.min(MOST_SECONDS, Math.ceil(settings.timeoutSeconds));
    output = await image.timeout({ seconds }).toBuffer({ resolveWithObject: true });
  } catch (error) {
    throw jobError(error, stage);
  }
  throwIfAborted(signal);
  return output;
}

/** Runs a pipeline to raw pixels. */
export async function runToPixels(image: Sharp, bits: 8 | 16, stage: string, limits: JobLimits): Promise<RawImage> {
  const { data, info } = await runJob(image.raw(bits === 16 ? { depth: "ushort" } : {}), stage, limits);
  // Raw output has one to four bands: sharp's type also knows inputs without any.
  return { data, width: info.width, height: info.height, channels: info.channels as RawImage["channels"], bits };
}
