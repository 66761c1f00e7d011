import type { KeptMetadata } from "./kept-metadata.ts";

const RIFF_HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
const FLAGS = { alpha: 0x10, exif: 0x08, xmp: 0x04 } as const;

/**
 * Puts EXIF and XMP chunks at the end of a WebP file, where they belong. A simple file becomes an extended one, which names its
 * size and says whether it has alpha.
 */
export function insertIntoWebp(webp: Uint8Array, { exif, xmp }: KeptMetadata): Uint8Array {
  const flags = (exif === null ? 0 : FLAGS.exif) | (xmp === null ? 0 : FLAGS.xmp);
  if (flags === 0) return webp;
  const source = Buffer.from(webp.buffer, webp.byteOffset, webp.byteLength);
  const extended = extendedHeader(source, flags);
  const file = Buffer.concat([
    source.subarray(0, RIFF_HEADER_BYTES),
    extended.header,
    source.subarray(extended.restAt),
    ...(exif === null ? [] : chunk("EXIF", exif)),
    ...(xmp === null ? [] : chunk("XMP ", Buffer.from(xmp))),
  ]);
  file.writeUInt32LE(file.length - 8, 4);
  return file;
}

/** The VP8X chunk with the flags added, and where the chunks behind it begin. */
function extendedHeader(webp: Buffer, flags: number): { readonly header: Buffer; readonly restAt: number } {
  const first = webp.toString("latin1", RIFF_HEADER_BYTES, RIFF_HEADER_BYTES + 4);
  const dataAt = RIFF_HEADER_BYTES + CHUNK_HEADER_BYTES;
  if (first === "VP8X") {
    const restAt = dataAt + 10;
    const header = Buffer.from(webp.subarray(RIFF_HEADER_BYTES, restAt));
    header.writeUInt8(header.readUInt8(CHUNK_HEADER_BYTES) | flags, CHUNK_HEADER_BYTES);
    return { header, restAt };
  }
  const { width, height, hasAlpha } = first === "VP8L" ? losslessSize(webp, dataAt) : lossySize(webp, dataAt);
  const data = Buffer.alloc(10);
  data.writeUInt8(flags | (hasAlpha ? FLAGS.alpha : 0), 0);
  data.writeUIntLE(width - 1, 4, 3);
  data.writeUIntLE(height - 1, 7, 3);
  return { header: Buffer.concat(chunk("VP8X", data)), restAt: RIFF_HEADER_BYTES };
}

type FrameSize = { readonly width: number; readonly height: number; readonly hasAlpha: boolean };

/** Behind the frame tag and start code: 14 bits a side. */
function lossySize(webp: Buffer, at: number): FrameSize {
  return {
    width: webp.readUInt16LE(at + 6) & 0x3fff,
    height: webp.readUInt16LE(at + 8) & 0x3fff,
    hasAlpha: false,
  };
}

/** Behind the signature byte: 14 bits a side less one, then the alpha bit. */
function losslessSize(webp: Buffer, at: number): FrameSize {
  const bits = webp.readUInt32LE(at + 1);
  return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1, hasAlpha: ((bits >>> 28) & 1) === 1 };
}

/** A chunk, padded to an even length. */
function chunk(type: string, data: Uint8Array): readonly Uint8Array[] {
  const head = Buffer.alloc(CHUNK_HEADER_BYTES);
  head.write(type, 0, "latin1");
  head.writeUInt32LE(data.length, 4);
  return data.length % 2 === 0 ? [head, data] : [head, data, Buffer.alloc(1)];
}
