import type { ImageMetadata } from "../types.ts";

/** What a header of our own reading says; the rest follows from the format. */
export type PlainHeader = Pick<ImageMetadata, "format" | "width" | "height" | "space" | "channels" | "hasAlpha"> &
  Partial<Pick<ImageMetadata, "depth" | "orientation" | "paletteBits" | "icc" | "exif" | "xmp" | "iptc">>;

/** Metadata of a still picture. */
export function stillMetadata(header: PlainHeader): ImageMetadata {
  return {
    orientation: 1,
    depth: "uchar",
    paletteBits: 0,
    icc: null,
    exif: null,
    xmp: null,
    iptc: null,
    ...header,
    pages: 1,
    isAnimation: false,
    delays: [],
    loop: 0,
    compression: null,
    svgDensity: null,
  };
}

/** Whether the bytes from `at` on are this ASCII text. */
export function hasText(bytes: Uint8Array, at: number, text: string): boolean {
  if (at + text.length > bytes.length) return false;
  for (let index = 0; index < text.length; index++) {
    if (bytes[at + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}

/** Big-endian; 0 beyond the end. */
export function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/** Big-endian; 0 beyond the end. */
export function uint32(bytes: Uint8Array, at: number): number {
  return uint16(bytes, at) * 65_536 + uint16(bytes, at + 2);
}
