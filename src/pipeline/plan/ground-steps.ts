import { IMAGE_FORMATS, type ImageFormat } from "../../formats.ts";
import type { PipelineOptions, Rgb } from "../../options/types.ts";
import { sizeLimit } from "./format-limits.ts";
import { around, type Frame, frameInto, NO_FRAME } from "./frame.ts";
import type { Geometry } from "./geometry.ts";
import { NO_TURN } from "./orientation.ts";
import type { Border, Canvas } from "./pass.ts";
import type { PassSheet } from "./pass-sheet.ts";
import { addScaleAndTurn } from "./scale-steps.ts";

const WHITE: Rgb = { r: 255, g: 255, b: 255 };

/** `extend`, `extend_aspect_ratio` and `padding` together: nothing happens between them, so one border does. */
function borderFrame(canvas: Canvas, geometry: Geometry, options: PipelineOptions): Frame {
  const { target, aspectCanvas, padding, dprScale } = geometry;
  const extended = options.extend.isEnabled ? frameInto(canvas, target, options.extend.gravity, dprScale) : NO_FRAME;
  const inRatio = frameInto(around(canvas, extended), aspectCanvas, options.extendAspectRatio.gravity, dprScale);
  return {
    top: extended.top + inRatio.top + padding.top,
    right: extended.right + inRatio.right + padding.right,
    bottom: extended.bottom + inRatio.bottom + padding.bottom,
    left: extended.left + inRatio.left + padding.left,
  };
}

/** The colour that transparent parts are laid on, or null when the result stays transparent. */
function flattenColour(options: PipelineOptions, format: ImageFormat): Rgb | null {
  if (options.background !== null) return options.background;
  return IMAGE_FORMATS[format].hasAlpha ? null : WHITE;
}

function isGreyColour({ r, g, b }: Rgb): boolean {
  return r === g && g === b;
}

/** Grey pictures stay grey on a grey ground only. */
function prepareGround(sheet: PassSheet, colour: Rgb | null): void {
  const canvas = sheet.canvas();
  if (colour === null || !canvas.isGrey || isGreyColour(colour)) return;
  const reason = "a coloured ground needs RGB";
  sheet.split(reason);
  sheet.add({
    slot: "convert",
    changes: { convertTo: canvas.bits === 16 ? "rgb16" : "srgb" },
    canvas: { ...canvas, isGrey: false },
    reason,
  });
}

export type GroundStep = {
  readonly geometry: Geometry;
  readonly options: PipelineOptions;
  readonly format: ImageFormat;
};

/** Border, format limits and flattening. */
export function addGround(sheet: PassSheet, { geometry, options, format }: GroundStep): void {
  const colour = flattenColour(options, format);
  const frame = borderFrame(sheet.canvas(), geometry, options);
  const hasBorder = frame.top + frame.right + frame.bottom + frame.left > 0;
  if (hasBorder || (sheet.canvas().hasAlpha && colour !== null)) prepareGround(sheet, colour);
  if (hasBorder) addBorder(sheet, frame, colour);
  addFixedSize(sheet, format);
  if (colour !== null && sheet.canvas().hasAlpha) addFlatten(sheet, colour);
}

function addBorder(sheet: PassSheet, frame: Frame, colour: Rgb | null): void {
  const canvas = sheet.canvas();
  // An opaque picture that will be flattened anyway gets its border in the final colour at once.
  const fill = canvas.hasAlpha ? null : colour;
  const border: Border = { ...frame, fill };
  const result = { ...canvas, ...around(canvas, frame), hasAlpha: canvas.hasAlpha || fill === null };
  if (canvas.bits === 16) {
    // sharp multiplies 8-bit colours by 256, which makes white 65280.
    sheet.addPixelWork({ kind: "border", border }, result);
    return;
  }
  sheet.add({
    slot: "border",
    changes: { border },
    canvas: result,
    reason: "sharp would add the border before the filters",
  });
}

/** Shrinks what the format cannot hold. */
function addFixedSize(sheet: PassSheet, format: ImageFormat): void {
  const scale = sizeLimit(format, sheet.canvas());
  if (scale === 1) return;
  addScaleAndTurn(sheet, {
    scaleX: scale,
    scaleY: scale,
    turn: NO_TURN,
    isLinear: false,
    reason: `${format} cannot hold this size`,
  });
}

function addFlatten(sheet: PassSheet, colour: Rgb): void {
  const canvas = sheet.canvas();
  const result = { ...canvas, hasAlpha: false };
  if (canvas.bits === 16) {
    sheet.addPixelWork({ kind: "flatten", background: colour }, result);
    return;
  }
  sheet.add({
    slot: "flatten",
    changes: { flatten: colour },
    canvas: result,
    reason: "sharp would flatten before scaling",
  });
}

/** Lays the watermark over the finished picture. */
export function addWatermark(sheet: PassSheet, isGreyMark: boolean): void {
  const reason = "lay the watermark over finished pixels";
  const before = sheet.canvas();
  if (before.bits === 16) {
    // Named, so that 16 bits are blended as such.
    sheet.split(reason);
    sheet.add({ slot: "convert", changes: { convertTo: "rgb16" }, canvas: { ...before, isGrey: false }, reason });
  } else if (sheet.has("resize", "blur", "sharpen")) {
    // sharp gives the base an alpha band before it scales and filters, which costs more than a pass over the small result.
    sheet.split(reason);
  }
  const canvas = sheet.canvas();
  const result = { ...canvas, isGrey: canvas.isGrey && isGreyMark };
  sheet.add({ slot: "watermark", changes: { hasWatermark: true }, canvas: result, reason });
  if (canvas.hasAlpha) return;
  sheet.add({ slot: "removeAlpha", changes: { removesAlpha: true }, reason: "the picture was opaque" });
}
