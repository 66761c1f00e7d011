import type { RawImage } from "../../image/types.ts";
import type { TrimOptions } from "../../options/types.ts";
import type { Box } from "../plan/gravity.ts";
import { openPixels } from "./picture.ts";
import { type JobLimits, runJob, runToPixels } from "./sharp-job.ts";

/** Transparent parts are laid on this before the search, so that they can be named by a colour. */
const GROUND = { r: 255, g: 0, b: 255 };
/** The search looks at 3 × 3 neighbourhoods. */
const LEAST_SIDE = 3;

/** The part of a picture that is not its surroundings' colour; null = there is nothing to cut. */
export async function findTrimBox(image: RawImage, options: TrimOptions, limits: JobLimits): Promise<Box | null> {
  if (image.width < LEAST_SIDE || image.height < LEAST_SIDE) return null;
  const search = await searchablePixels(image, limits);
  const { info } = await runJob(
    openPixels(search)
      .trim({
        threshold: Math.max(0, options.threshold),
        lineArt: false,
        ...(options.color !== null && { background: options.color }),
      })
      // Only the box is wanted: one band is the least that can be asked for.
      .extractChannel(0)
      .raw(),
    "trim",
    limits,
  );
  const found = {
    left: -(info.trimOffsetLeft ?? 0),
    top: -(info.trimOffsetTop ?? 0),
    width: info.width,
    height: info.height,
  };
  const box = equalise(found, image, options);
  return box.width === image.width && box.height === image.height ? null : box;
}

/** The picture as 8-bit RGB on magenta; itself where it is that already. */
async function searchablePixels(image: RawImage, limits: JobLimits): Promise<RawImage> {
  if (image.channels === 3 && image.bits === 8) return image;
  const flat = openPixels(image).pipelineColourspace("srgb").flatten({ background: GROUND }).toColourspace("srgb");
  return await runToPixels(flat, 8, "trim", limits);
}

/** With equal margins the smaller one is cut on both sides. */
export function equalise(
  box: Box,
  picture: { readonly width: number; readonly height: number },
  options: Pick<TrimOptions, "hasEqualHorizontal" | "hasEqualVertical">,
): Box {
  const horizontal = Math.min(box.left, picture.width - box.left - box.width);
  const vertical = Math.min(box.top, picture.height - box.top - box.height);
  return {
    ...(options.hasEqualHorizontal
      ? { left: horizontal, width: picture.width - 2 * horizontal }
      : { left: box.left, width: box.width }),
    ...(options.hasEqualVertical
      ? { top: vertical, height: picture.height - 2 * vertical }
      : { top: box.top, height: box.height }),
  };
}
