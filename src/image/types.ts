import type { ImageFormat } from "../formats.ts";

/** What the header of an image says; nothing here needs a pixel decoded. */
export type ImageMetadata = {
  readonly format: ImageFormat;
  /** Pixels, as stored (before EXIF orientation), of one page. */
  readonly width: number;
  readonly height: number;
  /** EXIF 1…8; 1 when absent. */
  readonly orientation: number;
  /** Pages or frames in the file. */
  readonly pages: number;
  /** Animated in the sense of the reference: more than one page and delay + loop data. */
  readonly isAnimation: boolean;
  /** Milliseconds a frame; empty when not animated. */
  readonly delays: readonly number[];
  /** 0 = endless. */
  readonly loop: number;
  readonly hasAlpha: boolean;
  /** libvips interpretation: `srgb`, `b-w`, `cmyk`, `rgb16`, `grey16`, `lab`, `scrgb`, … */
  readonly space: string;
  /** libvips band format: `uchar`, `ushort`, `float`, … */
  readonly depth: string;
  readonly channels: number;
  /** Bits a sample of a palette image (1, 2, 4, 8), else 0. */
  readonly paletteBits: number;
  readonly icc: Uint8Array | null;
  readonly exif: Uint8Array | null;
  readonly xmp: string | null;
  readonly iptc: Uint8Array | null;
  /** HEIC/AVIF: compression of the main image, `hevc` or `av1`. */
  readonly compression: string | null;
  /** The density sharp must open an SVG with for lengths to come out right: 72, or 96 when they are in mm, cm, in, pt, pc. null for others. */
  readonly svgDensity: 72 | 96 | null;
  /** SVG: the size as librsvg will find it, in pixels and their parts, where that is known without asking. */
  readonly declaredSize?: { readonly width: number; readonly height: number };
};

/** A source image that has passed the limits: bytes, what they are, and what their header says. */
export type SourceImage = {
  readonly bytes: Uint8Array;
  readonly meta: ImageMetadata;
};

/** Pixels of one image (or of the frames of an animation stacked top to bottom), 8 bits a sample unless `bits` says 16. */
export type RawImage = {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 2 | 3 | 4;
  readonly bits: 8 | 16;
};

/**
 * Lends bytes a file name for the time of a call, so that libvips' loader options can stand behind it
 * (`<path>[shrink=2]`). The name must be of the program's own making and hold no brackets.
 */
export type ExactLoader = {
  withFile<Result>(bytes: Uint8Array, use: (path: string) => Promise<Result>): Promise<Result>;
};
