import { describe, expect, test } from "bun:test";
import { planFrameStrip } from "../../../src/pipeline/plan/frame-strip.ts";
import { EMPTY_PASS, type Pass } from "../../../src/pipeline/plan/pass.ts";

const FRAME = { width: 320, height: 240 };

function pass(changes: Partial<Pass>, width = 160, height = 120): Pass {
  const result = { width, height, hasAlpha: true, isGrey: false, bits: 8 as const };
  return { ...EMPTY_PASS, output: "srgb", resize: { width, height }, result, ...changes };
}

describe("frames are scaled together", () => {
  test("when every frame can begin at the same phase", () => {
    expect(planFrameStrip(pass({}), FRAME)).toEqual({
      before: 8,
      block: 1,
      period: 256,
      scaledPeriod: 128,
      scaledBefore: 4,
      width: 160,
      scaled: { width: 160, height: 120 },
    });
  });

  test.each([
    ["blocks are averaged first", pass({}, 40, 30), FRAME],
    ["the factor is a fraction", pass({}, 256, 192), FRAME],
    ["one side follows from the other", pass({ resize: { width: 160, height: null } }), FRAME],
    ["it is a crooked fraction, and a phase comes near", pass({}, 160, 99), { width: 480, height: 271 }],
    ["one side follows, and is rounded", pass({ resize: { width: 159, height: null } }), FRAME],
    ["the other side follows, and is rounded", pass({ resize: { width: null, height: 101 } }), FRAME],
    ["they are cut afterwards", pass({ cut: { left: 10, top: 4, width: 100, height: 100 } }), FRAME],
  ])("when %s", (_, given, frame) => {
    const plan = planFrameStrip(given, frame);
    if (plan === null) throw new Error("frame by frame");
    const { before, block, period, scaledPeriod, scaledBefore } = plan;
    const { width, height } = given.resize ?? {};
    const factor = height ? frame.height / height : frame.width / (width ?? 1);
    expect(period).toBeGreaterThanOrEqual(before + frame.height + 4 * factor);
    expect(before).toBeGreaterThanOrEqual(4 * factor);
    expect(before % block).toBe(0);
    expect(period % block).toBe(0);
    // The first and the last row of the result lie where those of the frame alone would, within 1/250 of one.
    const rows = height ?? Math.round(frame.height / factor);
    const halved = (rows * factor - frame.height) / 2;
    for (const row of [0.5, rows - 0.5]) {
      const there = ((scaledBefore + row) * period) / scaledPeriod - before;
      expect(Math.abs(there - (row * factor - halved)) / factor).toBeLessThan(0.005);
    }
  });
});

describe("frames are scaled one by one", () => {
  test.each([
    ["no number of rows gives them the same phase", pass({}, 400, 169), { width: 500, height: 212 }],
    ["they get larger", pass({}, 640, 480), FRAME],
    ["they are not scaled", pass({ resize: null }), FRAME],
    ["they are turned", pass({ turn: { isMirrored: false, angle: 90 } }), FRAME],
    ["they are blurred", pass({ blur: 2 }), FRAME],
    ["they are cut before", pass({ crop: { left: 0, top: 0, width: 9, height: 9 } }), FRAME],
    ["they are so low that repeated rows would be most of the work", pass({}, 4000, 6), { width: 8000, height: 12 }],
    ["they are so large that few would share a run", pass({}, 450, 300), { width: 900, height: 600 }],
  ])("when %s", (_, given, frame) => {
    expect(planFrameStrip(given, frame)).toBeNull();
  });
});
