import { IMAGE_FORMATS, type ImageFormat } from "../../formats.ts";
import type { Gravity, PipelineOptions, Rgb } from "../../options/types.ts";
import { sizeLimit } from "./format-limits.ts";
import type { Geometry } from "./geometry.ts";
import { type Box, isFixed, place, type Size } from "./gravity.ts";
import { NO_TURN, swapsSides, type Turn, turnBox } from "./orientation.ts";
import type { Border, Canvas } from "./pass.ts";
import type { PassSheet } from "./pass-sheet.ts";
import { type PaddedAxis, planResample } from "./resample.ts";
import { smallerSet } from "./rounding.ts";

/**
 * The steps of the reference's pipeline, each put onto the sheet of passes. They run in the order of this file; where sharp's
 * order differs, the reason for a new pass stands with the step.
 */

/** Gaussian blur below this sigma changes nothing in libvips. */
const LEAST_BLUR = 0.3;
/** libvips refuses more; the reference refuses it too. */
const MOST_BLUR = 1000;
const MOST_SHARPEN = 10;
const WHITE: Rgb = { r: 255, g: 255, b: 255 };

export type CropStep = { readonly size: Size; readonly gravity: Gravity };

/** Cuts a box of a size (0 = full side) out of the picture; sides larger than the picture count as full. */
function cutBox(
  sheet: PassSheet,
  step: CropStep & { offsetScale: number; slot: "crop" | "cut"; reason: string },
): void {
  const canvas = sheet.canvas();
  const size = {
    width: Math.min(smallerSet(step.size.width, canvas.width), canvas.width),
    height: Math.min(smallerSet(step.size.height, canvas.height), canvas.height),
  };
  if (size.width === canvas.width && size.height === canvas.height) return;
  const { gravity, slot, offsetScale, reason } = step;
  if (!isFixed(gravity)) {
    sheet.split("the smart crop looks at finished pixels");
    sheet.add({ slot: "smartCrop", changes: { smartCrop: size }, canvas: { ...canvas, ...size }, reason });
    return;
  }
  const box = { ...place({ outer: canvas, inner: size, gravity, offsetScale }), ...size };
  if (slot === "cut") addCut(sheet, box, reason);
  else sheet.add({ slot, changes: { crop: box }, canvas: { ...canvas, ...size }, reason });
}

/** The `crop` option: on unturned pixels, before scaling. */
export function addCrop(sheet: PassSheet, step: CropStep): void {
  cutBox(sheet, { ...step, offsetScale: 1, slot: "crop", reason: "cut before scaling" });
}

export type ScaleStep = {
  readonly scaleX: number;
  readonly scaleY: number;
  /** Mirror and turn behind the scaling. */
  readonly turn: Turn;
  /** Scale in linear light. */
  readonly isLinear: boolean;
  readonly reason: string;
};

/** Scales both axes, then mirrors and turns. */
export function addScaleAndTurn(sheet: PassSheet, step: ScaleStep): void {
  const canvas = sheet.canvas();
  const resample = planResample(canvas, step.scaleX, step.scaleY);
  if (resample.kind === "none") {
    addTurn(sheet, step.turn);
    return;
  }
  if (sheet.has("smartCrop")) sheet.split("scale what the smart crop chose");
  if (resample.kind === "padded") continueEdges(sheet, resample.x, resample.y);
  if (step.isLinear) {
    if (sheet.has("convert")) sheet.split("go on in linear light");
    sheet.add({ slot: "convert", changes: { convertTo: "linear" }, reason: "scale in linear light" });
  }
  const { reason } = step;
  if (resample.kind === "direct") {
    const { width, height, size } = resample;
    sheet.add({ slot: "resize", changes: { resize: { width, height } }, canvas: { ...canvas, ...size }, reason });
    addTurn(sheet, step.turn);
    return;
  }
  const { x, y, size } = resample;
  const scaled = { ...canvas, width: x.resized, height: y.resized };
  sheet.add({ slot: "resize", changes: { resize: { width: x.resized, height: y.resized } }, canvas: scaled, reason });
  addTurn(sheet, step.turn);
  const kept = turnBox({ left: x.skip, top: y.skip, ...size }, scaled, step.turn);
  addCut(sheet, kept, "cut the continued edges off");
}

