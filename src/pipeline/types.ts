import type { ImageFormat } from "../formats.ts";

/** Which newer formats the client said it accepts (substring search in `Accept`, as the reference does). */
export type AcceptedFormats = { readonly webp: boolean; readonly avif: boolean; readonly jxl: boolean };

/** An encoded answer and what the headers need to say of it. */
export type RenderedImage = {
  readonly bytes: Uint8Array;
  readonly format: ImageFormat;
  /** Pixels of one frame; 0 for an SVG that says no size. */
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** Pixels of the source as stored, for debug headers. */
  readonly sourceWidth: number;
  readonly sourceHeight: number;
  /** Milliseconds by stage name, for Server-Timing and metrics. */
  readonly timings: Readonly<Record<string, number>>;
};
