import { describe, expect, test } from "bun:test";
import type { Gravity, Position } from "../../../src/options/types.ts";
import { type FixedGravity, gravityBefore, isFixed, place } from "../../../src/pipeline/plan/gravity.ts";
import { exifTurn, foldTurns, turnBox } from "../../../src/pipeline/plan/orientation.ts";
import { randomNumbers } from "../requests.ts";

const OUTER = { width: 100, height: 60 };
const INNER = { width: 40, height: 20 };

function at(type: FixedGravity["type"], x = 0, y = 0, offsetScale = 1): string {
  const { left, top } = place({ outer: OUTER, inner: INNER, gravity: { type, x, y }, offsetScale });
  return `${left},${top}`;
}

describe("positions", () => {
  test.each([
    ["ce", "30,20"],
    ["no", "30,0"],
    ["so", "30,40"],
    ["we", "0,20"],
    ["ea", "60,20"],
    ["nowe", "0,0"],
    ["noea", "60,0"],
    ["sowe", "0,40"],
    ["soea", "60,40"],
  ] as const)("%s lies at %s", (type, expected) => {
    expect(at(type)).toBe(expected);
  });

  test.each([
    ["nowe", 7, 9, "7,9"],
    ["soea", 7, 9, "53,31"],
    ["ce", 7, -9, "37,11"],
    ["no", -7, 9, "23,9"],
    ["nowe", 0.1, 0.1, "10,6"],
    ["soea", 0.1, 0.1, "50,34"],
    ["nowe", 1000, 1000, "60,40"],
    ["nowe", -5, -5, "0,0"],
  ] as const)("%s with offsets %p, %p lies at %s", (type, x, y, expected) => {
    expect(at(type, x, y)).toBe(expected);
  });

  test("scales pixel offsets with the dpr, rounding to even, and leaves fractions alone", () => {
    expect(at("nowe", 5, 7, 1.5)).toBe("8,10");
    expect(at("nowe", 0.1, 0.1, 1.5)).toBe("10,6");
  });

  test.each([
    [0, 30, "0"],
    [1, 30, "1"],
    [2, 30, "2"],
    [4, 30, "2"],
    [5, 30, "3"],
    [6, 30, "4"],
  ])("a gap of %p pixels puts the centre where the reference has it", (gap, inner, left) => {
    const placed = place({
      outer: { width: inner + gap, height: 1 },
      inner: { width: inner, height: 1 },
      gravity: { type: "ce", x: 0, y: 0 },
      offsetScale: 1,
    });
    expect(String(placed.left)).toBe(left);
  });

  test("a focus point is the middle of the box, as far as the picture reaches", () => {
    expect(at("fp", 0.5, 0.5)).toBe("30,20");
    expect(at("fp", 0, 1)).toBe("0,40");
    expect(at("fp", 0.4, 0.4)).toBe("20,14");
  });

  test("marks may hang over by all but one pixel", () => {
    const hang = (x: number, y: number) =>
      place({ outer: OUTER, inner: INNER, gravity: { type: "nowe", x, y }, offsetScale: 1, mayOverhang: true });
    expect(hang(-15, -5)).toEqual({ left: -15, top: -5 });
    expect(hang(-500, 500)).toEqual({ left: -39, top: 59 });
  });

  test("smart gravity is no arithmetic", () => {
    expect(isFixed({ type: "sm", x: 0, y: 0 })).toBe(false);
    expect(isFixed({ type: "fp", x: 0, y: 0 })).toBe(true);
  });
});

describe("gravity before a turn", () => {
  const before = (gravity: Gravity, angle: number, flipHorizontal = false, flipVertical = false) =>
    gravityBefore(gravity, { angle, flipHorizontal, flipVertical });

  test.each([
    ["noea", 1, 2, 90, "nowe", 2, 1],
    ["no", 1, 2, 90, "we", 2, -1],
    ["ea", 1, 2, 90, "no", 2, 1],
    ["ce", 1, 2, 90, "ce", 2, -1],
    ["ce", 1, 2, 180, "ce", -1, -2],
    ["no", 1, 2, 180, "so", -1, 2],
    ["noea", 1, 2, 180, "sowe", 1, 2],
    ["no", 1, 2, 270, "ea", 2, 1],
    ["ea", 1, 2, 270, "so", -2, 1],
    ["soea", 1, 2, 270, "sowe", 2, 1],
    ["fp", 0.2, 0.3, 90, "fp", 0.3, 0.8],
    ["fp", 0.2, 0.3, 180, "fp", 0.8, 0.7],
    ["fp", 0.2, 0.3, 270, "fp", 0.7, 0.2],
  ] as const)("%s %p,%p turned by %p was %s %p,%p", (type, x, y, angle, oldType, oldX, oldY) => {
    const old = before({ type, x, y }, angle);
    expect(old.type).toBe(oldType);
    expect(old.x).toBeCloseTo(oldX, 12);
    expect(old.y).toBeCloseTo(oldY, 12);
  });

  test("mirrors swap sides and turn the offsets that point along them", () => {
    expect(before({ type: "noea", x: 1, y: 2 }, 0, true)).toEqual({ type: "nowe", x: 1, y: 2 });
    expect(before({ type: "no", x: 1, y: 2 }, 0, true)).toEqual({ type: "no", x: -1, y: 2 });
    expect(before({ type: "noea", x: 1, y: 2 }, 0, false, true)).toEqual({ type: "soea", x: 1, y: 2 });
    expect(before({ type: "ea", x: 1, y: 2 }, 0, false, true)).toEqual({ type: "ea", x: 1, y: -2 });
    expect(before({ type: "fp", x: 0.2, y: 0.3 }, 0, true, true)).toEqual({ type: "fp", x: 0.8, y: 0.7 });
  });

  test("corner boxes land on the same pixels whichever side of the turn they are placed on", () => {
    const corners: readonly Position[] = ["nowe", "noea", "sowe", "soea"];
    const random = randomNumbers(7);
    for (let orientation = 1; orientation <= 8; orientation++) {
      for (const rotate of [0, 90, 180, 270] as const) {
        for (const [flipHorizontal, flipVertical] of [
          [false, false],
          [true, false],
          [false, true],
          [true, true],
        ] as const) {
          const exif = exifTurn(orientation);
          const turn = foldTurns({ exif, rotate, flipHorizontal, flipVertical });
          const isTurned = turn.angle % 180 !== 0;
          const stored = { width: 90, height: 50 };
          const turned = isTurned ? { width: 50, height: 90 } : stored;
          const inner = { width: 20, height: 30 };
          const innerStored = isTurned ? { width: 30, height: 20 } : inner;
          for (const type of corners) {
            const gravity = { type, x: 1 + Math.floor(random() * 9), y: 1 + Math.floor(random() * 9) };
            const undone = gravityBefore(gravityBefore(gravity, { angle: rotate, flipHorizontal, flipVertical }), {
              angle: exif.angle,
              flipHorizontal: exif.isMirrored,
              flipVertical: false,
            });
            if (!isFixed(undone)) throw new Error("corners stay corners");
            const box = place({ outer: stored, inner: innerStored, gravity: undone, offsetScale: 1 });
            const moved = turnBox({ ...box, ...innerStored }, stored, turn);
            expect(moved).toEqual({ ...place({ outer: turned, inner, gravity, offsetScale: 1 }), ...inner });
          }
        }
      }
    }
  });
});
