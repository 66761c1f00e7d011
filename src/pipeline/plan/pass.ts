import type { Rgb } from "../../options/types.ts";
import type { WorkSpace } from "./colour.ts";
import type { Box, Size } from "./gravity.ts";
import { NO_TURN, type Turn } from "./orientation.ts";

/** Pixels added around a picture. */
export type Border = {
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly left: number;
  /** null = transparent; `edge` = repeat the edge pixels. */
  readonly fill: Rgb | null | "edge";
};

/** Work that is done on raw pixels behind a pass, because the wrapper has no call for it. */
export type PixelWork =
  /** On colours multiplied with their alpha where another filter has multiplied them already. */
  | { readonly kind: "pixelate"; readonly block: number; readonly isPremultiplied: boolean }
  | { readonly kind: "border"; readonly border: Border }
  | { readonly kind: "flatten"; readonly background: Rgb };

/**
 * One run of sharp. The fields are its slots, in the order in which it executes them whatever the order of calls; a pass holds
 * only steps whose order in the reference is this one.
 */
export type Pass = {
  /** Why this is a pass of its own; empty for the first. */
  readonly reason: string;
  /** Convert to this space before anything else. */
  readonly convertTo: WorkSpace | "linear" | null;
  /** Cut before scaling, in pixels of the pass's input. */
  readonly crop: Box | null;
  readonly flatten: Rgb | null;
  /** A null side follows from the other one's factor. */
  readonly resize: { readonly width: number | null; readonly height: number | null } | null;
  readonly turn: Turn;
  /** Cut this size where libvips sees the most interesting part. */
  readonly smartCrop: Size | null;
  /** Cut after scaling and turning. */
  readonly cut: Box | null;
  readonly border: Border | null;
  /** Sigma; 0 = off. */
  readonly blur: number;
  readonly sharpen: number;
  readonly hasWatermark: boolean;
  readonly removesAlpha: boolean;
  /** Space of the pass's output. */
  readonly output: WorkSpace;
  /** Afterwards, on the pass's raw pixels. */
  readonly afterwards: readonly PixelWork[];
  /** What comes out, for the next pass and for whoever reads the plan. */
  readonly result: Canvas;
};

/** A picture between two steps. */
export type Canvas = Size & {
  readonly hasAlpha: boolean;
  /** Grey to whoever sees it, whatever the number of bands it is worked on in. */
  readonly isGrey: boolean;
  readonly bits: 8 | 16;
};

/** Slots of a pass in their order of execution. */
export type Slot =
  | "convert"
  | "crop"
  | "flatten"
  | "resize"
  | "turn"
  | "smartCrop"
  | "cut"
  | "border"
  | "blur"
  | "sharpen"
  | "watermark"
  | "removeAlpha";

export const SLOT_ORDER: readonly Slot[] = [
  "convert",
  "crop",
  "flatten",
  "resize",
  "turn",
  "smartCrop",
  "cut",
  "border",
  "blur",
  "sharpen",
  "watermark",
  "removeAlpha",
];

/** A pass that does nothing to its input. */
export const EMPTY_PASS: Omit<Pass, "output" | "result"> = {
  reason: "",
  convertTo: null,
  crop: null,
  flatten: null,
  resize: null,
  turn: NO_TURN,
  smartCrop: null,
  cut: null,
  border: null,
  blur: 0,
  sharpen: 0,
  hasWatermark: false,
  removesAlpha: false,
  afterwards: [],
};

/** Whether a pass does nothing outside of some slots. */
export function doesOnly(pass: Pass, slots: readonly Slot[]): boolean {
  const used: Readonly<Record<Slot, boolean>> = {
    convert: pass.convertTo !== null,
    crop: pass.crop !== null,
    flatten: pass.flatten !== null,
    resize: pass.resize !== null,
    turn: pass.turn.isMirrored || pass.turn.angle !== 0,
    smartCrop: pass.smartCrop !== null,
    cut: pass.cut !== null,
    border: pass.border !== null,
    blur: pass.blur > 0,
    sharpen: pass.sharpen > 0,
    watermark: pass.hasWatermark,
    removeAlpha: pass.removesAlpha,
  };
  return pass.afterwards.length === 0 && SLOT_ORDER.every((slot) => !used[slot] || slots.includes(slot));
}

/** The space of raw pixels of a canvas: grey with alpha travels as RGBA at 8 bits, where sharp's raw output would lose the alpha. */
export function rawSpace(canvas: Canvas): WorkSpace {
  if (canvas.bits === 16) return canvas.isGrey ? "grey16" : "rgb16";
  return canvas.isGrey && !canvas.hasAlpha ? "b-w" : "srgb";
}

/** The space of an encoded result. */
export function resultSpace(canvas: Canvas): WorkSpace {
  if (canvas.bits === 16) return canvas.isGrey ? "grey16" : "rgb16";
  return canvas.isGrey ? "b-w" : "srgb";
}
