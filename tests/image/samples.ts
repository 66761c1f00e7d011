import { join } from "node:path";
import type { SourceLimits } from "../../src/image/limits.ts";
import { readSourceImage } from "../../src/image/read-source-image.ts";
import type { RawImage, SourceImage } from "../../src/image/types.ts";
import type { ImageCodecs } from "../../src/image/wasm/image-codecs.ts";
import { NO_CODECS } from "./wasm/no-codecs.ts";

export const NEVER = new AbortController().signal;
const NOT_UNLIMITED = { png: false, svg: false, tiff: false } as const;
export const GENEROUS: SourceLimits = {
  maxSrcResolution: 50_000_000,
  maxSrcFileSize: 0,
  maxAnimationFrames: 1,
  maxAnimationFrameResolution: 0,
};

/** A file kept beside the tests. */
export function fixture(name: string): Promise<Uint8Array> {
  return Bun.file(join(import.meta.dir, "fixtures", name)).bytes();
}

export function read(
  bytes: Uint8Array,
  limits: Partial<SourceLimits> = {},
  codecs: ImageCodecs = NO_CODECS,
): Promise<SourceImage> {
  const options = { hint: {}, limits: { ...GENEROUS, ...limits }, unlimited: NOT_UNLIMITED, codecs, signal: NEVER };
  return readSourceImage(bytes, options);
}

/** Samples of one pixel. */
export function pixelAt({ data, width, channels, bits }: RawImage, x: number, y: number): number[] {
  const samples = bits === 16 ? new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2) : data;
  return [...samples.subarray((y * width + x) * channels, (y * width + x + 1) * channels)];
}

/** Whether colours differ by no more than lossy coding makes them. */
export function isNear(actual: readonly number[], expected: readonly number[], tolerance = 8): boolean {
  return actual.length === expected.length && actual.every((v, i) => Math.abs(v - (expected[i] ?? 0)) <= tolerance);
}

/** Seeded numbers from 0 up to, not including, 1. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
