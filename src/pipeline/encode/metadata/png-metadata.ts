import { crc32 } from "node:zlib";
import type { KeptMetadata } from "./kept-metadata.ts";

/** Signature and the IHDR chunk, which must come first. */
const BEHIND_HEADER = 8 + 12 + 13;
const XMP_KEYWORD = "XML:com.adobe.xmp";

/** Puts metadata behind the header of a PNG: an eXIf chunk, and an uncompressed iTXt chunk for XMP. */
export function insertIntoPng(png: Uint8Array, { exif, xmp }: KeptMetadata): Uint8Array {
  const chunks = [
    ...(exif === null ? [] : [chunk("eXIf", exif)]),
    // Keyword, no compression, no language, no translated keyword.
    ...(xmp === null ? [] : [chunk("iTXt", Buffer.from(`${XMP_KEYWORD}\0\0\0\0\0${xmp}`))]),
  ];
  if (chunks.length === 0) return png;
  return Buffer.concat([png.subarray(0, BEHIND_HEADER), ...chunks, png.subarray(BEHIND_HEADER)]);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, "latin1");
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}
