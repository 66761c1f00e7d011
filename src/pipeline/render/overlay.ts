import type { WatermarkOptions } from "../../options/types.ts";
import type { Size } from "../plan/gravity.ts";

/** A watermark made ready for one picture: RGBA pixels with the opacity in them, cut to what lies inside. */
export type Overlay = {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly top: number;
};

export type OverlayRequest = {
  readonly canvas: Size;
  readonly options: WatermarkOptions;
  /** 0…1, the configuration's included. */
  readonly opacity: number;
  readonly dprScale: number;
  readonly signal: AbortSignal;
};

/** A watermark in memory, and its sizes made so far. */
export type Watermark = {
  /** Grey in the file's own words: it leaves grey pictures grey. */
  readonly isGrey: boolean;
  /** The pixels to lay over a picture; null = the mark lies outside. */
  overlay(request: OverlayRequest): Promise<Overlay | null>;
};
