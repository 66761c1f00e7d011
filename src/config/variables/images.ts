import { base64, optionalFile } from "../types/file-types.ts";
import { DEFAULT_FORMAT_QUALITY, formatList, formatQuality, resultFormatList } from "../types/list-types.ts";
import { float, int } from "../types/number-types.ts";
import { bool, lenientBool, oneOf, text } from "../types/text-types.ts";
import { optional, variable } from "../variable.ts";

/** Which format an answer has. */
export const FORMAT_VARIABLES = {
  autoWebp: variable("IMGPROXY_AUTO_WEBP", bool, false, {
    doc: "Answer with WebP when the client accepts it and the URL names no format.",
  }),
  enforceWebp: variable("IMGPROXY_ENFORCE_WEBP", bool, false, {
    doc: "Answer with WebP when the client accepts it, even when the URL names another format.",
  }),
  autoAvif: variable("IMGPROXY_AUTO_AVIF", bool, false, { doc: "As IMGPROXY_AUTO_WEBP, for AVIF." }),
  enforceAvif: variable("IMGPROXY_ENFORCE_AVIF", bool, false, { doc: "As IMGPROXY_ENFORCE_WEBP, for AVIF." }),
  autoJxl: variable("IMGPROXY_AUTO_JXL", bool, false, { doc: "As IMGPROXY_AUTO_WEBP, for JPEG XL." }),
  enforceJxl: variable("IMGPROXY_ENFORCE_JXL", bool, false, { doc: "As IMGPROXY_ENFORCE_WEBP, for JPEG XL." }),
  enableClientHints: variable("IMGPROXY_ENABLE_CLIENT_HINTS", lenientBool, false, {
    doc: "Take width and DPR from client hints where the URL gives none.",
  }),
  preferredFormats: variable("IMGPROXY_PREFERRED_FORMATS", resultFormatList, ["jpeg", "png", "gif"], {
    doc: "Formats of results when none is asked for: the source's when it is listed, else the first that suits.",
  }),
  skipProcessingFormats: variable("IMGPROXY_SKIP_PROCESSING_FORMATS", formatList, [], {
    doc: "Sources of these formats are returned as they are, unless another format is asked for.",
  }),
  alwaysRasterizeSvg: variable("IMGPROXY_ALWAYS_RASTERIZE_SVG", bool, false, {
    doc: "Turn SVG sources into pixels unless SVG is asked for.",
  }),
};

/** How results are encoded. */
export const COMPRESSION_VARIABLES = {
  quality: variable("IMGPROXY_QUALITY", int({ min: 1, max: 100 }), 80, {
    doc: "Quality of formats that IMGPROXY_FORMAT_QUALITY does not name.",
  }),
  formatQuality: variable("IMGPROXY_FORMAT_QUALITY", formatQuality, DEFAULT_FORMAT_QUALITY, {
    doc: "`FORMAT=QUALITY,…`; formats not named keep the defaults.",
  }),
  jpegProgressive: variable("IMGPROXY_JPEG_PROGRESSIVE", bool, false, { doc: "Progressive JPEG." }),
  pngInterlaced: variable("IMGPROXY_PNG_INTERLACED", bool, false, { doc: "Interlaced PNG." }),
  pngQuantize: variable("IMGPROXY_PNG_QUANTIZE", bool, false, { doc: "PNG with a palette." }),
  pngQuantizationColors: variable("IMGPROXY_PNG_QUANTIZATION_COLORS", int({ min: 2, max: 256 }), 256, {
    doc: "Most colours of the palette.",
  }),
  webpEffort: variable("IMGPROXY_WEBP_EFFORT", int({ min: 1, max: 6 }), 4, {
    doc: "Effort of the WebP encoder; more is smaller and slower.",
  }),
  webpPreset: variable(
    "IMGPROXY_WEBP_PRESET",
    oneOf(["default", "photo", "picture", "drawing", "icon", "text"]),
    "default",
    { doc: "What the WebP encoder should expect." },
  ),
  avifSpeed: variable("IMGPROXY_AVIF_SPEED", int({ min: 0, max: 9 }), 8, {
    doc: "Speed of the AVIF encoder; more is faster and larger.",
  }),
  jxlEffort: variable("IMGPROXY_JXL_EFFORT", int({ min: 1, max: 9 }), 4, {
    doc: "Effort of the JPEG XL encoder; more is smaller and slower.",
  }),
};

