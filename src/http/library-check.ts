import { type DefaultSettings, defaultOptions } from "../options/default-options.ts";
import type { Services } from "./services.ts";

/** A PNG of one pixel. */
const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  "base64",
);
/** The same as the health check's own limit; here it ends the work as well. */
const LIMIT_MS = 5000;
/** What sources may be says nothing of the libraries' health. */
const NO_SOURCE_LIMITS = { maxSrcFileSize: 0, maxSrcResolution: Number.MAX_SAFE_INTEGER };
const NO_FORMATS = { webp: false, avif: false, jxl: false };

/**
 * A check for `/health`: makes an image of one pixel with the real pipeline, about two milliseconds. Callers that come while
 * one is running share it, so that nobody can load the server with health checks. Rejects when there is no image.
 */
export function createLibraryCheck(
  processImage: Services["processImage"],
  settings: DefaultSettings,
): () => Promise<void> {
  const options = { ...defaultOptions(settings), ...NO_SOURCE_LIMITS, format: "png" as const, skipProcessing: [] };
  let running: Promise<void> | undefined;
  async function makePixel(): Promise<void> {
    try {
      const signal = AbortSignal.timeout(LIMIT_MS);
      const { width, height } = await processImage({ bytes: PIXEL, hint: {}, options, accepted: NO_FORMATS, signal });
      if (width !== 1 || height !== 1) throw new Error(`one pixel came out as ${width}×${height}`);
    } finally {
      running = undefined;
    }
  }
  return () => {
    running ??= makePixel();
    return running;
  };
}
