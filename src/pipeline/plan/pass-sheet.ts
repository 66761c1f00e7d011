import type { Box } from "./gravity.ts";
import {
  type Canvas,
  EMPTY_PASS,
  type Pass,
  type PixelWork,
  rawSpace,
  resultSpace,
  SLOT_ORDER,
  type Slot,
} from "./pass.ts";

type Changes = Partial<Omit<Pass, "reason" | "output" | "result" | "afterwards">>;

/**
 * Collects steps, in the reference's order, into as few passes as sharp's own order allows. The last pass stays open for the
 * encoder; every other one ends in raw pixels.
 */
export type PassSheet = {
  /** The picture as it stands after the steps so far. */
  canvas(): Canvas;
  /** Whether the open pass has a step in one of these slots. */
  has(...slots: readonly Slot[]): boolean;
  /** How the open pass scales; null = not at all. */
  scaledTo(): Pass["resize"];
  /** Whether the open pass does nothing yet. */
  isEmpty(): boolean;
  /** Puts a step into a slot; opens a new pass, for `reason`, when sharp would run it too early in this one. */
  add(step: { slot: Slot; changes: Changes; canvas?: Canvas; reason: string }): void;
  /** Ends the open pass, unless it does nothing yet. */
  split(reason: string): void;
  /** Work on the raw pixels of the open pass, which ends with it. */
  addPixelWork(work: PixelWork, canvas: Canvas): void;
  /** All passes; the last one's output is meant for the encoder. */
  finish(): readonly Pass[];
};

const SLOTS_BEHIND_CUT = SLOT_ORDER.slice(SLOT_ORDER.indexOf("cut") + 1);

/** An empty sheet for a picture. */
export function openPassSheet(source: Canvas): PassSheet {
  const done: Pass[] = [];
  let canvas = source;
  let changes: Changes = {};
  let reason = "";
  let afterwards: readonly PixelWork[] = [];
  let used: ReadonlySet<Slot> = new Set();

  const isEmpty = () => used.size === 0 && afterwards.length === 0;
  const close = (output: Pass["output"]) =>
    done.push({ ...EMPTY_PASS, ...changes, reason, afterwards, output, result: canvas });
  const startNext = (why: string) => {
    close(rawSpace(canvas));
    changes = {};
    afterwards = [];
    used = new Set();
    reason = why;
  };
  const isTooLateFor = (slot: Slot) =>
    afterwards.length > 0 || SLOT_ORDER.slice(SLOT_ORDER.indexOf(slot)).some((later) => used.has(later));

  // A cut right behind a cut is one cut.
  const mergedCut = ({ slot, changes: added }: { slot: Slot; changes: Changes }): Box | null => {
    const isNext = afterwards.length === 0 && !SLOTS_BEHIND_CUT.some((later) => used.has(later));
    if (slot !== "cut" || !isNext || !changes.cut || !added.cut) return null;
    const { left, top } = changes.cut;
    return { ...added.cut, left: left + added.cut.left, top: top + added.cut.top };
  };

  return {
    canvas: () => canvas,
    has: (...slots) => slots.some((slot) => used.has(slot)),
    scaledTo: () => changes.resize ?? null,
    isEmpty,
    add(step) {
      const merged = mergedCut(step);
      if (merged !== null) {
        changes = { ...changes, cut: merged };
        canvas = step.canvas ?? canvas;
        return;
      }
      if (isTooLateFor(step.slot)) startNext(step.reason);
      changes = { ...changes, ...step.changes };
      used = new Set([...used, step.slot]);
      canvas = step.canvas ?? canvas;
    },
    split(why) {
      if (!isEmpty()) startNext(why);
    },
    addPixelWork(work, next) {
      afterwards = [...afterwards, work];
      canvas = next;
    },
    finish() {
      if (afterwards.length > 0) startNext("encode the raw pixels");
      close(resultSpace(canvas));
      return done;
    },
  };
}
