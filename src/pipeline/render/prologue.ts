import { openSource } from "../../image/open-source.ts";
import type { ImageMetadata, RawImage } from "../../image/types.ts";
import { planColour } from "../plan/colour.ts";
import type { Box, Size } from "../plan/gravity.ts";
import { type Canvas, EMPTY_PASS, rawSpace } from "../plan/pass.ts";
import { type Plan, type PlanSource, planImage } from "../plan/plan.ts";
import { applyPass } from "./apply-pass.ts";
import { type Picture, withPicture } from "./picture.ts";
import { openParts, type RenderJob } from "./render-job.ts";
import { runToPixels } from "./sharp-job.ts";
import { findTrimBox } from "./trim.ts";

/** A plan and the picture its first pass runs on. */
export type Prologue = { readonly plan: Plan; readonly picture: Picture; readonly window: Box | null };

/**
 * Plans a picture, after loading it where the plan depends on its pixels: trimmed pictures, and drawings, whose rendered size
 * only librsvg knows. Everything else is planned from the header alone.
 */
export async function beginPicture(job: RenderJob): Promise<Prologue> {
  const opened = await openSource(job.source, job);
  const meta = opened.kind === "raw" ? rawMetadata(job.source.meta, opened.image) : job.source.meta;
  const picture: Picture =
    opened.kind === "raw" ? { kind: "pixels", image: opened.image } : { kind: "file", bytes: opened.bytes, meta };
  const [pipeline] = job.options.pipelines;
  const size = naturalSize(meta, job);
  if (pipeline.trim.isEnabled) return await beginTrimmed(job, { picture, meta, size });
  const plan = planPicture(job, { meta, size, source: { kind: "source" } });
  const isShrunkInPart = plan.load.kind !== "none" && job.exactLoader === null;
  if (meta.format === "svg" || isShrunkInPart) return await beginLoaded(job, { picture, meta, size, plan });
  if (importsProfileFirst(job, plan)) {
    const image = await loadPixels(job, { picture, meta, plan, appliesProfile: true });
    const source: PlanSource = { kind: "pixels", canvas: canvasOf(image, plan), isLoadShrunk: false };
    return {
      plan: planPicture(job, { meta: { ...meta, icc: null }, size, source }),
      picture: { kind: "pixels", image },
      window: null,
    };
  }
  return { plan, picture, window: null };
}

type PlanParts = { readonly meta: ImageMetadata; readonly size: Size; readonly source: PlanSource };

function planPicture(job: RenderJob, parts: PlanParts): Plan {
  const { useLinearColorspace, disableShrinkOnLoad } = job.settings;
  const { options, format, watermark } = job;
  return planImage({ ...parts, options, format, useLinearColorspace, disableShrinkOnLoad, watermark });
}

/** Raw pixels of our own decoders speak for themselves. */
function rawMetadata(meta: ImageMetadata, { channels, bits, width, height }: RawImage): ImageMetadata {
  const isGrey = channels < 3;
  const space = bits === 16 ? (isGrey ? "grey16" : "rgb16") : isGrey ? "b-w" : "srgb";
  const depth = bits === 16 ? "ushort" : "uchar";
  return { ...meta, width, height, channels, space, depth, hasAlpha: channels === 2 || channels === 4 };
}

/** A drawing larger than the limit counts as one that just fits. */
function naturalSize(meta: ImageMetadata, { options }: RenderJob): Size {
  const { width, height } = meta;
  const pixels = width * height;
  if (meta.format !== "svg" || pixels <= options.maxSrcResolution) return { width, height };
  const scale = Math.sqrt(options.maxSrcResolution / pixels);
  const side = (value: number) => Math.max(1, Math.floor(value * scale + 0.5));
  return { width: side(width), height: side(height) };
}

/** Light can only be added up in linear numbers once the profile's curve is gone. */
function importsProfileFirst({ settings }: RenderJob, plan: Plan): boolean {
  return settings.useLinearColorspace && plan.colour.profile === "convert";
}

type LoadInput = {
  readonly picture: Picture;
  readonly meta: ImageMetadata;
  readonly plan: Pick<Plan, "load" | "colour">;
  readonly appliesProfile: boolean;
};

/** Decodes a whole picture to raw pixels of its work space. */
async function loadPixels(job: RenderJob, { picture, meta, plan, appliesProfile }: LoadInput): Promise<RawImage> {
  const { load, colour } = plan;
  const canvas: Canvas = { ...load.size, hasAlpha: meta.hasAlpha, isGrey: colour.isGrey, bits: colour.bits };
  const pass = { ...EMPTY_PASS, convertTo: colour.convertTo, output: rawSpace(canvas), result: canvas };
  return await withPicture(picture, openParts(job), { load, appliesProfile }, ({ image, size }) => {
    const loaded = applyPass(image, { pass, inputSize: size, forbidsReload: false, overlay: null });
    return runToPixels(loaded, colour.bits, "decoding", job.signal);
  });
}

function canvasOf({ width, height, channels }: RawImage, { colour }: Pick<Plan, "colour">): Canvas {
  const hasAlpha = channels === 2 || channels === 4;
  return { width, height, hasAlpha, isGrey: colour.isGrey, bits: colour.bits };
}

type Loaded = { readonly picture: Picture; readonly meta: ImageMetadata; readonly size: Size };

/** Trim comes before everything, so the geometry starts from what it leaves. */
async function beginTrimmed(job: RenderJob, { picture, meta, size }: Loaded): Promise<Prologue> {
  const isDrawing = meta.format === "svg";
  const scale = size.width / meta.width;
  const load = isDrawing && scale !== 1 ? ({ kind: "svg", scale, size } as const) : ({ kind: "none", size } as const);
  const colour = planColour({ ...job.options, meta, format: job.format });
  const image = await loadPixels(job, { picture, meta, plan: { load, colour }, appliesProfile: false });
  const [pipeline] = job.options.pipelines;
  const window = await findTrimBox(image, pipeline.trim, job.signal);
  const trimmed = window ?? { width: image.width, height: image.height };
  const canvas = { ...canvasOf(image, { colour }), width: trimmed.width, height: trimmed.height };
  const source: PlanSource = { kind: "pixels", canvas, isLoadShrunk: false };
  return {
    plan: planPicture(job, { meta, size: { width: trimmed.width, height: trimmed.height }, source }),
    picture: { kind: "pixels", image },
    window,
  };
}

/**
 * Loads at the scale that the plan wants, and plans on from the size that came out: drawings always, other sources where there
 * is no file name to tell the decoder its scale by.
 */
async function beginLoaded(job: RenderJob, loaded: Loaded & { readonly plan: Plan }): Promise<Prologue> {
  const { picture, meta, size, plan } = loaded;
  const load = scaledFromNatural(plan, meta, size);
  const image = await loadPixels(job, { picture, meta, plan: { ...plan, load }, appliesProfile: false });
  const source: PlanSource = { kind: "pixels", canvas: canvasOf(image, plan), isLoadShrunk: true };
  return {
    plan: { ...planPicture(job, { meta, size, source }), load },
    picture: { kind: "pixels", image },
    window: null,
  };
}

/** The plan's scale counts from the size that respects the limit; the decoder's from the drawing's own. */
function scaledFromNatural({ load }: Plan, meta: ImageMetadata, size: Size): Plan["load"] {
  if (meta.format !== "svg") return load;
  const scale = (load.kind === "svg" ? load.scale : 1) * (size.width / meta.width);
  return scale === 1 ? { kind: "none", size: load.size } : { kind: "svg", scale, size: load.size };
}
