import type { Color, Sharp } from "sharp";
import type { Rgb } from "../../options/types.ts";
import type { Size } from "../plan/gravity.ts";
import type { Border, Pass } from "../plan/pass.ts";
import type { Overlay } from "./overlay.ts";

export type ApplyPassInput = {
  readonly pass: Pass;
  /** Size of what the pass starts from. */
  readonly inputSize: Size;
  /** Keep sharp from reopening the file for a shrink of its own choice. */
  readonly forbidsReload: boolean;
  /** null where the pass lays no watermark over, or the watermark lies outside. */
  readonly overlay: Overlay | null;
};

/** Puts a pass's steps onto a sharp pipeline, up to but not including the output format. */
export function applyPass(image: Sharp, input: ApplyPassInput): Sharp {
  const { pass, overlay } = input;
  if (pass.convertTo !== null) image.pipelineColourspace(pass.convertTo === "linear" ? "scrgb" : pass.convertTo);
  applyGeometry(image, input);
  if (pass.border !== null) applyBorder(image, pass.border);
  if (pass.blur > 0) image.blur({ sigma: pass.blur });
  // The slopes and thresholds of the reference; sharp's own defaults differ.
  if (pass.sharpen > 0) image.sharpen({ sigma: pass.sharpen, m1: 0, m2: 3, x1: 2, y2: 10, y3: 20 });
  if (overlay !== null) {
    const { data, width, height, left, top } = overlay;
    image.composite([{ input: data, raw: { width, height, channels: 4 }, left, top }]);
  }
  if (pass.removesAlpha) image.removeAlpha();
  return image.toColourspace(pass.output);
}

/** Cuts, scales and turns. A cut before `resize` is taken as one of the input, a cut behind it as one of the turned result. */
function applyGeometry(image: Sharp, { pass, inputSize, forbidsReload }: ApplyPassInput): void {
  const fullFrame = { left: 0, top: 0, ...inputSize };
  const needsFrame = (pass.resize !== null && forbidsReload) || (pass.cut !== null && pass.resize === null);
  if (pass.crop !== null) image.extract(pass.crop);
  else if (needsFrame) image.extract(fullFrame);
  if (pass.flatten !== null) image.flatten({ background: pass.flatten });
  if (pass.resize !== null && pass.smartCrop === null) applyResize(image, pass.resize);
  if (pass.smartCrop !== null) {
    const { width, height } = pass.smartCrop;
    // With a scaling before it, both in one call; see `scalesToCover`.
    image.resize(width, height, { fit: "cover", position: "attention", withoutReduction: pass.resize === null });
  }
  if (pass.turn.isMirrored) image.flop();
  if (pass.turn.angle !== 0) image.rotate(pass.turn.angle);
  if (pass.cut !== null) image.extract(pass.cut);
}

function applyResize(image: Sharp, { width, height }: NonNullable<Pass["resize"]>): void {
  if (width !== null && height !== null) image.resize(width, height, { fit: "fill" });
  else image.resize({ ...(width !== null && { width }), ...(height !== null && { height }), fit: "outside" });
}

const TRANSPARENT: Color = { r: 0, g: 0, b: 0, alpha: 0 };

function applyBorder(image: Sharp, { fill, ...sides }: Border): void {
  if (fill === "edge") image.extend({ ...sides, extendWith: "copy" });
  else image.extend({ ...sides, background: fill === null ? TRANSPARENT : opaque(fill) });
}

function opaque(colour: Rgb): Color {
  return { ...colour, alpha: 1 };
}
