import type { ImageFormat } from "../formats.ts";

/** The nine compass positions. */
export type Position = "ce" | "no" | "so" | "ea" | "we" | "noea" | "nowe" | "soea" | "sowe";

/**
 * Where a smaller box sits in a larger one. `x` and `y` are offsets for the nine positions
 * (|v| ≥ 1 pixels, |v| < 1 a fraction of the outer side) and the focus point 0…1 for `fp`; `sm` (smart) ignores them.
 */
export type Gravity = {
  readonly type: Position | "sm" | "fp";
  readonly x: number;
  readonly y: number;
};

/** A colour, 0…255 a channel. */
export type Rgb = { readonly r: number; readonly g: number; readonly b: number };

export type ResizingType = "fit" | "fill" | "fill-down" | "force" | "auto";

/** `extend` and `extend_aspect_ratio`. The gravity is never `sm`. */
export type ExtendOptions = { readonly isEnabled: boolean; readonly gravity: Gravity };

/** 0 = not set (the full side), below 1 a fraction, from 1 pixels. `gravity: null` = the general gravity. */
export type CropOptions = { readonly width: number; readonly height: number; readonly gravity: Gravity | null };

/** `color: null` = take the top-left pixel. */
export type TrimOptions = {
  readonly isEnabled: boolean;
  readonly threshold: number;
  readonly color: Rgb | null;
  readonly hasEqualHorizontal: boolean;
  readonly hasEqualVertical: boolean;
};

/** Pixels before `dpr`. */
export type PaddingOptions = {
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly left: number;
};

/** `opacity` 0 = off. `scale` 0 = natural size, else fraction of the result it is fitted into. `re` tiles. */
export type WatermarkOptions = {
  readonly opacity: number;
  readonly position: Position | "re";
  readonly x: number;
  readonly y: number;
  readonly scale: number;
};

/** What one pass of the pipeline does to pixels. Sizes are in pixels, 0 = not set. */
export type PipelineOptions = {
  readonly resizingType: ResizingType;
  readonly width: number;
  readonly height: number;
  readonly minWidth: number;
  readonly minHeight: number;
  readonly zoomX: number;
  readonly zoomY: number;
  readonly dpr: number;
  readonly enlarge: boolean;
  readonly extend: ExtendOptions;
  readonly extendAspectRatio: ExtendOptions;
  readonly gravity: Gravity;
  readonly crop: CropOptions;
  readonly trim: TrimOptions;
  readonly padding: PaddingOptions;
  readonly autoRotate: boolean;
  /** Clockwise, after the EXIF turn. */
  readonly rotate: 0 | 90 | 180 | 270;
  readonly flipHorizontal: boolean;
  readonly flipVertical: boolean;
  /** null = none (transparent where the format can, else white). */
  readonly background: Rgb | null;
  /** Gaussian sigma in pixels, 0 = off. */
  readonly blur: number;
  readonly sharpen: number;
  /** Block size in pixels; 0 and 1 = off. */
  readonly pixelate: number;
  readonly watermark: WatermarkOptions;
};

/**
 * Everything a URL asks for: frozen, every field present. `options/` alone makes one.
 * `pipelines` holds one element; chained pipelines will add to it.
 */
export type ProcessingOptions = {
  readonly pipelines: readonly [PipelineOptions, ...PipelineOptions[]];
  /** null = automatic. */
  readonly format: ImageFormat | null;
  /** 1…100; 0 = by format. */
  readonly quality: number;
  /** Only what the URL and the presets set; the defaults of the configuration are the encoder's business. 0 = fall through. */
  readonly formatQuality: Readonly<Partial<Record<ImageFormat, number>>>;
  /** 0 = off. */
  readonly maxBytes: number;
  /** Source formats returned as they are; those of the configuration included. */
  readonly skipProcessing: readonly ImageFormat[];
  readonly raw: boolean;
  readonly stripMetadata: boolean;
  readonly keepCopyright: boolean;
  readonly stripColorProfile: boolean;
  readonly preserveHdr: boolean;
  readonly enforceThumbnail: boolean;
  readonly cachebuster: string;
  /** Neither take the result from where results are kept nor keep it. */
  readonly bypassCache: boolean;
  /** Unix seconds; 0 = never. */
  readonly expires: number;
  /** Stem of the file name as given, decoded when it came encoded; null = from the source. */
  readonly filename: string | null;
  readonly returnAttachment: boolean;
  /** Pixels (width × height × frames). */
  readonly maxSrcResolution: number;
  /** Bytes; 0 = no limit, below 0 every source is too large. */
  readonly maxSrcFileSize: number;
  readonly maxAnimationFrames: number;
  /** Pixels; 0 = use `maxSrcResolution` over all frames. */
  readonly maxAnimationFrameResolution: number;
  /** Pixels a side; 0 or below = no limit. */
  readonly maxResultDimension: number;
};