function continueEdges(sheet: PassSheet, x: PaddedAxis, y: PaddedAxis): void {
  const canvas = sheet.canvas();
  const frame = { left: x.before, right: x.after, top: y.before, bottom: y.after };
  const reason = "continue the edges for an exact fractional scale";
  sheet.add({
    slot: "border",
    changes: { border: { ...frame, fill: "edge" } },
    canvas: { ...canvas, ...around(canvas, frame) },
    reason,
  });
  sheet.split("scale by an exact fraction");
}

function addTurn(sheet: PassSheet, turn: Turn): void {
  if (!turn.isMirrored && turn.angle === 0) return;
  const canvas = sheet.canvas();
  const size = swapsSides(turn) ? { width: canvas.height, height: canvas.width } : {};
  sheet.add({ slot: "turn", changes: { turn }, canvas: { ...canvas, ...size }, reason: "turn" });
}

function addCut(sheet: PassSheet, box: Box, reason: string): void {
  const { width, height } = box;
  sheet.add({ slot: "cut", changes: { cut: box }, canvas: { ...sheet.canvas(), width, height }, reason });
}

/** Cuts the scaled and turned picture to the size asked for. */
export function addResultCrop(sheet: PassSheet, geometry: Geometry, gravity: Gravity): void {
  cutBox(sheet, {
    size: geometry.cut,
    gravity,
    offsetScale: geometry.dprScale,
    slot: "cut",
    reason: "cut after scaling",
  });
}

/** Blur, sharpen, pixelate: always on RGB, 8 bits a channel, at the final size. */
export function addFilters(sheet: PassSheet, options: PipelineOptions): void {
  const blur = options.blur >= LEAST_BLUR ? Math.min(options.blur, MOST_BLUR) : 0;
  const sharpen = Math.min(options.sharpen, MOST_SHARPEN);
  const block = Math.min(options.pixelate, Math.max(sheet.canvas().width, sheet.canvas().height));
  if (!(options.blur > 0 || options.sharpen > 0 || options.pixelate > 1)) return;
  toRgb(sheet, "filters work on RGB");
  if (blur > 0 || sharpen > 0) {
    if (sheet.canvas().hasAlpha && sheet.has("resize")) sheet.split("filters need the scaled picture in whole numbers");
    if (blur > 0) sheet.add({ slot: "blur", changes: { blur }, reason: "blur" });
    if (sharpen > 0) sheet.add({ slot: "sharpen", changes: { sharpen }, reason: "sharpen" });
  }
  if (block > 1) {
    const isPremultiplied = sheet.canvas().hasAlpha && (blur > 0 || sharpen > 0);
    sheet.addPixelWork({ kind: "pixelate", block, isPremultiplied }, sheet.canvas());
  }
}

/** Makes the picture RGB with 8 bits a channel, in a pass of its own when its pixels are others. */
function toRgb(sheet: PassSheet, reason: string): void {
  const canvas = sheet.canvas();
  if (!canvas.isGrey && canvas.bits === 8) return;
  sheet.split(reason);
  sheet.add({
    slot: "convert",
    changes: { convertTo: "srgb" },
    canvas: { ...canvas, isGrey: false, bits: 8 },
    reason,
  });
}

type Frame = { readonly top: number; readonly right: number; readonly bottom: number; readonly left: number };

const NO_FRAME: Frame = { top: 0, right: 0, bottom: 0, left: 0 };

/** The frame that puts a picture into a larger canvas; sides of the canvas that are not larger stay. */
function frameInto(picture: Size, canvas: Size, gravity: Gravity, offsetScale: number): Frame {
  const outer = { width: Math.max(picture.width, canvas.width), height: Math.max(picture.height, canvas.height) };
  if (!isFixed(gravity) || (outer.width === picture.width && outer.height === picture.height)) return NO_FRAME;
  const { left, top } = place({ outer, inner: picture, gravity, offsetScale });
  return { left, top, right: outer.width - picture.width - left, bottom: outer.height - picture.height - top };
}

function around(size: Size, frame: Frame): Size {
  return { width: size.width + frame.left + frame.right, height: size.height + frame.top + frame.bottom };
}

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
