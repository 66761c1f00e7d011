import type { ImageFormat } from "../../formats.ts";
import type { ImageMetadata } from "../../image/types.ts";
import type { PipelineOptions, ProcessingOptions } from "../../options/types.ts";
import { type ColourPlan, planColour } from "./colour.ts";
import { addFilters } from "./filter-steps.ts";
import { writableFormat } from "./format-limits.ts";
import { type Geometry, planGeometry } from "./geometry.ts";
import { gravityBefore, type Size } from "./gravity.ts";
import { addGround, addWatermark } from "./ground-steps.ts";
import { type ExifTurn, exifTurn, foldTurns, swapsSides, type Turn, toAngle } from "./orientation.ts";
import type { Canvas, Pass } from "./pass.ts";
import { openPassSheet, type PassSheet } from "./pass-sheet.ts";
import { roundHalfAway, roundHalfEven } from "./rounding.ts";
import { addCrop, addResultCrop, addScaleAndTurn } from "./scale-steps.ts";
import { type LoadShrink, planLoadShrink } from "./shrink-on-load.ts";

/** What is going to happen to a picture, as plain numbers: printing it explains the result. */
export type Plan = {
  /** What is really written; differs from the format asked for where that one cannot hold the result. */
  readonly format: ImageFormat;
  /** Size of the source as stored. */
  readonly source: Size;
  readonly geometry: Geometry;
  readonly turn: Turn;
  readonly load: LoadShrink;
  readonly colour: ColourPlan;
  readonly passes: readonly Pass[];
  readonly result: Canvas;
};

/** How the pixels come in. */
export type PlanSource =
  /** The source itself; its decoder makes it smaller while reading as `load` says. */
  | { readonly kind: "source" }
  /**
   * Raw pixels, already in the work space: frames of an animation, trimmed pictures, decoders of our own. They may stand for
   * a larger source, as a rendered drawing does.
   */
  | { readonly kind: "pixels"; readonly canvas: Canvas; readonly isLoadShrunk: boolean };

/** What of a header decides about a plan; sizes come apart. */
export type PlannedMeta = Pick<
  ImageMetadata,
  "format" | "orientation" | "pages" | "hasAlpha" | "space" | "depth" | "channels" | "icc"
>;

export type PlanInput = {
  readonly meta: PlannedMeta;
  readonly source: PlanSource;
  /** Size that geometry starts from, stored axes: the trimmed size, or the source's. */
  readonly size: Size;
  readonly options: ProcessingOptions;
  readonly format: ImageFormat;
  readonly useLinearColorspace: boolean;
  readonly disableShrinkOnLoad: boolean;
  /** null = none will be laid over. */
  readonly watermark: { readonly isGrey: boolean } | null;
};

/** Plans a still picture or one frame. Pure arithmetic; throws nothing. */
export function planImage(input: PlanInput): Plan {
  const { meta, size, options, format } = input;
  const [pipeline] = options.pipelines;
  const exif = pipeline.autoRotate ? exifTurn(meta.orientation) : exifTurn(1);
  const { rotate, flipHorizontal, flipVertical } = pipeline;
  const turn = foldTurns({ exif, rotate, flipHorizontal, flipVertical });
  const isTurned = swapsSides({ angle: toAngle(exif.angle + rotate) });
  const geometry = planGeometry({
    source: isTurned ? { width: size.height, height: size.width } : size,
    // A trimmed drawing is pixels like any others.
    isVector: meta.format === "svg" && (input.source.kind === "source" || input.source.isLoadShrunk),
    options: pipeline,
    maxResultDimension: options.maxResultDimension,
  });
  const { preserveHdr, stripColorProfile } = options;
  const colour = planColour({ meta, format, preserveHdr, stripColorProfile });
  const load = planLoad(input, geometry, isTurned);
  const sheet = openPassSheet(firstCanvas(input, colour, load));
  if (input.source.kind === "source" && colour.convertTo !== null) {
    sheet.add({ slot: "convert", changes: { convertTo: colour.convertTo }, reason: "" });
  }
  const stages: Stages = { input, pipeline, geometry, turn, exif, isTurned, load };
  addPixelSteps(sheet, stages);
  const passes = sheet.finish();
  const result = sheet.canvas();
  return { format: writableFormat(format, result), source: size, geometry, turn, load, colour, passes, result };
}

function planLoad({ meta, source, size, disableShrinkOnLoad }: PlanInput, geometry: Geometry, isTurned: boolean) {
  if (source.kind === "pixels") {
    const { width, height } = source.canvas;
    return { kind: "none", size: { width, height } } satisfies LoadShrink;
  }
  return planLoadShrink({
    decoder: shrinkingDecoder(meta),
    source: size,
    scaleX: isTurned ? geometry.scaleY : geometry.scaleX,
    scaleY: isTurned ? geometry.scaleX : geometry.scaleY,
    isAllowed: meta.format === "svg" || !disableShrinkOnLoad,
  });
}

