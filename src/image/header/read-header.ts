import type { ImageFormat } from "../../formats.ts";
import type { ImageMetadata } from "../types.ts";
import { readJpegHeader } from "./jpeg-header.ts";
import { readPngHeader } from "./png-header.ts";
import { readWebpHeader } from "./webp-header.ts";

/**
 * Reads a header without libvips, whose answer is a job that queues behind running images and costs 0.2 ms of CPU, where reading it
 * here takes microseconds. Says exactly what libvips says, or null: what is rare, odd or broken is left to libvips.
 */
export function readHeader(bytes: Uint8Array, format: ImageFormat): ImageMetadata | null {
  switch (format) {
    case "jpeg":
      return readJpegHeader(bytes);
    case "png":
      return readPngHeader(bytes);
    case "webp":
      return readWebpHeader(bytes);
    default:
      return null;
  }
}
