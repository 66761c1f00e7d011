import { IMAGE_FORMATS } from "../../formats.ts";
import { openSource } from "../../image/open-source.ts";
import { isDrawnQuickly } from "../../image/svg/drawing-effort.ts";
import type { ImageMetadata, RawImage } from "../../image/types.ts";
import { planColour } from "../plan/colour.ts";
import type { Size } from "../plan/gravity.ts";
import { type Canvas, EMPTY_PASS, rawSpace } from "../plan/pass.ts";
import type { Plan, PlanSource } from "../plan/plan.ts";
import { checkPlan } from "../plan/plan-limits.ts";
import { createPlanner } from "../plan/plan-memory.ts";
import { applyPass } from "./apply-pass.ts";
import { type Picture, withPicture } from "./picture.ts";
import { openParts, type RenderJob } from "./render-job.ts";
import { renderSvg } from "./render-svg.ts";
import { runToPixels } from "./sharp-job.ts";
import type { Stage } from "./stage.ts";
import { findTrimBox } from "./trim.ts";

/** A plan and what its first pass runs on. */
export type Prologue = Omit<Stage, "pass">;

/**
 * Plans a picture, after loading it where the plan depends on its pixels: trimmed pictures, and drawings whose rendered size
 * only librsvg knows. Everything else is planned from the header alone.
 */
export async function beginPicture(job: RenderJob): Promise<Prologue> {
  const opened = await openPicture(job);
  const { picture, meta } = opened;
  const [pipeline] = job.options.pipelines;
  const size = naturalSize(meta, job);
  if (pipeline.trim.isEnabled) return await beginTrimmed(job, { ...opened, size });
  const plan = planPicture(job, { meta, size, source: { kind: "source" } });
  if (isLoadedFirst(job, plan)) return await beginLoaded(job, { ...opened, size, plan });
  if (importsProfileFirst(job, plan)) return await beginImported(job, { ...opened, size, plan });
  return { plan, picture, window: null, icc: meta.icc };
}

/** Drawings, unless their rendered size is known and they take no time; and where the decoder cannot be told its scale. */
function isLoadedFirst(job: RenderJob, plan: Plan): boolean {
  const { bytes, meta } = job.source;
  if (meta.format !== "svg") return plan.load.kind !== "none" && job.exactLoader === null;
  return !isRenderedAsPlanned(job, plan) || !isDrawnQuickly(bytes, plan.load.size);
}

/** Whether a drawing comes out in the size that it is loaded with by the plan; mostly only librsvg knows. */
function isRenderedAsPlanned({ source: { meta }, exactLoader }: RenderJob, { source: size }: Plan): boolean {
  const { declaredSize } = meta;
  return exactLoader !== null && declaredSize?.width === size.width && declaredSize.height === size.height;
}

type Opened = { readonly picture: Picture; readonly meta: ImageMetadata };

/** The source as sharp takes it, and metadata that describe exactly that. */
async function openPicture(job: RenderJob): Promise<Opened> {
  const { source, options, exactLoader } = job;
  const wantsThumbnail = options.enforceThumbnail;
  const opened = await openSource(source, { ...job, wantsThumbnail });
  if (opened.kind === "raw") return pixelsOf(source.meta, opened.image, opened.icc);
  const picture: Picture = { kind: "file", bytes: opened.bytes, meta: source.meta };
  const hasThumbnail = wantsThumbnail && IMAGE_FORMATS[source.meta.format].hasThumbnail;
  if (!hasThumbnail || exactLoader === null) return { picture, meta: source.meta };
  const thumbnail = await withPicture(picture, openParts(job), THUMBNAIL, ({ image }) =>
    runToPixels(image, 8, "decoding", job),
  );
  return pixelsOf(source.meta, thumbnail, source.meta.icc);
}

const THUMBNAIL = { load: { kind: "thumbnail" }, appliesProfile: false } as const;

/** Raw pixels of our own decoders speak for themselves. */
function pixelsOf(meta: ImageMetadata, image: RawImage, icc: Uint8Array | null): Opened {
  const { channels, bits, width, height } = image;
  const isGrey = channels < 3;
  const space = bits === 16 ? (isGrey ? "grey16" : "rgb16") : isGrey ? "b-w" : "srgb";
  const depth = bits === 16 ? "ushort" : "uchar";
  const hasAlpha = channels === 2 || channels === 4;
  return {
    picture: { kind: "pixels", image },
    meta: { ...meta, width, height, channels, space, depth, hasAlpha, icc },
  };
}

