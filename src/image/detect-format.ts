import type { ImageFormat } from "../formats.ts";
import { hasSvgElement } from "./svg/has-svg-element.ts";

/** What is known of a source besides its bytes. Only camera RAW files, which look like TIFF, need it. */
export type FormatHint = {
  /** Extension of the source URL's path, with or without the dot. */
  readonly extension?: string | undefined;
  /** Content-Type of the source's answer. */
  readonly contentType?: string | undefined;
};

/** Bytes that detection looks at. */
const DETECTION_BYTES = 32 * 1024;

type Signature = { readonly format: ImageFormat; readonly pattern: readonly (number | null)[] };

/** `?` stands for any byte; everything else is one byte of the signature. */
function signature(format: ImageFormat, ...parts: readonly (string | readonly number[])[]): Signature {
  const pattern = parts.flatMap((part) =>
    typeof part === "string" ? [...part].map((char) => (char === "?" ? null : char.charCodeAt(0))) : [...part],
  );
  return { format, pattern };
}

const HEIC_BRANDS = ["heic", "heix", "hevc", "heim", "heis", "hevm", "hevs", "mif1"];

/** Tried in this order, the first match wins. The list is the reference's. */
const SIGNATURES: readonly Signature[] = [
  signature("jpeg", [0xff, 0xd8]),
  signature("jxl", [0xff, 0x0a]),
  signature("jxl", [0, 0, 0, 0x0c], "JXL ", [0x0d, 0x0a, 0x87, 0x0a]),
  signature("png", [0x89], "PNG", [0x0d, 0x0a, 0x1a, 0x0a]),
  signature("webp", "RIFF????WEBP"),
  signature("gif", "GIF8?a"),
  signature("ico", [0, 0, 1, 0]),
  ...HEIC_BRANDS.map((brand) => signature("heic", "????ftyp", brand)),
  signature("avif", "????ftypavif"),
  signature("bmp", "BM"),
  signature("tiff", "II*", [0]),
  signature("tiff", "MM", [0], "*"),
];

const RAW_EXTENSIONS =
  "3fr adng arw cap cr2 cr3 crw data dcr dng eip erf fff gpr iiq k25 kdc mef moc mos mdc mrw nef nrw orf ori pef ppm proraw raf raw rw2 rwl sr2 srf srw x3f";
const IS_RAW_EXTENSION = new Set(RAW_EXTENSIONS.split(" "));
/** `image/x-nef` as well as `image/x-nikon-nef`. */
const RAW_CONTENT_TYPE = new RegExp(`^image/x-(?:[a-z0-9]+-)?(?:${RAW_EXTENSIONS.replaceAll(" ", "|")})$`);

/**
 * The format of a file by its content; undefined when it is none of ours. Extension and content type are ignored, but
 * that TIFF-like bytes called a camera RAW type are not TIFF. Looks at the first 32 KiB at most and never throws.
 */
export function detectFormat(bytes: Uint8Array, hint: FormatHint = {}): ImageFormat | undefined {
  const found = SIGNATURES.find(({ pattern }) => startsWith(bytes, pattern))?.format;
  if (found === "tiff" && isCameraRaw(hint)) return undefined;
  if (found !== undefined) return found;
  return hasSvgElement(bytes.subarray(0, DETECTION_BYTES)) ? "svg" : undefined;
}

function startsWith(bytes: Uint8Array, pattern: Signature["pattern"]): boolean {
  return bytes.length >= pattern.length && pattern.every((byte, index) => byte === null || bytes[index] === byte);
}

function isCameraRaw({ extension = "", contentType = "" }: FormatHint): boolean {
  const type = contentType.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  return IS_RAW_EXTENSION.has(extension.replace(/^\./, "").toLowerCase()) || RAW_CONTENT_TYPE.test(type);
}
