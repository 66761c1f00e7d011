import type { RawImage } from "../types.ts";

export type CodecCall = {
  /** Ends the call: the codec is stopped in the middle of its work. */
  readonly signal: AbortSignal;
};

export type HeicCall = CodecCall & {
  /** No picture in the file may have more pixels: guards against files that hide larger ones than their header says. */
  readonly maxPixels: number;
  /** Decode the embedded thumbnail where there is one. */
  readonly wantsThumbnail?: boolean;
};

/** Which samples of the file are wanted: those its header names. */
export type JxlDecoding = CodecCall & Pick<RawImage, "channels" | "bits">;

export type JxlEncoding = CodecCall & {
  /** 1…100, as for JPEG. */
  readonly quality: number;
  /** 1 (fast) … 9 (small). */
  readonly effort: number;
};

/**
 * Codecs that our libvips lacks, run off the main thread. All throw the signal's reason when it fires and
 * `too_many_requests` when too many calls wait already; decoders throw `invalid_image` for files they cannot read.
 */
export interface ImageCodecs {
  /** Decodes the main picture of a HEIC file, turned as the file says, to RGB or RGBA; 16 bits if the file has more than 8. */
  decodeHeic(bytes: Uint8Array, call: HeicCall): Promise<RawImage>;
  /** Decodes the first frame of a JPEG XL file, turned as the file says. */
  decodeJxl(bytes: Uint8Array, call: JxlDecoding): Promise<RawImage>;
  /** Encodes pixels, taken as sRGB or sRGB grey, as JPEG XL. */
  encodeJxl(image: RawImage, encoding: JxlEncoding): Promise<Uint8Array>;
  /** Stops the codecs; calls under way fail with `cancelled`. */
  close(): Promise<void>;
}
