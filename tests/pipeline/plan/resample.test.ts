import { describe, expect, test } from "bun:test";
import { planResample, type Resample } from "../../../src/pipeline/plan/resample.ts";
import { randomNumbers } from "../requests.ts";

describe("whole targets", () => {
  test("need no scaling at a factor of one", () => {
    expect(planResample({ width: 40, height: 30 }, 1, 1)).toEqual({ kind: "none", size: { width: 40, height: 30 } });
  });

  test("with one factor for both axes are asked for by the side that is whole", () => {
    expect(planResample({ width: 400, height: 300 }, 150 / 400, 150 / 400)).toEqual({
      kind: "direct",
      width: 150,
      height: null,
      size: { width: 150, height: 113 },
    });
    expect(planResample({ width: 300, height: 400 }, 150 / 400, 150 / 400)).toEqual({
      kind: "direct",
      width: null,
      height: 150,
      size: { width: 113, height: 150 },
    });
  });

  test("with a factor for each axis are asked for by both sides", () => {
    expect(planResample({ width: 400, height: 300 }, 0.5, 1)).toEqual({
      kind: "direct",
      width: 200,
      height: 300,
      size: { width: 200, height: 300 },
    });
  });

  test("never vanish", () => {
    expect(planResample({ width: 1000, height: 2 }, 0.01, 0.01).size).toEqual({ width: 10, height: 1 });
  });
});

/** Where the centre of a result pixel comes from in the source, for a plan and as libvips means it. */
function misplacement(
  side: number,
  scale: number,
  plan: Extract<Resample, { kind: "padded" }>,
  axis: "x" | "y",
): number {
  const { before, after, resized, skip } = plan[axis];
  const size = axis === "x" ? plan.size.width : plan.size.height;
  const shrink = 1 / scale;
  const centring = shrink > 1 ? (size * shrink - side) / 2 : 0;
  const given = (side + before + after) / resized;
  const errors = [0, size - 1].map((index) => {
    const wanted = (index + 0.5) * shrink - centring;
    return Math.abs((index + skip + 0.5) * given - before - wanted) / shrink;
  });
  return Math.max(...errors);
}

describe("fractional targets", () => {
  test("are reached by continuing the edges", () => {
    const plan = planResample({ width: 400, height: 300 }, 151.5 / 400, 151.5 / 400);
    expect(plan.size).toEqual({ width: 152, height: 114 });
    if (plan.kind !== "padded") throw new Error(`151.5 pixels are ${plan.kind}`);
    expect(misplacement(400, 151.5 / 400, plan, "x")).toBeLessThan(0.01);
    expect(misplacement(300, 151.5 / 400, plan, "y")).toBeLessThan(0.01);
  });

  test("stay within the continued picture and closer than a plain resize", () => {
    const random = randomNumbers(99);
    let padded = 0;
    for (let round = 0; round < 300; round++) {
      const side = 50 + Math.floor(random() * 700);
      const scale = 0.2 + random() * 1.6;
      const plan = planResample({ width: side, height: side }, scale, scale);
      if (plan.kind !== "padded") continue;
      padded++;
      for (const { before, after, resized, skip } of [plan.x, plan.y]) {
        expect(Math.min(before, after, skip)).toBeGreaterThanOrEqual(0);
        expect(resized).toBeGreaterThanOrEqual(skip + plan.size.width);
      }
      const plain =
        (scale < 1 ? plan.size.width / 2 : plan.size.width) * Math.abs(side / plan.size.width / (1 / scale) - 1);
      expect(misplacement(side, scale, plan, "x")).toBeLessThan(plain);
    }
    expect(padded).toBeGreaterThan(200);
  });

  test("are worth a pass more when they are off by a few hundredths of a pixel, in large pictures by a tenth", () => {
    const square = (side: number, target: number) =>
      planResample({ width: side, height: side }, target / side, target / side).kind;
    expect(square(450, 280.1)).toBe("padded");
    expect(square(900, 560.1)).toBe("direct");
    expect(square(1000, 750.5)).toBe("padded");
  });

  test("of very large pictures are left a fraction of a pixel off", () => {
    expect(planResample({ width: 6000, height: 4000 }, 151.5 / 6000, 0.5).kind).toBe("direct");
  });
});
