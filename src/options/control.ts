import type { ImageFormat } from "../formats.ts";
import type { Gravity } from "./types.ts";

/** How a form edits one argument. Plain data, so that it can be sent to a page. */
export type ArgumentControl =
  | {
      readonly kind: "number";
      readonly isWhole: boolean;
      /** What is allowed; null = unbounded. */
      readonly min: number | null;
      readonly max: number | null;
      /** What a slider offers where more is allowed; null = as allowed, or no slider. */
      readonly usual: readonly [from: number, to: number] | null;
    }
  | { readonly kind: "choice"; readonly words: readonly string[] }
  | { readonly kind: "flag" | "format" | "color" | "text" }
  /** Unix seconds. */
  | { readonly kind: "time" }
  /** Accepted and ignored: nothing to edit. */
  | { readonly kind: "none" };

/** How a form edits the last arguments of an option where they are read as one. */
export type TailControl =
  | { readonly kind: "gravity"; readonly types: readonly Gravity["type"][] }
  | { readonly kind: "color" | "file-name" | "presets" }
  | { readonly kind: "formats" }
  /** Pairs of one of the formats and a quality. */
  | { readonly kind: "format-qualities"; readonly formats: readonly ImageFormat[] };
