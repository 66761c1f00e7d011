import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Config, loadConfig } from "../../src/config/config.ts";
import { compileRequestSettings } from "../../src/http/read-request.ts";
import { configureSharp } from "../../src/image/configure-sharp.ts";
import { readSourceImage } from "../../src/image/read-source-image.ts";
import type { ExactLoader, ImageMetadata } from "../../src/image/types.ts";
import type { ImageCodecs } from "../../src/image/wasm/image-codecs.ts";
import { applyExtension, parseOptions } from "../../src/options/parse-options.ts";
import type { ProcessingOptions } from "../../src/options/types.ts";
import { processImage } from "../../src/pipeline/process-image.ts";
import type { Watermark } from "../../src/pipeline/render/overlay.ts";
import { loadWatermark } from "../../src/pipeline/render/watermark.ts";
import type { AcceptedFormats, RenderedImage } from "../../src/pipeline/types.ts";

configureSharp();

export type Variables = Readonly<Record<string, string>>;

const DAY_ZERO = 0;
const NEVER = new AbortController().signal;
export const NOBODY: AcceptedFormats = { webp: false, avif: false, jxl: false };
const LIMITS = {
  maxSrcResolution: 50_000_000,
  maxSrcFileSize: 0,
  maxAnimationFrames: 1,
  maxAnimationFrameResolution: 0,
} as const;

export function configOf(variables: Variables = {}): Config {
  return loadConfig({ IMGPROXY_ALLOW_SECURITY_OPTIONS: "true", ...variables }).config;
}

/** Options as a URL writes them, `rs:fit:10:10/g:no`, with an optional `@format` behind. */
export function optionsOf(text: string, variables: Variables = {}): ProcessingOptions {
  const [segments = "", extension = ""] = text.split("@");
  const rules = compileRequestSettings(configOf(variables)).options;
  const options = parseOptions(segments.split("/").filter(Boolean), rules, DAY_ZERO);
  return applyExtension(options, extension);
}

/** Metadata of a plain picture, for planning without a file. */
export function metaOf(facts: Partial<ImageMetadata> = {}): ImageMetadata {
  return {
    format: "png",
    width: 400,
    height: 300,
    orientation: 1,
    pages: 1,
    isAnimation: false,
    delays: [],
    loop: 0,
    hasAlpha: false,
    space: "srgb",
    depth: "uchar",
    channels: 3,
    paletteBits: 0,
    icc: null,
    exif: null,
    xmp: null,
    iptc: null,
    compression: null,
    svgDensity: null,
    ...facts,
  };
}

/** Codecs for tests that need none: whoever calls them fails the test. */
export const NO_CODECS: ImageCodecs = {
  decodeHeic: () => Promise.reject(new Error("no HEIC here")),
  decodeJxl: () => Promise.reject(new Error("no JPEG XL here")),
  encodeJxl: () => Promise.reject(new Error("no JPEG XL here")),
  measureSvg: () => Promise.reject(new Error("no hard drawings here")),
  drawSvg: () => Promise.reject(new Error("no hard drawings here")),
  encodeSvg: () => Promise.reject(new Error("no hard drawings here")),
  close: () => Promise.resolve(),
};

/** Lends names to bytes through files of the system's temporary folder. */
export const TEMPORARY_FILES: ExactLoader = {
  async withFile(bytes, use) {
    const folder = mkdtempSync(join(tmpdir(), "imgproxy-pipeline-"));
    try {
      const path = join(folder, "source");
      writeFileSync(path, bytes);
      return await use(path);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

export type RunOptions = {
  readonly variables?: Variables;
  readonly accepted?: Partial<AcceptedFormats>;
  readonly watermark?: Watermark | null;
  readonly exactLoader?: ExactLoader | null;
  readonly codecs?: ImageCodecs;
  readonly signal?: AbortSignal;
};

/** Reads, plans, renders and encodes: what the server does between source and answer. */
export async function run(bytes: Uint8Array, text: string, given: RunOptions = {}): Promise<RenderedImage> {
  const { variables = {}, signal = NEVER } = given;
  const options = optionsOf(text, variables);
  const unlimited = { png: false, svg: false, tiff: false };
  const codecs = given.codecs ?? NO_CODECS;
  const source = await readSourceImage(bytes, { hint: {}, limits: options, unlimited, codecs, signal });
  return processImage({
    source,
    options,
    accepted: { ...NOBODY, ...given.accepted },
    settings: configOf(variables),
    watermark: given.watermark ?? null,
    exactLoader: given.exactLoader === undefined ? TEMPORARY_FILES : given.exactLoader,
    codecs,
    signal,
  });
}

export function watermarkOf(bytes: Uint8Array): Promise<Watermark> {
  return loadWatermark(bytes, {
    hint: {},
    limits: LIMITS,
    settings: configOf(),
    exactLoader: TEMPORARY_FILES,
    codecs: NO_CODECS,
    signal: NEVER,
  });
}

/** Seeded numbers from 0 up to, not including, 1. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