const planRemembered = createPlanner();

type PlanParts = { readonly meta: ImageMetadata; readonly size: Size; readonly source: PlanSource };

/** The plan for a source, once its limits have been checked. Throws `unsupported_target`. */
export function planPicture(job: RenderJob, parts: PlanParts): Plan {
  const { useLinearColorspace, disableShrinkOnLoad } = job.settings;
  const { options, format, watermark } = job;
  const plan = planRemembered({ ...parts, options, format, useLinearColorspace, disableShrinkOnLoad, watermark });
  checkPlan(plan, 1);
  return plan;
}

/** A drawing larger than the limit counts as one that just fits. */
export function naturalSize(meta: ImageMetadata, { options }: RenderJob): Size {
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

/** Decodes a whole picture to raw pixels of its work space, which is what drawings come in. */
async function loadPixels(job: RenderJob, { picture, meta, plan, appliesProfile }: LoadInput): Promise<RawImage> {
  const { load, colour } = plan;
  if (meta.format === "svg") return await renderSvg(job, load);
  const canvas: Canvas = { ...load.size, hasAlpha: meta.hasAlpha, isGrey: colour.isGrey, bits: colour.bits };
  const pass = { ...EMPTY_PASS, convertTo: colour.convertTo, output: rawSpace(canvas), result: canvas };
  return await withPicture(picture, openParts(job), { load, appliesProfile }, ({ image, size }) => {
    const loaded = applyPass(image, { pass, inputSize: size, forbidsReload: false, overlay: null });
    return runToPixels(loaded, colour.bits, "decoding", job);
  });
}

function canvasOf({ width, height, channels }: RawImage, { colour }: Pick<Plan, "colour">): Canvas {
  const hasAlpha = channels === 2 || channels === 4;
  return { width, height, hasAlpha, isGrey: colour.isGrey, bits: colour.bits };
}

type Loaded = Opened & { readonly size: Size };

/** Trim comes before everything, so the geometry starts from what it leaves. */
async function beginTrimmed(job: RenderJob, { picture, meta, size }: Loaded): Promise<Prologue> {
  const isDrawing = meta.format === "svg";
  const scale = size.width / meta.width;
  const load = isDrawing && scale !== 1 ? ({ kind: "svg", scale, size } as const) : ({ kind: "none", size } as const);
  const colour = planColour({ ...job.options, meta, format: job.format });
  const image = await loadPixels(job, { picture, meta, plan: { load, colour }, appliesProfile: false });
  const [pipeline] = job.options.pipelines;
  const window = await findTrimBox(image, pipeline.trim, job);
  const trimmed = window ?? { width: image.width, height: image.height };
  const canvas = { ...canvasOf(image, { colour }), width: trimmed.width, height: trimmed.height };
  const source: PlanSource = { kind: "pixels", canvas, isLoadShrunk: false };
  return {
    plan: planPicture(job, { meta, size: { width: trimmed.width, height: trimmed.height }, source }),
    picture: { kind: "pixels", image },
    window,
    icc: meta.icc,
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
    icc: meta.icc,
  };
}

/** Applies the profile while loading, and goes on without one. */
async function beginImported(
  job: RenderJob,
  { picture, meta, size, plan }: Loaded & { plan: Plan },
): Promise<Prologue> {
  const image = await loadPixels(job, { picture, meta, plan, appliesProfile: true });
  const source: PlanSource = { kind: "pixels", canvas: canvasOf(image, plan), isLoadShrunk: false };
  return {
    plan: planPicture(job, { meta: { ...meta, icc: null }, size, source }),
    picture: { kind: "pixels", image },
    window: null,
    icc: null,
  };
}

/** The plan's scale counts from the size that respects the limit; the decoder's from the drawing's own. */
function scaledFromNatural({ load }: Plan, meta: ImageMetadata, size: Size): Plan["load"] {
  if (meta.format !== "svg") return load;
  const scale = (load.kind === "svg" ? load.scale : 1) * (size.width / meta.width);
  return scale === 1 ? { kind: "none", size: load.size } : { kind: "svg", scale, size: load.size };
}
