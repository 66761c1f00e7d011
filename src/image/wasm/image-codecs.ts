import type { Drawing, DrawingKind, DrawingOutput } from "../svg/open-drawing.ts";
import type { RawImage } from "../types.ts";

export type CodecCall = {
  /** Ends the call: the codec is stopped in the middle of its work. */
  readonly signal: AbortSignal;
};

type DecodeCall = CodecCall & {
  /** No picture in the file may have more pixels: guards against files that hide larger ones than their header says. */
  readonly maxPixels: number;
};

export type HeicCall = DecodeCall & {
  /** Decode the embedded thumbnail where there is one. */
  readonly wantsThumbnail?: boolean;
};

/** What the header of a JPEG XL file says about decoding it; see `readJxlDecoding`. */
export type JxlDecodeSettings = Pick<RawImage, "channels" | "bits"> & {
  /**
   * `known`: the header names the colours. `beside`: a profile is in the compressed data, and the pixels are numbers in
   * it. `applied`: the same, and the decoder itself has to bring the pixels into it.
   */
  readonly profile: "known" | "beside" | "applied";
};
export type JxlDecoding = DecodeCall & JxlDecodeSettings;

/** Pixels, and the profile found with them; null when there is none or the header named the colours. */
export type DecodedJxl =
  | { readonly kind: "raw"; readonly image: RawImage; readonly icc: Uint8Array | null }
  /** A PNG file with the profile in it. */
  | { readonly kind: "png"; readonly bytes: Uint8Array; readonly icc: Uint8Array | null };

export type JxlEncoding = CodecCall & {
  /** 1…100, as for JPEG. */
  readonly quality: number;
  /** 1 (fast) … 9 (small). */
  readonly effort: number;
};

export type SvgMeasuring = CodecCall & { readonly kind: DrawingKind };
export type SvgDrawing = CodecCall & { readonly drawing: Drawing };
export type SvgEncoding = SvgDrawing & { readonly output: DrawingOutput };

/**
 * Codecs that our libvips lacks, and the one that cannot be stopped, run off the main thread. All throw the signal's reason
 * when it fires and `too_many_requests` when too many calls wait already; decoders throw `invalid_image` for files they cannot
 * read, for drawings `broken_image`.
 */
export interface ImageCodecs {
  /** Decodes the main picture of a HEIC file, turned as the file says, to RGB or RGBA; 16 bits if the file has more than 8. */
  decodeHeic(bytes: Uint8Array, call: HeicCall): Promise<RawImage>;
  /** Decodes the first frame of a JPEG XL file, turned as the file says. */
  decodeJxl(bytes: Uint8Array, call: JxlDecoding): Promise<DecodedJxl>;
  /** Encodes pixels, taken as sRGB or sRGB grey, as JPEG XL. */
  encodeJxl(image: RawImage, encoding: JxlEncoding): Promise<Uint8Array>;
  /** The size of a drawing at its density, as librsvg tells it. */
  measureSvg(bytes: Uint8Array, call: SvgMeasuring): Promise<{ readonly width: number; readonly height: number }>;
  /** Draws an SVG: RGBA, 8 bits. */
  drawSvg(bytes: Uint8Array, call: SvgDrawing): Promise<RawImage>;
  /** Draws an SVG into a file of another format; null = it came out in another size than the drawing says. */
  encodeSvg(bytes: Uint8Array, call: SvgEncoding): Promise<Uint8Array | null>;
  /** Stops the codecs; calls under way fail with `cancelled`. */
  close(): Promise<void>;
}
