import type { Gravity } from "../../options/types.ts";
import { around } from "./frame.ts";
import type { Geometry } from "./geometry.ts";
import { type Box, isFixed, place, type Size } from "./gravity.ts";
import { swapsSides, type Turn, turnBox } from "./orientation.ts";
import type { PassSheet } from "./pass-sheet.ts";
import { type PaddedAxis, planResample } from "./resample.ts";
import { smallerSet } from "./rounding.ts";

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
    if (!scalesToCover(sheet, size)) sheet.split("the smart crop looks at finished pixels");
    sheet.add({ slot: "smartCrop", changes: { smartCrop: size }, canvas: { ...canvas, ...size }, reason });
    return;
  }
  const box = { ...place({ outer: canvas, inner: size, gravity, offsetScale }), ...size };
  if (slot === "cut") addCut(sheet, box, reason);
  else sheet.add({ slot, changes: { crop: box }, canvas: { ...canvas, ...size }, reason });
}

/**
 * Whether scaling and smart crop are what sharp does in one call: opaque colours, scaled by one factor for both sides, the one of the
 * side that is not cut.
 */
function scalesToCover(sheet: PassSheet, size: Size): boolean {
  const { hasAlpha, isGrey, bits } = sheet.canvas();
  const scaled = sheet.scaledTo();
  if (scaled === null || hasAlpha || isGrey || bits === 16 || sheet.has("convert", "turn", "cut")) return false;
  if (scaled.width === null) return scaled.height === size.height;
  return scaled.height === null && scaled.width === size.width;
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
