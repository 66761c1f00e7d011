import { isDrawnQuickly } from "../../image/svg/drawing-effort.ts";
import { type Drawing, withDrawing } from "../../image/svg/open-drawing.ts";
import type { RawImage } from "../../image/types.ts";
import type { LoadShrink } from "../plan/shrink-on-load.ts";
import { unlimitedFormats } from "../types.ts";
import type { RenderJob } from "./render-job.ts";
import { runToPixels } from "./sharp-job.ts";

/**
 * Draws an SVG as large as it shall be loaded: RGBA, 8 bits. What may take long is drawn in a process that the signal ends; the
 * pixels are the same. Throws `broken_image`, `timeout`, or the signal's reason.
 */
export async function renderSvg(job: RenderJob, load: LoadShrink): Promise<RawImage> {
  const { bytes } = job.source;
  const drawing = drawingOf(job, load);
  if (!isDrawnQuickly(bytes, load.size)) return await job.codecs.drawSvg(bytes, { drawing, signal: job.signal });
  return await withDrawing(bytes, drawing, job.exactLoader, (image) =>
    runToPixels(image.toColourspace("srgb"), 8, "decoding", job),
  );
}

/** What decides about the pixels of a job's drawing. */
export function drawingOf({ source, settings }: RenderJob, load: LoadShrink): Drawing {
  return {
    density: source.meta.svgDensity ?? 72,
    unlimited: unlimitedFormats(settings),
    scale: load.kind === "svg" ? load.scale : 1,
    ...load.size,
  };
}
