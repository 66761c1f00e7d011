import { describe, expect, test } from "bun:test";
import { AppError } from "../../src/errors.ts";
import { animationFrames, checkFileSize, checkResolution, checkSmallestLoad } from "../../src/image/limits.ts";
import type { ImageMetadata } from "../../src/image/types.ts";
import { GENEROUS } from "./samples.ts";

const still = { format: "png", width: 100, height: 50, pages: 1, isAnimation: false } as ImageMetadata;
const animation = { ...still, format: "gif", pages: 10, isAnimation: true } as ImageMetadata;

/** Kind and message of the error, or null. */
function refusal(check: () => void): string | null {
  try {
    check();
    return null;
  } catch (error) {
    return error instanceof AppError ? `${error.kind}: ${error.message}` : `${error}`;
  }
}

describe("checkResolution", () => {
  test("allows exactly the limit and refuses one pixel more", () => {
    expect(refusal(() => checkResolution(still, 1, { ...GENEROUS, maxSrcResolution: 5000 }))).toBeNull();
    expect(refusal(() => checkResolution(still, 1, { ...GENEROUS, maxSrcResolution: 4999 }))).toBe(
      "invalid_image: the source is 0.005 Mpx (100×50 png), limit 0.004999 Mpx (IMGPROXY_MAX_SRC_RESOLUTION, option max_src_resolution)",
    );
  });

  test("counts the frames that are loaded", () => {
    const limits = { ...GENEROUS, maxSrcResolution: 20_000 };
    expect(refusal(() => checkResolution(animation, 4, limits))).toBeNull();
    expect(refusal(() => checkResolution(animation, 5, limits))).toContain("with 5 frames");
  });

  test("judges an animation by one frame when a frame limit is set, but a single frame by the general limit", () => {
    const limits = { ...GENEROUS, maxSrcResolution: 10, maxAnimationFrameResolution: 5000 };
    expect(refusal(() => checkResolution(animation, 10, limits))).toBeNull();
    expect(refusal(() => checkResolution(animation, 10, { ...limits, maxAnimationFrameResolution: 4999 }))).toContain(
      "IMGPROXY_MAX_ANIMATION_FRAME_RESOLUTION",
    );
    expect(refusal(() => checkResolution(animation, 1, limits))).toContain("IMGPROXY_MAX_SRC_RESOLUTION");
  });

  test("never refuses a drawing", () => {
    expect(
      refusal(() => checkResolution({ ...still, format: "svg" }, 1, { ...GENEROUS, maxSrcResolution: 1 })),
    ).toBeNull();
  });
});

describe("checkSmallestLoad", () => {
  test("refuses a still picture that is too large", () => {
    expect(refusal(() => checkSmallestLoad(still, { ...GENEROUS, maxSrcResolution: 4999 }))).not.toBeNull();
  });

  test("waits with an animation that may still be loaded one way", () => {
    const limits = { ...GENEROUS, maxSrcResolution: 10, maxAnimationFrames: 10, maxAnimationFrameResolution: 5000 };
    expect(refusal(() => checkSmallestLoad(animation, limits))).toBeNull();
    expect(refusal(() => checkSmallestLoad(animation, { ...limits, maxAnimationFrames: 1 }))).not.toBeNull();
    expect(refusal(() => checkSmallestLoad(animation, { ...limits, maxAnimationFrameResolution: 0 }))).not.toBeNull();
  });
});

test("animationFrames is the smaller of frames and limit, and 1 for what is no animation", () => {
  expect(animationFrames(animation, { ...GENEROUS, maxAnimationFrames: 100 })).toBe(10);
  expect(animationFrames(animation, { ...GENEROUS, maxAnimationFrames: 3 })).toBe(3);
  expect(animationFrames({ ...animation, isAnimation: false }, { ...GENEROUS, maxAnimationFrames: 3 })).toBe(1);
});

test("checkFileSize has no limit at 0 and names both sizes above it", () => {
  expect(refusal(() => checkFileSize(1e12, GENEROUS))).toBeNull();
  expect(refusal(() => checkFileSize(100, { ...GENEROUS, maxSrcFileSize: 100 }))).toBeNull();
  expect(refusal(() => checkFileSize(101, { ...GENEROUS, maxSrcFileSize: 100 }))).toContain(
    "101 bytes, limit 100 bytes",
  );
  expect(refusal(() => checkFileSize(0, { ...GENEROUS, maxSrcFileSize: -1 }))).toContain("limit -1 bytes");
});

describe("the longest side", () => {
  const shaped = (width: number, height: number, format = "png") =>
    ({ ...still, width, height, format }) as ImageMetadata;

  test("is limited, since memory goes by rows: both ways, but not for drawings", () => {
    expect(refusal(() => checkSmallestLoad(shaped(262_144, 8), GENEROUS))).toBeNull();
    expect(refusal(() => checkSmallestLoad(shaped(262_145, 8), GENEROUS))).toBe(
      "invalid_image: the source is 262145×8 png, limit 262144 pixels a side",
    );
    expect(refusal(() => checkSmallestLoad(shaped(8, 6_000_000, "bmp"), GENEROUS))).toContain("8×6000000 bmp");
    expect(refusal(() => checkSmallestLoad(shaped(300_000, 8, "svg"), GENEROUS))).toBeNull();
  });
});
