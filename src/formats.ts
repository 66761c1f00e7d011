/**
 * The image formats the program knows, as one table: the vocabulary that URL options, detection, pipeline and
 * HTTP answers share. Facts about a format live here and nowhere else.
 */

type FormatRow = {
  /** Content type of an answer. */
  readonly mime: string;
  /** Extension with its dot, for file names in Content-Disposition. */
  readonly extension: string;
  readonly hasAlpha: boolean;
  /** Whether a file of this format can carry an ICC profile. */
  readonly keepsIcc: boolean;
  /** Whether its encoder takes a quality, and so takes part in `max_bytes`. */
  readonly hasQuality: boolean;
  readonly savesAnimation: boolean;
  /** Whether files carry embedded thumbnails (`enforce_thumbnail`). */
  readonly hasThumbnail: boolean;
  /** Whether it can hold more than 8 bits a channel (`preserve_hdr`). */
  readonly keepsHdr: boolean;
  /** Whether this program can write it (SVG is only passed through). */
  readonly canSave: boolean;
};

/** Source: observed behaviour of the reference, see docs/differences.md for where we can do more. */
export const IMAGE_FORMATS = {
  jpeg: {
    mime: "image/jpeg",
    extension: ".jpg",
    hasAlpha: false,
    keepsIcc: true,
    hasQuality: true,
    savesAnimation: false,
    hasThumbnail: false,
    keepsHdr: false,
    canSave: true,
  },
  jxl: {
    mime: "image/jxl",
    extension: ".jxl",
    hasAlpha: true,
    keepsIcc: true,
    hasQuality: true,
    savesAnimation: false,
    hasThumbnail: false,
    keepsHdr: true,
    canSave: true,
  },
  png: {
    mime: "image/png",
    extension: ".png",
    hasAlpha: true,
    keepsIcc: true,
    hasQuality: false,
    savesAnimation: false,
    hasThumbnail: false,
    keepsHdr: true,
    canSave: true,
  },
  webp: {
    mime: "image/webp",
    extension: ".webp",
    hasAlpha: true,
    keepsIcc: true,
    hasQuality: true,
    savesAnimation: true,
    hasThumbnail: false,
    keepsHdr: false,
    canSave: true,
  },
  gif: {
    mime: "image/gif",
    extension: ".gif",
    hasAlpha: true,
    keepsIcc: false,
    hasQuality: false,
    savesAnimation: true,
    hasThumbnail: false,
    keepsHdr: false,
    canSave: true,
  },
  ico: {
    mime: "image/x-icon",
    extension: ".ico",
    hasAlpha: true,
    keepsIcc: false,
    hasQuality: false,
    savesAnimation: false,
    hasThumbnail: false,
    keepsHdr: false,
    canSave: true,
  },
  svg: {
    mime: "image/svg+xml",
    extension: ".svg",
    hasAlpha: true,
    keepsIcc: false,
    hasQuality: false,
    savesAnimation: false,
    hasThumbnail: false,
    keepsHdr: false,
    canSave: true,
  },
  heic: {
    mime: "image/heif",
    extension: ".heic",
    hasAlpha: true,
    keepsIcc: true,
    hasQuality: true,
    savesAnimation: false,
    hasThumbnail: true,
    keepsHdr: false,
    canSave: false,
  },
  avif: {
    mime: "image/avif",
    extension: ".avif",
    hasAlpha: true,
    keepsIcc: true,
    hasQuality: true,
    savesAnimation: false,
    hasThumbnail: true,
    keepsHdr: true,
    canSave: true,
  },
  bmp: {
    mime: "image/bmp",
    extension: ".bmp",
    hasAlpha: true,
    keepsIcc: false,
    hasQuality: false,
    savesAnimation: false,
    hasThumbnail: false,
    keepsHdr: false,
    canSave: true,
  },
  tiff: {
    mime: "image/tiff",
    extension: ".tiff",
    hasAlpha: true,
    keepsIcc: true,
    hasQuality: true,
    savesAnimation: false,
    hasThumbnail: false,
    keepsHdr: true,
    canSave: true,
  },
} as const satisfies Record<string, FormatRow>;

export type ImageFormat = keyof typeof IMAGE_FORMATS;

/** Names that URLs and variables use; `jpg` is the only second name (not `tif`, not `heif`). */
const NAMES: ReadonlyMap<string, ImageFormat> = new Map<string, ImageFormat>([
  // Object.keys widens to string; the table's keys are exactly ImageFormat.
  ...Object.keys(IMAGE_FORMATS).map((name) => [name, name as ImageFormat] as const),
  ["jpg", "jpeg"],
]);

/** The format of a name as written in a URL (`jpg`, `webp`, …; lower case only), or undefined. */
export function formatFromName(name: string): ImageFormat | undefined {
  return NAMES.get(name);
}

/** All accepted names, for error texts. */
export const FORMAT_NAMES: readonly string[] = [...NAMES.keys()];
