import { describe, expect, test } from "bun:test";
import {
  type Angle,
  compose,
  exifTurn,
  foldTurns,
  NO_TURN,
  swapsSides,
  type Turn,
  toAngle,
  turnBox,
} from "../../../src/pipeline/plan/orientation.ts";

/** Where a point of a 3 × 2 grid goes, by doing the steps one after the other. */
type Grid = readonly (readonly string[])[];

const GRID: Grid = [
  ["a", "b", "c"],
  ["d", "e", "f"],
];

const mirror = (grid: Grid): Grid => grid.map((row) => [...row].reverse());
const quarter = (grid: Grid): Grid =>
  (grid[0] ?? []).map((_, column) => grid.map((row) => row[column] ?? "").reverse());
const turned = (grid: Grid, angle: number): Grid =>
  Array.from({ length: angle / 90 }).reduce<Grid>((result) => quarter(result), grid);

function applied(grid: Grid, { isMirrored, angle }: Turn): Grid {
  return turned(isMirrored ? mirror(grid) : grid, angle);
}

/** EXIF defines where the first row and column of the stored grid are seen; written out for the grid above. */
const SEEN: Readonly<Record<number, string>> = {
  1: "abc/def",
  2: "cba/fed",
  3: "fed/cba",
  4: "def/abc",
  5: "ad/be/cf",
  6: "da/eb/fc",
  7: "fc/eb/da",
  8: "cf/be/ad",
};

const asText = (grid: Grid) => grid.map((row) => row.join("")).join("/");

describe("EXIF orientation", () => {
  test.each(Object.entries(SEEN))("%s shows the picture upright", (orientation, seen) => {
    const exif = exifTurn(Number(orientation));
    const turn = foldTurns({ exif, rotate: 0, flipHorizontal: false, flipVertical: false });
    expect(asText(applied(GRID, turn))).toBe(seen);
  });

  test("means nothing outside 1…8", () => {
    expect(exifTurn(0)).toEqual({ angle: 0, isMirrored: false });
    expect(exifTurn(9)).toEqual({ angle: 0, isMirrored: false });
  });
});

describe("folding turns", () => {
  test("does what the steps do one after the other, in the reference's order", () => {
    for (let orientation = 1; orientation <= 8; orientation++) {
      for (const rotate of [0, 90, 180, 270] as const) {
        for (const flipHorizontal of [false, true]) {
          for (const flipVertical of [false, true]) {
            const exif = exifTurn(orientation);
            let expected = turned(GRID, exif.angle);
            if (exif.isMirrored) expected = mirror(expected);
            expected = turned(expected, rotate);
            if (flipHorizontal) expected = mirror(expected);
            if (flipVertical) expected = [...expected].reverse();
            const turn = foldTurns({ exif, rotate, flipHorizontal, flipVertical });
            expect(asText(applied(GRID, turn))).toBe(asText(expected));
          }
        }
      }
    }
  });

  test("is associative and has no turn as its neutral element", () => {
    const angles: readonly Angle[] = [0, 90, 180, 270];
    const all = angles.flatMap((angle) => [false, true].map((isMirrored) => ({ angle, isMirrored })));
    for (const a of all) {
      expect(compose(a, NO_TURN)).toEqual(a);
      expect(compose(NO_TURN, a)).toEqual(a);
      for (const b of all) {
        for (const c of all) expect(compose(compose(a, b), c)).toEqual(compose(a, compose(b, c)));
      }
    }
  });

  test("knows which angles swap the sides", () => {
    expect([0, 90, 180, 270].map((angle) => swapsSides({ angle: toAngle(angle) }))).toEqual([false, true, false, true]);
    expect(toAngle(450)).toBe(90);
    expect(toAngle(-90)).toBe(270);
  });
});

test("a box is found again after every turn", () => {
  const picture = { width: 3, height: 2 };
  for (const angle of [0, 90, 180, 270] as const) {
    for (const isMirrored of [false, true]) {
      const moved = turnBox({ left: 1, top: 0, width: 2, height: 1 }, picture, { angle, isMirrored });
      const grid = applied(GRID, { angle, isMirrored });
      const seen = grid
        .slice(moved.top, moved.top + moved.height)
        .flatMap((row) => row.slice(moved.left, moved.left + moved.width));
      expect([...seen].sort()).toEqual(["b", "c"]);
    }
  }
});
