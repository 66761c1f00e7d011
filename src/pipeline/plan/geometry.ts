import type { PipelineOptions, ResizingType } from "../../options/types.ts";
import type { Size } from "./gravity.ts";
import { roundHalfAway, roundHalfEven, smallerSet } from "./rounding.ts";

/** Every size of a request, in the axes of the turned picture. `0` in a side means "not set". */
export type Geometry = {
  /** What is scaled: the crop where one is asked for, else the whole picture. */
  readonly base: Size;
  /** Size of the `crop` option, 0 × 0 when it is not used. */
  readonly crop: Size;
  readonly scaleX: number;
  readonly scaleY: number;
  /** The dpr that could be given: what paddings and offsets are multiplied with. */
  readonly dprScale: number;
  /** Size asked for, dpr and zoom included. */
  readonly target: Size;
  /** Size after scaling. */
  readonly scaled: Size;
  /** Size after the result crop. */
  readonly cut: Size;
  /** Canvas of `extend_aspect_ratio`; 0 × 0 when there is nothing to do. */
  readonly aspectCanvas: Size;
  /** Padding in pixels of the result. */
  readonly padding: { readonly top: number; readonly right: number; readonly bottom: number; readonly left: number };
};

export type GeometryInput = {
  /** Size of the source after EXIF turn and `rotate`. */
  readonly source: Size;
  readonly isVector: boolean;
  readonly options: PipelineOptions;
  /** Longest side allowed of a result; 0 or below = no limit. */
  readonly maxResultDimension: number;
};

const NOTHING: Size = { width: 0, height: 0 };

/** Pixels of one side of the `crop` option: 0 = not set, below 1 a fraction of `side`. */
export function cropSide(side: number, wanted: number): number {
  if (wanted === 0) return 0;
  return wanted >= 1 ? Math.floor(wanted) : Math.max(1, roundHalfAway(side * wanted));
}

type Shrinks = { readonly x: number; readonly y: number };

/** `auto` picks by orientation; a square counts as landscape. */
function resolvedType(type: ResizingType, base: Size, wanted: Size): Exclude<ResizingType, "auto"> {
  if (type !== "auto") return type;
  return base.width >= base.height === wanted.width >= wanted.height ? "fill" : "fit";
}

/** Shrink factors (above 1 = smaller) that the resizing type asks for, before zoom, limits and dpr. */
function wantedShrinks(base: Size, options: PipelineOptions): Shrinks {
  const wanted = { width: options.width || base.width, height: options.height || base.height };
  let x = base.width / wanted.width;
  let y = base.height / wanted.height;
  if (x === 1 && y === 1) return { x, y };
  const type = resolvedType(options.resizingType, base, wanted);
  if (type !== "force") {
    if (options.width === 0) x = y;
    if (options.height === 0) y = x;
  }
  switch (type) {
    case "fit":
      return { x: Math.max(x, y), y: Math.max(x, y) };
    case "fill":
    case "fill-down":
      return { x: Math.min(x, y), y: Math.min(x, y) };
    case "force":
      return { x, y };
  }
}

type Scales = { readonly scaleX: number; readonly scaleY: number; readonly dprScale: number };

/** The final scale factors: zoom, no enlarging, minimal sizes, dpr, and never below one pixel. */
function finalScales(base: Size, { options, isVector }: GeometryInput): Scales {
  let { x, y } = wantedShrinks(base, options);
  x /= options.zoomX;
  y /= options.zoomY;
  let dprScale = options.dpr;
  if (!options.enlarge && !isVector) {
    const least = Math.min(x, y);
    if (least < 1) {
      x /= least;
      y /= least;
      // What the picture lost by not growing is given back to the dpr, so that paddings keep their proportion to it;
      // an extended canvas keeps its own.
      if (!options.extend.isEnabled) dprScale /= least;
    }
    dprScale = Math.min(dprScale, x, y);
  }
  if (options.minWidth > 0) {
    const most = base.width / options.minWidth;
    if (most < x) {
      y /= x / most;
      x = most;
    }
  }
  if (options.minHeight > 0) {
    const most = base.height / options.minHeight;
    if (most < y) {
      x /= y / most;
      y = most;
    }
  }
  x = Math.min(x / dprScale, base.width);
  y = Math.min(y / dprScale, base.height);
  return { scaleX: 1 / x, scaleY: 1 / y, dprScale };
}

