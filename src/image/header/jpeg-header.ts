import { readOrientation } from "../exif.ts";
import type { ImageMetadata } from "../types.ts";
import { hasText, stillMetadata, uint16 } from "./plain-header.ts";

const MARKER = {
  startOfScan: 0xda,
  endOfImage: 0xd9,
  restart0: 0xd0,
  startOfImage: 0xd8,
  temporary: 0x01,
  app1: 0xe1,
  app2: 0xe2,
  app13: 0xed,
} as const;
/** Baseline, extended and progressive with Huffman codes: everything else is for libjpeg to judge. */
const KNOWN_FRAMES: ReadonlySet<number> = new Set([0xc0, 0xc1, 0xc2]);
/** Other kinds of frames, and what stands in for a size that comes later. */
const UNKNOWN_FRAMES: ReadonlySet<number> = new Set([
  0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf, 0xdc, 0xde, 0xdf,
]);
const XMP_MARK = "http://ns.adobe.com/xap/1.0/\0";
const ICC_MARK = "ICC_PROFILE\0";
const ICC_HEADER_BYTES = ICC_MARK.length + 2;

type Frame = { readonly width: number; readonly height: number; readonly components: number };

type Found = {
  frame: Frame | null;
  exif: Uint8Array | null;
  xmp: Uint8Array | null;
  iptc: Uint8Array | null;
  /** Parts of the profile, in order. */
  readonly icc: Uint8Array[];
};

/** What a segment means for the search: go on, or leave the file to libvips. */
type Verdict = "next" | "unsure";

/**
 * Reads the header of a JPEG. Null for everything that is not plain: libvips then reads it itself, and says what is wrong with
 * it. Of several blocks of a kind the first counts, as in libvips.
 */
export function readJpegHeader(bytes: Uint8Array): ImageMetadata | null {
  const found: Found = { frame: null, exif: null, xmp: null, iptc: null, icc: [] };
  let at = 2;
  for (;;) {
    if (bytes[at] !== 0xff) return null;
    while (bytes[at + 1] === 0xff) at++;
    const marker = bytes[at + 1];
    if (marker === undefined || isBare(marker)) return null;
    if (marker === MARKER.startOfScan) return describe(found);
    const length = uint16(bytes, at + 2);
    const end = at + 2 + length;
    if (length < 2 || end > bytes.length) return null;
    if (takeSegment(found, marker, bytes.subarray(at + 4, end)) === "unsure") return null;
    at = end;
  }
}

/** Markers without a length, none of which belongs before the first scan. */
function isBare(marker: number): boolean {
  return marker === 0 || marker === MARKER.temporary || (marker >= MARKER.restart0 && marker <= MARKER.endOfImage);
}

function takeSegment(found: Found, marker: number, data: Uint8Array): Verdict {
  if (KNOWN_FRAMES.has(marker)) return takeFrame(found, data);
  if (UNKNOWN_FRAMES.has(marker)) return "unsure";
  switch (marker) {
    case MARKER.app1:
      return takeExifOrXmp(found, data);
    case MARKER.app2:
      return takeProfilePart(found, data);
    case MARKER.app13:
      if (hasText(data, 0, "Photo")) found.iptc ??= data;
      return "next";
    default:
      return "next";
  }
}

function takeFrame(found: Found, data: Uint8Array): Verdict {
  const bits = data[0];
  const frame = { height: uint16(data, 1), width: uint16(data, 3), components: data[5] ?? 0 };
  const isPlain = bits === 8 && frame.width > 0 && frame.height > 0 && SPACES.has(frame.components);
  if (found.frame !== null || !isPlain || data.length !== 6 + 3 * frame.components) return "unsure";
  found.frame = frame;
  return "next";
}

function takeExifOrXmp(found: Found, data: Uint8Array): Verdict {
  if (hasText(data, 0, "Exif")) {
    found.exif ??= data;
    return "next";
  }
  if (!hasText(data, 0, "http")) return "next";
  if (hasText(data, 0, XMP_MARK)) {
    found.xmp ??= data.subarray(XMP_MARK.length);
    return "next";
  }
  // libvips takes any text that begins like an address for XMP, unless it has one already.
  return found.xmp === null ? "unsure" : "next";
}

/** Other things in this segment: several pictures in one file, and gain maps, for which libvips has loaders of their own. */
function takeProfilePart(found: Found, data: Uint8Array): Verdict {
  if (!hasText(data, 0, ICC_MARK) || data.length <= ICC_HEADER_BYTES) return "unsure";
  if (data[ICC_MARK.length] !== found.icc.length + 1) return "unsure";
  found.icc.push(data.subarray(ICC_HEADER_BYTES));
  return "next";
}

/** libvips' names for what libjpeg decodes so many components to. */
const SPACES: ReadonlyMap<number, string> = new Map([
  [1, "b-w"],
  [3, "srgb"],
  [4, "cmyk"],
]);

function describe({ frame, exif, xmp, iptc, icc }: Found): ImageMetadata | null {
  const orientation = exif === null ? 1 : readOrientation(exif);
  const packet = xmp === null ? null : decodeXmp(xmp);
  const space = SPACES.get(frame?.components ?? 0);
  if (frame === null || space === undefined || orientation === null || packet === undefined) return null;
  const { width, height, components } = frame;
  const [part] = icc;
  const profile = part === undefined ? null : icc.length === 1 ? part : Buffer.concat(icc);
  const blocks = { icc: profile, exif, xmp: packet, iptc };
  return stillMetadata({
    format: "jpeg",
    width,
    height,
    space,
    channels: components,
    hasAlpha: false,
    orientation,
    ...blocks,
  });
}

/** The text of an XMP block; undefined when it names a gain map, or is no UTF-8. */
function decodeXmp(block: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(block);
    return text.includes("hdrgm") || text.includes("HDRGainMap") ? undefined : text;
  } catch {
    return undefined;
  }
}
