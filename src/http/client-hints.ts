import type { ProcessingOptions } from "../options/types.ts";

const MAX_DPR = 8;

/** What the browser says of the place the image is for; undefined = nothing usable. */
export type ClientHints = {
  readonly dpr: number | undefined;
  /** Physical pixels. */
  readonly width: number | undefined;
};

/** Reads `Sec-CH-DPR` or `DPR` (above 0, at most 8) and `Sec-CH-Width` or `Width` (a positive whole number). */
export function clientHints(request: Headers): ClientHints {
  return {
    dpr: firstUsable([request.get("sec-ch-dpr"), request.get("dpr")], parseDpr),
    width: firstUsable([request.get("sec-ch-width"), request.get("width")], parseWidth),
  };
}

function firstUsable(
  values: readonly (string | null)[],
  parse: (text: string) => number | undefined,
): number | undefined {
  for (const value of values) {
    const parsed = value === null ? undefined : parse(value.trim());
    if (parsed !== undefined) return parsed;
  }
  return undefined;
}

function parseDpr(text: string): number | undefined {
  const dpr = /^\d+(?:\.\d+)?$|^\.\d+$/.test(text) ? Number(text) : 0;
  return dpr > 0 && dpr <= MAX_DPR ? dpr : undefined;
}

function parseWidth(text: string): number | undefined {
  const width = /^\d+$/.test(text) ? Number(text) : 0;
  return width > 0 && Number.isSafeInteger(width) ? width : undefined;
}

/**
 * Options with the hints as defaults of `width` and `dpr`: what the URL sets stays. The hinted width is in physical
 * pixels, so it is divided by the ratio that the result will be multiplied with. An explicit `dpr:1` cannot be told from
 * none, and counts as none.
 */
export function withClientHints(options: ProcessingOptions, hints: ClientHints): ProcessingOptions {
  const [pipeline, ...others] = options.pipelines;
  const dpr = pipeline.dpr === 1 ? (hints.dpr ?? 1) : pipeline.dpr;
  const width =
    pipeline.width === 0 && hints.width !== undefined ? Math.max(1, Math.round(hints.width / dpr)) : pipeline.width;
  return { ...options, pipelines: [{ ...pipeline, dpr, width }, ...others] };
}
