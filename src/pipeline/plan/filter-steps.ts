import type { PipelineOptions } from "../../options/types.ts";
import type { PassSheet } from "./pass-sheet.ts";

/** Gaussian blur below this sigma changes nothing in libvips. */
const LEAST_BLUR = 0.3;
/** libvips takes no more. */
const MOST_BLUR = 1000;
const MOST_SHARPEN = 10;

/** Blur, sharpen, pixelate: always on RGB, 8 bits a channel, at the final size. */
export function addFilters(sheet: PassSheet, options: PipelineOptions): void {
  const blur = options.blur >= LEAST_BLUR ? Math.min(options.blur, MOST_BLUR) : 0;
  const sharpen = Math.min(options.sharpen, MOST_SHARPEN);
  const block = Math.min(options.pixelate, Math.max(sheet.canvas().width, sheet.canvas().height));
  if (!(options.blur > 0 || options.sharpen > 0 || options.pixelate > 1)) return;
  toRgb(sheet, "filters work on RGB");
  if (blur > 0 || sharpen > 0) {
    if (sheet.canvas().hasAlpha && sheet.has("resize")) sheet.split("filters need the scaled picture in whole numbers");
    if (blur > 0) sheet.add({ slot: "blur", changes: { blur }, reason: "blur" });
    if (sharpen > 0) sheet.add({ slot: "sharpen", changes: { sharpen }, reason: "sharpen" });
  }
  if (block > 1) {
    const isPremultiplied = sheet.canvas().hasAlpha && (blur > 0 || sharpen > 0);
    sheet.addPixelWork({ kind: "pixelate", block, isPremultiplied }, sheet.canvas());
  }
}

/** Makes the picture RGB with 8 bits a channel, in a pass of its own when its pixels are others. */
function toRgb(sheet: PassSheet, reason: string): void {
  const canvas = sheet.canvas();
  if (!canvas.isGrey && canvas.bits === 8) return;
  sheet.split(reason);
  sheet.add({
    slot: "convert",
    changes: { convertTo: "srgb" },
    canvas: { ...canvas, isGrey: false, bits: 8 },
    reason,
  });
}
