import { choice, decimal } from "./argument.ts";
import { refuseArgument, refuseArgumentCount } from "./option-errors.ts";
import type { Segment, Tail } from "./option-row.ts";
import type { Gravity, Position } from "./types.ts";

export const POSITIONS = ["ce", "no", "so", "ea", "we", "noea", "nowe", "soea", "sowe"] as const satisfies Position[];

/** A gravity as written: the offsets that are not given keep their earlier values. */
export type WrittenGravity = {
  readonly type: Gravity["type"];
  readonly x: number | undefined;
  readonly y: number | undefined;
};

const OFFSET = decimal("offset", { initial: "0" });
const FOCUS = decimal("focus", { min: 0, max: 1, initial: "0" });

/**
 * `type:x:y`. A compass position takes up to two offsets, `fp` exactly two (0…1), `sm` none, not even an empty one.
 * Empty offsets are allowed and keep what was set before, whatever type that belonged to, as in the reference.
 */
export function gravityTail(name: string, types: readonly Gravity["type"][]): Tail<WrittenGravity> {
  const type = choice(name, types, { initial: "ce" });
  return {
    usage: `${name}:[x]:[y]`,
    type: `${type.type}, then offsets`,
    expected: type.expected,
    initial: "ce:0:0",
    control: { kind: "gravity", types },
    most: 3,
    read: (segment, from) => {
      const kind = type.read(segment.arguments[from] ?? "");
      if (kind === undefined) refuseArgument(segment, from, { ...type, expected: expectedType(segment, from, types) });
      const count = segment.arguments.length - from;
      if (kind === "sm" && count > 1) refuseArgumentCount(segment, from + 1, "sm takes no offsets");
      if (kind === "fp" && count < 3) refuseArgumentCount(segment, from + count, "fp takes x and y, both from 0 to 1");
      return { type: kind, x: readOffset(segment, from + 1, kind), y: readOffset(segment, from + 2, kind) };
    },
  };
}

function expectedType(segment: Segment, from: number, types: readonly string[]): string {
  const value = segment.arguments[from];
  const isPlanned = value === "obj" || value === "objw";
  return `one of ${types.join(", ")}${isPlanned ? " (object gravity belongs to imgproxy Pro and is not here yet)" : ""}`;
}

function readOffset(segment: Segment, index: number, kind: Gravity["type"]): number | undefined {
  const text = segment.arguments[index];
  if (text === undefined || text === "") return undefined;
  const argument = kind === "fp" ? FOCUS : OFFSET;
  return argument.read(text) ?? refuseArgument(segment, index, argument);
}

const CENTRE: Gravity = Object.freeze({ type: "ce", x: 0, y: 0 });

/** The gravity that a written one makes of an earlier one. `sm` clears the offsets. */
export function withGravity(earlier: Gravity | null, written: WrittenGravity): Gravity {
  const { x, y } = written.type === "sm" ? CENTRE : (earlier ?? CENTRE);
  return Object.freeze({ type: written.type, x: written.x ?? x, y: written.y ?? y });
}

/** The arguments that make `wanted` whatever was set before. */
export function printGravity(wanted: Gravity): readonly string[] {
  return wanted.type === "sm" ? ["sm"] : [wanted.type, String(wanted.x), String(wanted.y)];
}

export function isSameGravity(one: Gravity | null, other: Gravity | null): boolean {
  if (one === null || other === null) return one === other;
  return one.type === other.type && one.x === other.x && one.y === other.y;
}
