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
