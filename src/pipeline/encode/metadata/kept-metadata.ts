import { readExifFields, withUprightOrientation } from "../../../image/exif.ts";
import { filterIptcCopyright } from "../../../image/iptc.ts";
import type { ImageMetadata } from "../../../image/types.ts";
import { filterXmpCopyright } from "../../../image/xmp.ts";
import { buildExif } from "./exif-block.ts";

/** What of a source's metadata goes into a result. */
export type KeptMetadata = {
  /** A TIFF structure without the `Exif\0\0` before it. */
  readonly exif: Uint8Array | null;
  readonly xmp: string | null;
  /** Bare IPTC records. */
  readonly iptc: Uint8Array | null;
  readonly artist: string | null;
  readonly copyright: string | null;
};

export type KeepOptions = {
  readonly stripMetadata: boolean;
  readonly keepCopyright: boolean;
  /** Whether the pixels were turned, so that the tag must not turn them again. */
  readonly isTurned: boolean;
};

const NOTHING: KeptMetadata = { exif: null, xmp: null, iptc: null, artist: null, copyright: null };
const EXIF_PREFIX = Buffer.from("Exif\0\0", "latin1");

/**
 * Metadata of a result: everything with `strip_metadata:0`, else the names and rights with `keep_copyright`, else nothing.
 * null = nothing is to be written.
 */
export function keptMetadata(meta: ImageMetadata, options: KeepOptions): KeptMetadata | null {
  const kept = options.stripMetadata
    ? options.keepCopyright
      ? copyrightOf(meta)
      : NOTHING
    : everythingOf(meta, options);
  return kept.exif === null && kept.xmp === null && kept.iptc === null ? null : kept;
}

function copyrightOf(meta: ImageMetadata): KeptMetadata {
  const { artist, copyright } = namesIn(meta);
  return {
    artist,
    copyright,
    exif: artist === null && copyright === null ? null : buildExif({ artist, copyright }),
    xmp: meta.xmp === null ? null : filterXmpCopyright(meta.xmp),
    iptc: meta.iptc === null ? null : filterIptcCopyright(meta.iptc),
  };
}

function namesIn({ exif }: ImageMetadata): Pick<KeptMetadata, "artist" | "copyright"> {
  return exif === null ? NOTHING : readExifFields(exif);
}

function everythingOf(meta: ImageMetadata, { isTurned }: KeepOptions): KeptMetadata {
  const { artist, copyright } = namesIn(meta);
  // Decoders that turn by themselves leave a tag of 1 in the metadata, whatever the block says.
  const isUpright = isTurned || meta.orientation === 1;
  const exif = meta.exif === null ? null : withoutPrefix(meta.exif);
  return {
    artist,
    copyright,
    exif: exif !== null && isUpright ? withUprightOrientation(exif, exif) : exif,
    xmp: meta.xmp,
    iptc: meta.iptc,
  };
}

function withoutPrefix(exif: Uint8Array): Uint8Array {
  return EXIF_PREFIX.equals(exif.subarray(0, EXIF_PREFIX.length)) ? exif.subarray(EXIF_PREFIX.length) : exif;
}
