import { insertIptcIntoJpeg } from "../../../image/iptc.ts";
import type { KeptMetadata } from "./kept-metadata.ts";

const APP0 = 0xe0;
const APP1 = 0xe1;
const EXIF_MARK = Buffer.from("Exif\0\0", "latin1");
const XMP_MARK = Buffer.from("http://ns.adobe.com/xap/1.0/\0", "latin1");
/** A segment's length has 16 bits and counts itself. */
const MOST_PAYLOAD = 0xffff - 2;

/** Puts metadata behind the JFIF header of a JPEG. What is too large for one segment is left out. */
export function insertIntoJpeg(jpeg: Uint8Array, { exif, xmp, iptc }: KeptMetadata): Uint8Array {
  const segments = [
    ...(exif === null ? [] : segment(Buffer.concat([EXIF_MARK, exif]))),
    ...(xmp === null ? [] : segment(Buffer.concat([XMP_MARK, Buffer.from(xmp)]))),
  ];
  const at = endOfJfif(jpeg);
  const withSegments =
    segments.length === 0 ? jpeg : Buffer.concat([jpeg.subarray(0, at), ...segments, jpeg.subarray(at)]);
  return iptc === null ? withSegments : insertIptcIntoJpeg(withSegments, iptc);
}

function segment(payload: Buffer): readonly Buffer[] {
  if (payload.length > MOST_PAYLOAD) return [];
  const head = Buffer.alloc(4);
  head.writeUInt16BE(0xff00 | APP1, 0);
  head.writeUInt16BE(payload.length + 2, 2);
  return [head, payload];
}

/** Behind the start marker and the JFIF segment, where there is one. */
function endOfJfif(jpeg: Uint8Array): number {
  const start = 2;
  if (jpeg[start] !== 0xff || jpeg[start + 1] !== APP0) return start;
  return start + 2 + (((jpeg[start + 2] ?? 0) << 8) | (jpeg[start + 3] ?? 0));
}