function shrinkingDecoder({ format, pages }: PlannedMeta): "jpeg" | "webp" | "svg" | "other" {
  if (format === "jpeg" || format === "svg") return format;
  // libvips scales no frames of an animation while it reads.
  return format === "webp" && pages === 1 ? "webp" : "other";
}

function firstCanvas({ meta, source }: PlanInput, colour: ColourPlan, load: LoadShrink): Canvas {
  if (source.kind === "pixels") return source.canvas;
  return { ...load.size, hasAlpha: meta.hasAlpha, isGrey: colour.isGrey, bits: colour.bits };
}

type Stages = {
  readonly input: PlanInput;
  readonly pipeline: PipelineOptions;
  readonly geometry: Geometry;
  readonly turn: Turn;
  readonly exif: ExifTurn;
  readonly isTurned: boolean;
  readonly load: LoadShrink;
};

/**
 * The reference's steps in its order, each put onto the sheet of passes. Where sharp's order differs, the reason for a new pass
 * stands with the step.
 */
function addPixelSteps(sheet: PassSheet, stages: Stages): void {
  const { input, pipeline, geometry } = stages;
  addSourceCrop(sheet, stages);
  const { scaleX, scaleY } = remainingScale(stages);
  const isLinear = input.useLinearColorspace;
  addScaleAndTurn(sheet, { scaleX, scaleY, turn: stages.turn, isLinear, reason: "scale" });
  addResultCrop(sheet, geometry, pipeline.gravity);
  const isPastScaling = isLinear && sheet.has("resize");
  if (isPastScaling && needsMore(stages)) sheet.split("linear light ends with the scaling");
  addFilters(sheet, pipeline);
  addGround(sheet, { geometry, options: pipeline, format: input.format });
  if (input.watermark !== null && pipeline.watermark.opacity > 0) addWatermark(sheet, input.watermark.isGrey);
}

/** Whether anything but the encoder follows the scaling. */
function needsMore({ pipeline, geometry }: Stages): boolean {
  const { padding } = geometry;
  const hasBorder =
    pipeline.extend.isEnabled || pipeline.extendAspectRatio.isEnabled || Object.values(padding).some(Boolean);
  return hasBorder || pipeline.blur > 0 || pipeline.sharpen > 0 || pipeline.pixelate > 1;
}

/** The `crop` option carried back to stored axes and to the size the decoder delivered. */
function addSourceCrop(sheet: PassSheet, { input, pipeline, geometry, exif, isTurned, load }: Stages): void {
  const { crop } = geometry;
  if (crop.width === 0 && crop.height === 0) return;
  const ratioX = input.size.width / load.size.width;
  const ratioY = input.size.height / load.size.height;
  const stored = isTurned ? { width: crop.height, height: crop.width } : crop;
  const side = (pixels: number, ratio: number) => (pixels === 0 ? 0 : Math.max(1, roundHalfAway(pixels / ratio)));
  const offset = (value: number, ratio: number) => (Math.abs(value) >= 1 ? roundHalfEven(value / ratio) : value);
  const wanted = pipeline.crop.gravity ?? pipeline.gravity;
  const unturned = gravityBefore(wanted, { ...pipeline, angle: pipeline.rotate });
  const inStored = gravityBefore(unturned, { angle: exif.angle, flipHorizontal: exif.isMirrored, flipVertical: false });
  const isRelative = inStored.type === "fp";
  addCrop(sheet, {
    size: { width: side(stored.width, ratioX), height: side(stored.height, ratioY) },
    gravity: isRelative
      ? inStored
      : { type: inStored.type, x: offset(inStored.x, ratioX), y: offset(inStored.y, ratioY) },
  });
}

/** What is left to scale, stored axes, after the decoder has shrunk the picture. */
function remainingScale({ input, geometry, isTurned, load }: Stages): { scaleX: number; scaleY: number } {
  const [scaleX, scaleY] = isTurned ? [geometry.scaleY, geometry.scaleX] : [geometry.scaleX, geometry.scaleY];
  const rest = (scale: number, before: number, after: number) => {
    if (before === after) return scale;
    const left = scale * (before / after);
    return roundHalfAway(after * left) === after ? 1 : left;
  };
  return {
    scaleX: rest(scaleX, input.size.width, load.size.width),
    scaleY: rest(scaleY, input.size.height, load.size.height),
  };
}
