/**
 * Turning a picture. EXIF turn and mirror, `rotate` and `flip` fold into one element of the square's eight symmetries, written
 * "mirror left-right first, then turn clockwise": the only order in which libvips' wrapper applies the two.
 */

export type Angle = 0 | 90 | 180 | 270;

/** Mirror left-right first, then turn clockwise. */
export type Turn = { readonly isMirrored: boolean; readonly angle: Angle };

export const NO_TURN: Turn = { isMirrored: false, angle: 0 };

/** What an EXIF orientation asks for, in the reference's words: turn clockwise, then mirror left-right. */
export type ExifTurn = { readonly angle: Angle; readonly isMirrored: boolean };

const EXIF_TURNS: Readonly<Record<number, ExifTurn>> = {
  2: { angle: 0, isMirrored: true },
  3: { angle: 180, isMirrored: false },
  4: { angle: 180, isMirrored: true },
  5: { angle: 90, isMirrored: true },
  6: { angle: 90, isMirrored: false },
  7: { angle: 270, isMirrored: true },
  8: { angle: 270, isMirrored: false },
};

/** The turn of an EXIF orientation 1…8; anything else asks for none. */
export function exifTurn(orientation: number): ExifTurn {
  return EXIF_TURNS[orientation] ?? { angle: 0, isMirrored: false };
}

/** Narrows a sum of quarter turns. */
export function toAngle(degrees: number): Angle {
  const turned = (((degrees % 360) + 360) % 360) as Angle; // multiples of 90 come in, so one of the four comes out
  return turned;
}

/** `first`, then `second`, as one turn. A mirror behind a turn equals the opposite turn behind the mirror. */
export function compose(first: Turn, second: Turn): Turn {
  const carried = second.isMirrored ? -first.angle : first.angle;
  return { isMirrored: first.isMirrored !== second.isMirrored, angle: toAngle(carried + second.angle) };
}

export type TurnRequest = {
  readonly exif: ExifTurn;
  readonly rotate: Angle;
  readonly flipHorizontal: boolean;
  readonly flipVertical: boolean;
};

/** All turns of a request in the reference's order: EXIF turn, EXIF mirror, `rotate`, `flip` left-right, `flip` top-bottom. */
export function foldTurns(request: TurnRequest): Turn {
  const steps: readonly Turn[] = [
    { isMirrored: false, angle: request.exif.angle },
    { isMirrored: request.exif.isMirrored, angle: 0 },
    { isMirrored: false, angle: request.rotate },
    { isMirrored: request.flipHorizontal, angle: 0 },
    // Top-bottom is left-right followed by half a turn.
    { isMirrored: request.flipVertical, angle: request.flipVertical ? 180 : 0 },
  ];
  return steps.reduce(compose, NO_TURN);
}

/** Whether a turn swaps width and height. */
export function swapsSides(turn: { readonly angle: Angle }): boolean {
  return turn.angle === 90 || turn.angle === 270;
}

type Sides = { readonly width: number; readonly height: number };
type Corner = { readonly left: number; readonly top: number };

/** Where a box of a picture lies after the picture is turned. */
export function turnBox(box: Corner & Sides, picture: Sides, turn: Turn): Corner & Sides {
  const left = turn.isMirrored ? picture.width - box.left - box.width : box.left;
  const right = picture.width - left - box.width;
  const bottom = picture.height - box.top - box.height;
  const { width, height, top } = box;
  switch (turn.angle) {
    case 0:
      return { left, top, width, height };
    case 90:
      return { left: bottom, top: left, width: height, height: width };
    case 180:
      return { left: right, top: bottom, width, height };
    case 270:
      return { left: top, top: right, width: height, height: width };
  }
}
