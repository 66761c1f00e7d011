import type { Sharp } from "sharp";
import { withUprightOrientation } from "../../image/exif.ts";
import type { SourceImage } from "../../image/types.ts";
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

/**
 * The source as AVIF results want it: whoever gives sharp EXIF fields gets the source's orientation tag back with them, which
 * would turn the pixels a second time.
 */
export function uprightSource(job: RenderJob): SourceImage {
  const { source, options, format } = job;
  const { meta, bytes } = source;
  const carriesExif = format === "avif" && (!options.stripMetadata || options.keepCopyright);
  if (!carriesExif || meta.exif === null || meta.orientation === 1) return source;
  return { ...source, bytes: withUprightOrientation(bytes, meta.exif) };
}
