import { IMAGE_FORMATS, type ImageFormat } from "../../formats.ts";
import { isSrgbProfile } from "../../image/srgb-profile.ts";
import type { ImageMetadata } from "../../image/types.ts";

/** Colour spaces that pixels are worked on in, by libvips' names. */
export type WorkSpace = "srgb" | "b-w" | "rgb16" | "grey16";

/**
 * What happens to the embedded profile. RGB and grey pictures keep their own numbers until the end (`convert`, `keep`);
 * other spaces were converted through it at the start, and are converted back when it shall be kept (`export`).
 */
export type ProfileFate = "none" | "drop" | "keep" | "convert" | "export";

export type ColourPlan = {
  /** Space to convert to before anything else; null = the pixels are in it already. */
  readonly convertTo: WorkSpace | null;
  readonly isGrey: boolean;
  readonly bits: 8 | 16;
  readonly profile: ProfileFate;
};

export type ColourInput = {
  readonly meta: Pick<ImageMetadata, "space" | "depth" | "icc" | "channels">;
  readonly format: ImageFormat;
  readonly preserveHdr: boolean;
  readonly stripColorProfile: boolean;
};

/** Bytes of an ICC header that the reference compares, by offset: together they name HP's plain sRGB profile. */
const PLAIN_SRGB_MARKS: readonly (readonly [offset: number, bytes: string])[] = [
  [8, "\x02\x10\x00\x00"],
  [16, "RGB "],
  [24, "\x07\xce\x00\x02\x00\x09"],
  [48, "IEC "],
  [52, "sRGB"],
  [80, "HP  "],
];

/** Whether a profile is the common sRGB one, so that converting through it would change nothing. */
export function isPlainSrgb(icc: Uint8Array): boolean {
  return PLAIN_SRGB_MARKS.every(([offset, text]) =>
    [...text].every((char, index) => icc[offset + index] === char.charCodeAt(0)),
  );
}

type SpaceFacts = Pick<ColourPlan, "convertTo" | "isGrey" | "bits"> & {
  /** Whether the profile had to be applied to get into the work space. */
  readonly isImported: boolean;
};

function workSpace(meta: ColourInput["meta"], isHdr: boolean): SpaceFacts {
  const native = { convertTo: null, isImported: false } as const;
  switch (meta.space) {
    case "srgb":
    case "rgb":
      return { ...native, isGrey: false, bits: 8 };
    case "b-w":
      return { ...native, isGrey: true, bits: 8 };
    case "rgb16":
      return isHdr
        ? { ...native, isGrey: false, bits: 16 }
        : { convertTo: "srgb", isGrey: false, bits: 8, isImported: false };
    case "grey16":
      return isHdr
        ? { ...native, isGrey: true, bits: 16 }
        : { convertTo: "b-w", isGrey: true, bits: 8, isImported: false };
    default:
      return isHdr
        ? { convertTo: "rgb16", isGrey: false, bits: 16, isImported: true }
        : { convertTo: "srgb", isGrey: false, bits: 8, isImported: true };
  }
}

/** Colour space, depth and profile of a request. 16 bits survive only with `preserve_hdr` and a format that can hold them. */
export function planColour({ meta, format, preserveHdr, stripColorProfile }: ColourInput): ColourPlan {
  const isHdr = preserveHdr && IMAGE_FORMATS[format].keepsHdr;
  const { isImported, ...space } = workSpace(meta, isHdr);
  return { ...space, profile: profileFate({ meta, format, stripColorProfile, isImported, bits: space.bits }) };
}

type ProfileInput = Pick<ColourInput, "meta" | "format" | "stripColorProfile"> & {
  readonly isImported: boolean;
  readonly bits: 8 | 16;
};

function profileFate({ meta, format, stripColorProfile, isImported, bits }: ProfileInput): ProfileFate {
  // Linear light is device independent: its profile says nothing any more.
  if (meta.icc === null || meta.space === "scrgb") return "none";
  // Our JPEG XL encoder takes sRGB and writes no profile.
  const isKept = !stripColorProfile && IMAGE_FORMATS[format].keepsIcc && format !== "jxl";
  // Only JPEG can hold the four inks that a CMYK profile describes.
  if (isImported) return isKept && meta.space === "cmyk" && format === "jpeg" ? "export" : "drop";
  if (isKept) return "keep";
  return bits === 8 && saysNothing(meta.icc, meta) ? "drop" : "convert";
}

/** Whether numbers of 8 bits stay what they are when they are converted through a profile. */
function saysNothing(icc: Uint8Array, { channels }: ColourInput["meta"]): boolean {
  return isPlainSrgb(icc) || (channels >= 3 && isSrgbProfile(icc));
}