/** `fill-down` on a picture too small for the target: the largest cut of the target's ratio. */
function fillDownCut(target: Size, scaled: Size): Size {
  const overX = target.width / scaled.width;
  const overY = target.height / scaled.height;
  if (overX > overY && overX > 1) {
    return { width: scaled.width, height: roundHalfAway((scaled.width * target.height) / target.width) };
  }
  if (overY > overX && overY > 1) {
    return { width: roundHalfAway((scaled.height * target.width) / target.height), height: scaled.height };
  }
  return target;
}

/** Canvas of the target's ratio around the picture as it stands; nothing when a target side is missing or the ratio fits. */
function aspectCanvas(target: Size, scaled: Size, cut: Size): Size {
  if (target.width === 0 || target.height === 0) return NOTHING;
  const width = smallerSet(scaled.width, cut.width);
  const height = smallerSet(scaled.height, cut.height);
  const overX = target.width / width;
  const overY = target.height / height;
  if (overY > overX) return { width, height: roundHalfAway((width * target.height) / target.width) };
  if (overX > overY) return { width: roundHalfAway((height * target.width) / target.height), height };
  return NOTHING;
}

function sizesOf(base: Size, crop: Size, scales: Scales, options: PipelineOptions): Geometry {
  const target = {
    width: roundHalfAway(options.width * scales.dprScale * options.zoomX),
    height: roundHalfAway(options.height * scales.dprScale * options.zoomY),
  };
  const scaled = {
    width: roundHalfAway(base.width * scales.scaleX),
    height: roundHalfAway(base.height * scales.scaleY),
  };
  const isFillDown = options.resizingType === "fill-down" && !options.enlarge;
  const cut = isFillDown ? fillDownCut(target, scaled) : target;
  const pad = (side: number) => roundHalfEven(side * scales.dprScale);
  return {
    base,
    crop,
    ...scales,
    target,
    scaled,
    cut,
    aspectCanvas: options.extendAspectRatio.isEnabled ? aspectCanvas(target, scaled, cut) : NOTHING,
    padding: {
      top: pad(options.padding.top),
      right: pad(options.padding.right),
      bottom: pad(options.padding.bottom),
      left: pad(options.padding.left),
    },
  };
}

/** Largest side of the result that the sizes lead to. */
function longestSide(geometry: Geometry, options: PipelineOptions): number {
  const { target, scaled, cut, aspectCanvas: canvas, padding } = geometry;
  let width = smallerSet(scaled.width, cut.width);
  let height = smallerSet(scaled.height, cut.height);
  const least = options.extend.isEnabled ? target : canvas;
  width = Math.max(width, least.width) + padding.left + padding.right;
  height = Math.max(height, least.height) + padding.top + padding.bottom;
  return Math.max(width, height);
}

/**
 * All sizes of a request from the size of its source. Pure arithmetic; every side that comes out is at least one pixel.
 * A `maxResultDimension` scales the whole composition down once, so paddings may leave it a pixel off.
 */
export function planGeometry(input: GeometryInput): Geometry {
  const { source, options, maxResultDimension } = input;
  const crop = {
    width: cropSide(source.width, options.crop.width),
    height: cropSide(source.height, options.crop.height),
  };
  const base = { width: smallerSet(crop.width, source.width), height: smallerSet(crop.height, source.height) };
  const scales = finalScales(base, input);
  const geometry = sizesOf(base, crop, scales, options);
  if (maxResultDimension <= 0) return geometry;
  const longest = longestSide(geometry, options);
  if (longest <= maxResultDimension) return geometry;
  const factor = maxResultDimension / longest;
  const limited = {
    scaleX: Math.max(scales.scaleX * factor, 1 / base.width),
    scaleY: Math.max(scales.scaleY * factor, 1 / base.height),
    dprScale: scales.dprScale * factor,
  };
  return sizesOf(base, crop, limited, options);
}
