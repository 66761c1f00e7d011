import { AppError } from "../../errors.ts";
import type { Size } from "./gravity.ts";
import type { Plan } from "./plan.ts";

/** Pixels that a picture may have between two steps: a gigabyte of RGBA. */
const MOST_PIXELS = 2 ** 28;

/**
 * Refuses a plan whose pictures no machine should hold, before a pixel is made. The reference has no such limit but
 * IMGPROXY_MAX_RESULT_DIMENSION, which is off by default. Throws `unsupported_target`.
 */
export function checkPlan(plan: Plan, frames: number): void {
  const sizes: readonly Size[] = [plan.load.size, ...plan.passes.map(({ result }) => result)];
  const tooLarge = sizes.find(({ width, height }) => width * height * frames > MOST_PIXELS);
  if (tooLarge === undefined) return;
  const what = `${tooLarge.width}×${tooLarge.height}${frames > 1 ? ` in ${frames} frames` : ""}`;
  throw new AppError("unsupported_target", `a picture of ${what} is above ${MOST_PIXELS / 2 ** 20} × 2^20 pixels`, {
    hint: "Ask for a smaller result, or set IMGPROXY_MAX_RESULT_DIMENSION.",
  });
}
