import type { Sharp } from "sharp";
import { type KeptMetadata, keptMetadata } from "../encode/metadata/kept-metadata.ts";
import type { Plan } from "../plan/plan.ts";
import type { RenderJob } from "./render-job.ts";

/** What of the source's metadata a result shall have; null = nothing. */
export function keptOf(
  { source, options }: Pick<RenderJob, "source" | "options">,
  { turn }: Plan,
): KeptMetadata | null {
  return keptMetadata(source.meta, { ...options, isTurned: turn.isMirrored || turn.angle !== 0 });
}

/** Hands metadata to the encoders of formats that take none afterwards: names for AVIF, XMP for AVIF and TIFF. */
export function applyMetadata(image: Sharp, format: Plan["format"], kept: KeptMetadata | null): Sharp {
  if (kept === null || (format !== "avif" && format !== "tiff")) return image;
  if (kept.xmp !== null) image.withXmp(kept.xmp);
  if (format === "avif" && kept.exif !== null) {
    const { artist, copyright } = kept;
    const fields = { ...(copyright !== null && { Copyright: copyright }), ...(artist !== null && { Artist: artist }) };
    image.withExif({ IFD0: fields });
  }
  return image;
}
