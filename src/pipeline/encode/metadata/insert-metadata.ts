import type { ImageFormat } from "../../../formats.ts";
import { insertIntoJpeg } from "./jpeg-metadata.ts";
import type { KeptMetadata } from "./kept-metadata.ts";
import { insertIntoPng } from "./png-metadata.ts";
import { insertIntoWebp } from "./webp-metadata.ts";

/**
 * Writes metadata into an encoded result. Done on the finished file, whose bytes are independent of the passes that led to it,
 * and with the strings as they were: libvips would bring the source's orientation back and reduce names to ASCII.
 * Formats that are not listed take theirs from the encoder, or hold none.
 */
export function insertMetadata(file: Uint8Array, format: ImageFormat, kept: KeptMetadata): Uint8Array {
  switch (format) {
    case "jpeg":
      return insertIntoJpeg(file, kept);
    case "png":
      return insertIntoPng(file, kept);
    case "webp":
      return insertIntoWebp(file, kept);
    default:
      return file;
  }
}
