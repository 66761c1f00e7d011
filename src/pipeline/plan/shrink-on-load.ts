import type { Size } from "./gravity.ts";
import { roundHalfAway, roundHalfEven } from "./rounding.ts";

/** How a decoder makes the picture smaller while it reads. */
export type LoadShrink =
  | { readonly kind: "none"; readonly size: Size }
  /** The decoder's own 1/2, 1/4, 1/8. */
  | { readonly kind: "jpeg"; readonly factor: 2 | 4 | 8; readonly size: Size }
  /** Any factor: the decoder renders at `scale`. */
  | { readonly kind: "webp" | "svg"; readonly scale: number; readonly size: Size };

export type LoadShrinkInput = {
  readonly decoder: "jpeg" | "webp" | "svg" | "other";
  /** Size of the whole source and its scale factors, both in stored axes. */
  readonly source: Size;
  readonly scaleX: number;
  readonly scaleY: number;
  /** Off for animation frames, after trim, and with IMGPROXY_DISABLE_SHRINK_ON_LOAD (drawings still). */
  readonly isAllowed: boolean;
};

/** How much the whole source may be shrunk while it is read: the smaller of the two axes' factors. */
function preShrink({ source, scaleX, scaleY }: LoadShrinkInput): number {
  const width = Math.max(1, roundHalfAway(source.width * scaleX));
  const height = Math.max(1, roundHalfAway(source.height * scaleY));
  return Math.min(source.width / width, source.height / height);
}

function jpegFactor(shrink: number): 1 | 2 | 4 | 8 {
  if (shrink >= 8) return 8;
  if (shrink >= 4) return 4;
  return shrink >= 2 ? 2 : 1;
}

/** What the decoder does for a request. The size is that of the loaded picture. */
export function planLoadShrink(input: LoadShrinkInput): LoadShrink {
  const { source } = input;
  const none: LoadShrink = { kind: "none", size: source };
  if (!input.isAllowed) return none;
  const shrink = preShrink(input);
  const scaled = (round: (side: number) => number): Size => ({
    width: Math.max(1, round(source.width * (1 / shrink))),
    height: Math.max(1, round(source.height * (1 / shrink))),
  });
  switch (input.decoder) {
    case "jpeg": {
      const factor = jpegFactor(shrink);
      if (factor === 1) return none;
      return {
        kind: "jpeg",
        factor,
        size: {
          width: Math.max(1, Math.floor(source.width / factor)),
          height: Math.max(1, Math.floor(source.height / factor)),
        },
      };
    }
    case "webp":
      return shrink > 1 ? { kind: "webp", scale: 1 / shrink, size: scaled(roundHalfEven) } : none;
    case "svg":
      return shrink === 1 ? none : { kind: "svg", scale: 1 / shrink, size: scaled(roundHalfAway) };
    case "other":
      return none;
  }
}

/**
 * The factor that sharp chooses by itself for a JPEG in memory when the whole picture is resized: the reference's, but halved
 * where the total shrink is just above it. Where both agree the bytes need no file name.
 */
export function sharpJpegFactor(
  source: Size,
  resize: { readonly width: number | null; readonly height: number | null },
): 1 | 2 | 4 | 8 {
  const shrinkX = resize.width === null ? Number.POSITIVE_INFINITY : source.width / resize.width;
  const shrinkY = resize.height === null ? Number.POSITIVE_INFINITY : source.height / resize.height;
  const shrink = Math.min(shrinkX, shrinkY);
  const factor = jpegFactor(shrink);
  if (factor === 1 || Math.trunc(shrink) !== factor) return factor;
  return factor === 8 ? 4 : factor === 4 ? 2 : 1;
}
