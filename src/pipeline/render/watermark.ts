import { BoundedMap } from "../../bounded-map.ts";
import type { FormatHint } from "../../image/detect-format.ts";
import type { SourceLimits } from "../../image/limits.ts";
import { readSourceImage } from "../../image/read-source-image.ts";
import type { ExactLoader, RawImage, SourceImage } from "../../image/types.ts";
import type { ImageCodecs } from "../../image/wasm/image-codecs.ts";
import { defaultOptions } from "../../options/default-options.ts";
import type { ProcessingOptions } from "../../options/types.ts";
import type { Size } from "../plan/gravity.ts";
import { markCorners, visiblePart, watermarkBox } from "../plan/watermark-placement.ts";
import { type PipelineSettings, unlimitedFormats } from "../types.ts";
import type { Overlay, Watermark } from "./overlay.ts";
import { openPixels } from "./picture.ts";
import { renderToPixels } from "./render-picture.ts";
import { runToPixels } from "./sharp-job.ts";

export type LoadWatermarkOptions = {
  readonly hint: FormatHint;
  readonly limits: SourceLimits;
  readonly settings: PipelineSettings;
  readonly exactLoader: ExactLoader | null;
  readonly codecs: ImageCodecs;
  readonly signal: AbortSignal;
};

/** Sizes and opacities of one watermark that are kept ready. */
const CACHE_LIMITS = { maxEntries: 64, maxWeight: 32 * 1024 * 1024 };

/** Reads a watermark image and checks its limits. Throws `invalid_image`. */
export async function loadWatermark(bytes: Uint8Array, options: LoadWatermarkOptions): Promise<Watermark> {
  const unlimited = unlimitedFormats(options.settings);
  const source = await readSourceImage(bytes, { ...options, unlimited });
  const bitmaps = new BoundedMap<RawImage>(CACHE_LIMITS);

  const bitmap = async (box: Size | null, opacity: number, signal: AbortSignal): Promise<RawImage> => {
    const key = `${box?.width ?? 0}x${box?.height ?? 0}@${opacity}`;
    const known = bitmaps.get(key);
    if (known !== undefined) return known;
    const rendered = await renderMark(source, box, { ...options, signal });
    const made = withOpacity(rendered, opacity);
    bitmaps.set(key, made, made.data.length);
    return made;
  };

  return {
    isGrey: source.meta.space === "b-w" || source.meta.space === "grey16",
    async overlay({ canvas, options: placement, opacity, dprScale, signal }) {
      const mark = await bitmap(watermarkBox(canvas, placement.scale), opacity, signal);
      const corners = markCorners({ canvas, mark, options: placement, dprScale });
      return placement.position === "re" ? tiled(canvas, mark, corners) : single(canvas, mark, corners);
    },
  };
}

/** The mark as RGBA pixels in sRGB, upright, fitted into a box. */
async function renderMark(source: SourceImage, box: Size | null, options: LoadWatermarkOptions): Promise<RawImage> {
  const pixels = await renderToPixels({
    source,
    options: fittedInto(box, options.limits),
    format: "png",
    settings: options.settings,
    watermark: null,
    exactLoader: options.exactLoader,
    codecs: options.codecs,
    signal: options.signal,
  });
  if (pixels.channels === 4) return pixels;
  return await runToPixels(openPixels(pixels).toColourspace("srgb").ensureAlpha(), 8, "watermark", options);
}

/** Options of the small pipeline that a mark itself goes through. */
function fittedInto(box: Size | null, limits: SourceLimits): ProcessingOptions {
  const base = defaultOptions({
    autoRotate: true,
    stripMetadata: true,
    keepCopyright: false,
    stripColorProfile: true,
    preserveHdr: false,
    enforceThumbnail: false,
    skipProcessingFormats: [],
    returnAttachment: false,
    ...limits,
    maxAnimationFrames: 1,
    maxResultDimension: 0,
  });
  return { ...base, format: "png", pipelines: [{ ...base.pipelines[0], enlarge: true, ...box }] };
}

function withOpacity(image: RawImage, opacity: number): RawImage {
  if (opacity >= 1) return image;
  const data = Buffer.from(image.data);
  for (let at = 3; at < data.length; at += 4) data[at] = Math.round((data[at] ?? 0) * opacity);
  return { ...image, data };
}

type Corners = readonly { readonly left: number; readonly top: number }[];

/** One mark, cut to the canvas. */
function single(canvas: Size, mark: RawImage, [corner]: Corners): Overlay | null {
  const part = corner === undefined ? null : visiblePart(canvas, mark, corner);
  if (part === null) return null;
  const { width, height, left, top } = part;
  const isWhole = width === mark.width && height === mark.height;
  const data = isWhole ? asBuffer(mark.data) : Buffer.alloc(width * height * 4);
  if (!isWhole) copyRows(mark, part, { data, width, left: 0, top: 0 });
  return { data, width, height, left, top };
}

/** Marks all over a canvas-sized overlay. They never overlap, so copying does. */
function tiled(canvas: Size, mark: RawImage, corners: Corners): Overlay {
  const { width, height } = canvas;
  const data = Buffer.alloc(width * height * 4);
  for (const corner of corners) {
    const part = visiblePart(canvas, mark, corner);
    if (part !== null) copyRows(mark, part, { data, width, left: part.left, top: part.top });
  }
  return { data, width, height, left: 0, top: 0 };
}

type Target = { readonly data: Buffer; readonly width: number; readonly left: number; readonly top: number };

function copyRows(
  mark: RawImage,
  part: Size & { readonly fromLeft: number; readonly fromTop: number },
  target: Target,
): void {
  for (let row = 0; row < part.height; row++) {
    const from = ((part.fromTop + row) * mark.width + part.fromLeft) * 4;
    const to = ((target.top + row) * target.width + target.left) * 4;
    target.data.set(mark.data.subarray(from, from + part.width * 4), to);
  }
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
