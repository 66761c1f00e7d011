import type { RawImage } from "../types.ts";

export type CodecCall = {
  /** Ends the call: the worker is stopped in the middle of its work. */
  readonly signal: AbortSignal;
};

export type JxlEncoding = CodecCall & {
  /** 1…100, as for JPEG. */
  readonly quality: number;
  /** 1 (fast) … 9 (small). */
  readonly effort: number;
};

/**
 * Codecs that libvips lacks here, run off the main thread. Decoders throw `invalid_image` for files they cannot read;
 * all throw the signal's reason when it fires and `too_many_requests` when too many calls wait already.
 */
export interface ImageCodecs {
  /** Decodes the main picture of a HEIC file compressed with HEVC, turned as the file says, to 8-bit RGB or RGBA. */
  decodeHeic(bytes: Uint8Array, call: CodecCall): Promise<RawImage>;
  /** Decodes the first frame of a JPEG XL file, turned as the file says. */
  decodeJxl(bytes: Uint8Array, call: CodecCall): Promise<RawImage>;
  encodeJxl(image: RawImage, encoding: JxlEncoding): Promise<Uint8Array>;
  /** Stops the workers; calls under way fail with `cancelled`. */
  close(): Promise<void>;
}
