import { brotliDecompressSync } from "node:zlib";
import { AppError } from "../errors.ts";
import { makeIccProfile } from "./icc-profile.ts";
import { type Box, topLevelBoxes } from "./isobmff.ts";
import { type JxlColor, type JxlHeader, readJxlHeader } from "./jxl-header.ts";
import type { ImageMetadata } from "./types.ts";
import type { JxlDecodeSettings } from "./wasm/image-codecs.ts";

/** Of one compressed box, unpacked. */
const MAX_METADATA_BYTES = 2 ** 20;

type JxlParts = { readonly codestream: Uint8Array; readonly exif: Uint8Array | null; readonly xmp: string | null };

/**
 * Reads the header of a JPEG XL file, bare codestream or container. Only the first frame of an animation counts. A
 * profile inside the compressed data is not known before the pixels are: `openSource` tells it. Throws `invalid_image`.
 */
export function readJxlMetadata(file: Uint8Array): ImageMetadata {
  const { codestream, exif, xmp } = splitContainer(file);
  const header = parseHeader(codestream);
  const is16 = header.bitsPerSample > 8;
  return {
    format: "jxl",
    width: header.width,
    height: header.height,
    orientation: 1,
    pages: 1,
    isAnimation: false,
    delays: [],
    loop: 0,
    hasAlpha: header.hasAlpha,
    space: header.isGrey ? (is16 ? "grey16" : "b-w") : is16 ? "rgb16" : "srgb",
    depth: is16 ? "ushort" : "uchar",
    channels: (header.isGrey ? 1 : 3) + (header.hasAlpha ? 1 : 0),
    paletteBits: 0,
    icc: profileFor(header.color),
    exif,
    xmp,
    iptc: null,
    compression: null,
    svgDensity: null,
  };
}

/** How a file has to be decoded: the samples it has, and whether its profile has to be fetched with the pixels. */
export function readJxlDecoding(file: Uint8Array): JxlDecodeSettings {
  const header = parseHeader(splitContainer(file).codestream);
  const profile = header.color.kind !== "icc" ? "known" : header.isXyb ? "applied" : "beside";
  const channels = header.isGrey ? (header.hasAlpha ? 2 : 1) : header.hasAlpha ? 4 : 3;
  return { channels, bits: header.bitsPerSample > 8 ? 16 : 8, profile };
}

/** The decoder leaves the numbers in the file's own colours. */
function profileFor(color: JxlColor): Uint8Array | null {
  return color.kind === "described" ? makeIccProfile(color.primaries, color.curve) : null;
}

function parseHeader(codestream: Uint8Array): JxlHeader {
  try {
    return readJxlHeader(codestream);
  } catch (error) {
    throw new AppError("invalid_image", `JPEG XL: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

function splitContainer(file: Uint8Array): JxlParts {
  if (file[0] === 0xff) return { codestream: file, exif: null, xmp: null };
  let codestream: Uint8Array | undefined;
  let exif: Uint8Array | null = null;
  let xmp: string | null = null;
  for (const box of topLevelBoxes(file)) {
    const { type, payload } = box.type === "brob" ? decompressBox(box.payload) : box;
    if (type === "jxlc") codestream ??= payload;
    else if (type === "jxlp")
      codestream ??= payload.subarray(4); // after its number
    else if (type === "Exif") exif ??= tiffPart(payload);
    else if (type === "xml ") xmp ??= new TextDecoder().decode(payload);
  }
  if (codestream === undefined) throw new AppError("invalid_image", "JPEG XL: the container holds no codestream");
  return { codestream, exif, xmp };
}

/** A box in Brotli: the type of what is in it, then the data. Only metadata of a sensible size is unpacked. */
function decompressBox(payload: Uint8Array): Box {
  const type = String.fromCharCode(...payload.subarray(0, 4));
  if (type !== "Exif" && type !== "xml ") return { type: "", payload };
  try {
    const options = { maxOutputLength: MAX_METADATA_BYTES };
    return { type, payload: brotliDecompressSync(payload.subarray(4), options) };
  } catch {
    return { type: "", payload }; // broken metadata are no metadata
  }
}

/** Behind the offset that the box begins with; some writers leave it out. */
function tiffPart(payload: Uint8Array): Uint8Array {
  if (payload.length < 4) return payload;
  const start = 4 + new DataView(payload.buffer, payload.byteOffset).getUint32(0);
  return start < payload.length ? payload.subarray(start) : payload;
}
