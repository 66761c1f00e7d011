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
  const { bytes, meta } = job.source;
  const drawing: Drawing = {
    density: meta.svgDensity ?? 72,
    unlimited: unlimitedFormats(job.settings),
    scale: load.kind === "svg" ? load.scale : 1,
    ...load.size,
  };
  if (!isDrawnQuickly(bytes, load.size)) return await job.codecs.drawSvg(bytes, { drawing, signal: job.signal });
  return await withDrawing(bytes, drawing, job.exactLoader, (image) =>
    runToPixels(image.toColourspace("srgb"), 8, "decoding", job),
  );
}
