import type { WatermarkOptions } from "../../options/types.ts";
import { place, type Size } from "./gravity.ts";
import { roundHalfEven } from "./rounding.ts";

/** The size a watermark is fitted into; null = it keeps its own. */
export function watermarkBox(canvas: Size, scale: number): Size | null {
  if (!(scale > 0)) return null;
  return {
    width: Math.max(1, roundHalfEven(canvas.width * scale)),
    height: Math.max(1, roundHalfEven(canvas.height * scale)),
  };
}

export type PlacedWatermark = {
  readonly canvas: Size;
  readonly mark: Size;
  readonly options: Pick<WatermarkOptions, "position" | "x" | "y">;
  /** What pixel offsets are multiplied with. */
  readonly dprScale: number;
};

/** A visible part of one mark: where it starts in the mark and on the canvas, and its size. */
export type VisiblePart = Size & {
  readonly fromLeft: number;
  readonly fromTop: number;
  readonly left: number;
  readonly top: number;
};

/** Top-left corners of all marks, relative to the canvas; several for `re`. Corners may lie outside. */
export function markCorners(input: PlacedWatermark): readonly { readonly left: number; readonly top: number }[] {
  const { canvas, mark, options, dprScale } = input;
  if (options.position !== "re") {
    const { position, x, y } = options;
    const gravity = { type: position, x, y };
    return [place({ outer: canvas, inner: mark, gravity, offsetScale: dprScale, mayOverhang: true })];
  }
  const lefts = tileStarts(canvas.width, mark.width, spacing(options.x, canvas.width, dprScale));
  const tops = tileStarts(canvas.height, mark.height, spacing(options.y, canvas.height, dprScale));
  return tops.flatMap((top) => lefts.map((left) => ({ left, top })));
}

/** Gap between tiles: pixels times dpr, or a fraction of the canvas. */
function spacing(value: number, side: number, dprScale: number): number {
  return Math.max(0, Math.abs(value) >= 1 ? roundHalfEven(value * dprScale) : roundHalfEven(side * value));
}

/** An odd number of tiles, the middle one in the centre. */
function tileStarts(side: number, mark: number, gap: number): readonly number[] {
  const tile = mark + gap;
  const enough = Math.ceil(side / tile);
  const count = enough % 2 === 0 ? enough + 1 : enough;
  const surplus = Math.floor((count * tile - side) / 2);
  return Array.from({ length: count }, (_, index) => index * tile - surplus + Math.floor(gap / 2));
}

/** What of a mark lies inside the canvas; null = nothing. */
export function visiblePart(
  canvas: Size,
  mark: Size,
  corner: { readonly left: number; readonly top: number },
): VisiblePart | null {
  const left = Math.max(0, corner.left);
  const top = Math.max(0, corner.top);
  const width = Math.min(canvas.width, corner.left + mark.width) - left;
  const height = Math.min(canvas.height, corner.top + mark.height) - top;
  if (width <= 0 || height <= 0) return null;
  return { left, top, width, height, fromLeft: left - corner.left, fromTop: top - corner.top };
}
