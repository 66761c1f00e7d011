import { describe, expect, test } from "bun:test";
import { resampledSide, roundHalfAway, roundHalfEven, smallerSet } from "../../../src/pipeline/plan/rounding.ts";

describe("rounding", () => {
  test.each([
    [0.5, 1],
    [1.5, 2],
    [2.5, 3],
    [2.4999, 2],
    [-0.5, -1],
    [-2.5, -3],
    [-0.4, 0],
    [0, 0],
  ])("sends halves away from zero: %p becomes %p", (value, expected) => {
    expect(roundHalfAway(value)).toBe(expected);
  });

  test.each([
    [0.5, 0],
    [1.5, 2],
    [2.5, 2],
    [3.5, 4],
    [-0.5, 0],
    [-1.5, -2],
    [-2.5, -2],
    [2.51, 3],
  ])("sends halves to even numbers: %p becomes %p", (value, expected) => {
    expect(roundHalfEven(value)).toBe(expected);
  });

  test("rounds a resampled side to the nearest pixel", () => {
    expect(resampledSide(400, 151.5 / 400)).toBe(152);
    expect(resampledSide(450, 64 / 450)).toBe(64);
    expect(resampledSide(3, 1 / 7)).toBe(0);
    // 100 / (1 / 1.045) is just below 104.5.
    expect(resampledSide(100, 1 / (100 / 104.5))).toBe(105);
    expect(resampledSide(100, 1 / (100 / 143.5))).toBe(143);
  });

  test("takes a side of zero as not set", () => {
    expect(smallerSet(0, 7)).toBe(7);
    expect(smallerSet(7, 0)).toBe(7);
    expect(smallerSet(5, 7)).toBe(5);
    expect(smallerSet(0, 0)).toBe(0);
  });
});
