import type { ImageFormat } from "../formats.ts";
import type { CropOptions, ExtendOptions, Gravity, PipelineOptions, ProcessingOptions } from "./types.ts";

/** The settings that are defaults of options. Property names are those of `Config`. */
export type DefaultSettings = {
  readonly autoRotate: boolean;
  readonly stripMetadata: boolean;
  readonly keepCopyright: boolean;
  readonly stripColorProfile: boolean;
  readonly preserveHdr: boolean;
  readonly enforceThumbnail: boolean;
  readonly skipProcessingFormats: readonly ImageFormat[];
  readonly returnAttachment: boolean;
  /** Pixels. */
  readonly maxSrcResolution: number;
  /** Bytes; 0 = no limit. */
  readonly maxSrcFileSize: number;
  readonly maxAnimationFrames: number;
  /** Pixels; 0 = not checked. */
  readonly maxAnimationFrameResolution: number;
  /** Pixels; 0 or below = no limit. */
  readonly maxResultDimension: number;
};

const CENTRE: Gravity = Object.freeze({ type: "ce", x: 0, y: 0 });
const NOT_EXTENDED: ExtendOptions = Object.freeze({ isEnabled: false, gravity: CENTRE });
const NOT_CROPPED: CropOptions = Object.freeze({ width: 0, height: 0, gravity: null });

const NO_QUALITIES: ProcessingOptions["formatQuality"] = Object.freeze({});
const NO_FORMATS: readonly ImageFormat[] = Object.freeze([]);

const PIPELINE_DEFAULTS: Omit<PipelineOptions, "autoRotate"> = Object.freeze({
  resizingType: "fit",
  width: 0,
  height: 0,
  minWidth: 0,
  minHeight: 0,
  zoomX: 1,
  zoomY: 1,
  dpr: 1,
  enlarge: false,
  extend: NOT_EXTENDED,
  extendAspectRatio: NOT_EXTENDED,
  gravity: CENTRE,
  crop: NOT_CROPPED,
  trim: Object.freeze({
    isEnabled: false,
    threshold: 0,
    color: null,
    hasEqualHorizontal: false,
    hasEqualVertical: false,
  }),
  padding: Object.freeze({ top: 0, right: 0, bottom: 0, left: 0 }),
  rotate: 0,
  flipHorizontal: false,
  flipVertical: false,
  background: null,
  blur: 0,
  sharpen: 0,
  pixelate: 0,
  watermark: Object.freeze({ opacity: 0, position: "ce", x: 0, y: 0, scale: 0 }),
});

/** What a URL without any option asks for, frozen, every field present. */
export function defaultOptions(settings: DefaultSettings): ProcessingOptions {
  return Object.freeze({
    pipelines: Object.freeze([Object.freeze({ ...PIPELINE_DEFAULTS, autoRotate: settings.autoRotate })] as const),
    format: null,
    quality: 0,
    formatQuality: NO_QUALITIES,
    maxBytes: 0,
    skipProcessing:
      settings.skipProcessingFormats.length === 0 ? NO_FORMATS : Object.freeze([...settings.skipProcessingFormats]),
    raw: false,
    stripMetadata: settings.stripMetadata,
    keepCopyright: settings.keepCopyright,
    stripColorProfile: settings.stripColorProfile,
    preserveHdr: settings.preserveHdr,
    enforceThumbnail: settings.enforceThumbnail,
    cachebuster: "",
    bypassCache: false,
    expires: 0,
    filename: null,
    returnAttachment: settings.returnAttachment,
    maxSrcResolution: settings.maxSrcResolution,
    maxSrcFileSize: settings.maxSrcFileSize,
    maxAnimationFrames: settings.maxAnimationFrames,
    maxAnimationFrameResolution: settings.maxAnimationFrameResolution,
    maxResultDimension: settings.maxResultDimension,
  });
}
