import type { Gravity } from "../../options/types.ts";
import { isFixed, place, type Size } from "./gravity.ts";

/** Pixels added on each side of a picture. */
export type Frame = { readonly top: number; readonly right: number; readonly bottom: number; readonly left: number };

export const NO_FRAME: Frame = { top: 0, right: 0, bottom: 0, left: 0 };

/** The frame that puts a picture into a larger canvas; sides of the canvas that are not larger stay. */
export function frameInto(picture: Size, canvas: Size, gravity: Gravity, offsetScale: number): Frame {
  const outer = { width: Math.max(picture.width, canvas.width), height: Math.max(picture.height, canvas.height) };
  if (!isFixed(gravity) || (outer.width === picture.width && outer.height === picture.height)) return NO_FRAME;
  const { left, top } = place({ outer, inner: picture, gravity, offsetScale });
  return { left, top, right: outer.width - picture.width - left, bottom: outer.height - picture.height - top };
}

/** The size of a picture in its frame. */
export function around(size: Size, frame: Frame): Size {
  return { width: size.width + frame.left + frame.right, height: size.height + frame.top + frame.bottom };
}