/** Defaults of options and ways of processing. */
export const PROCESSING_VARIABLES = {
  stripMetadata: variable("IMGPROXY_STRIP_METADATA", bool, true, { doc: "Remove metadata from results." }),
  keepCopyright: variable("IMGPROXY_KEEP_COPYRIGHT", bool, true, {
    doc: "Keep copyright notes when metadata is removed.",
  }),
  stripColorProfile: variable("IMGPROXY_STRIP_COLOR_PROFILE", bool, true, {
    doc: "Convert to sRGB and remove the colour profile.",
  }),
  autoRotate: variable("IMGPROXY_AUTO_ROTATE", bool, true, { doc: "Turn images as their EXIF orientation says." }),
  enforceThumbnail: variable("IMGPROXY_ENFORCE_THUMBNAIL", bool, false, {
    doc: "Use the thumbnail that HEIC and AVIF sources carry.",
  }),
  preserveHdr: variable("IMGPROXY_PRESERVE_HDR", bool, false, {
    doc: "Keep more than 8 bits a channel where source and result can.",
  }),
  useLinearColorspace: variable("IMGPROXY_USE_LINEAR_COLORSPACE", bool, false, {
    doc: "Resize in linear light: truer and slower.",
  }),
  disableShrinkOnLoad: variable("IMGPROXY_DISABLE_SHRINK_ON_LOAD", bool, false, {
    doc: "Decode JPEG and WebP at full size always.",
  }),
};

/** The image that is served when a source cannot be. */
export const FALLBACK_VARIABLES = {
  fallbackImageData: optional("IMGPROXY_FALLBACK_IMAGE_DATA", base64, {
    doc: "Fallback image in base64; wins over path and URL.",
  }),
  fallbackImagePath: variable("IMGPROXY_FALLBACK_IMAGE_PATH", optionalFile, "", {
    doc: "File of the fallback image; wins over the URL.",
  }),
  fallbackImageUrl: variable("IMGPROXY_FALLBACK_IMAGE_URL", text, "", {
    doc: "Source URL of the fallback image, fetched once at start.",
  }),
  fallbackImageHttpCode: variable("IMGPROXY_FALLBACK_IMAGE_HTTP_CODE", int({ min: 100, max: 599, also: [0] }), 200, {
    doc: "Status sent with the fallback image; 0 = the status of the error.",
  }),
  fallbackImageTtlSeconds: variable("IMGPROXY_FALLBACK_IMAGE_TTL", int({ min: 0 }), 0, {
    doc: "`max-age` of the fallback image, in seconds; 0 = IMGPROXY_TTL.",
  }),
};

/** The image that the `watermark` option draws. */
export const WATERMARK_VARIABLES = {
  watermarkData: optional("IMGPROXY_WATERMARK_DATA", base64, {
    doc: "Watermark in base64; wins over path and URL.",
  }),
  watermarkPath: variable("IMGPROXY_WATERMARK_PATH", optionalFile, "", {
    doc: "File of the watermark; wins over the URL.",
  }),
  watermarkUrl: variable("IMGPROXY_WATERMARK_URL", text, "", {
    doc: "Source URL of the watermark, fetched once at start.",
  }),
  watermarkOpacity: variable("IMGPROXY_WATERMARK_OPACITY", float({ above: 0, max: 1 }), 1, {
    doc: "Opacity that the option's is multiplied with.",
  }),
};
