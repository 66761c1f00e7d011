import { FORMAT_NAMES, formatFromName, type ImageFormat } from "../formats.ts";
import type { ArgumentControl } from "./control.ts";
import { readDecimal, readInteger } from "./read-number.ts";
import type { Rgb } from "./types.ts";

/** `required`: must be there. `trailing`: may be missing but not empty. `skippable`: missing or empty keeps what was set before. */
export type Presence = "required" | "trailing" | "skippable";

/** One argument of an option: its name, how it is written, what it may be, and how its text becomes a value and back. */
export type Argument<T, P extends Presence = Presence> = {
  readonly name: string;
  readonly presence: P;
  /** For the reference page: `integer ≥ 0`. */
  readonly type: string;
  /** Ends the sentence "width must be …". */
  readonly expected: string;
  /** The default as the reference page shows it. */
  readonly initial: string;
  /** Where only certain words are allowed: what a wrong one may have been meant to be. */
  readonly choices?: readonly string[];
  /** How a form edits it. */
  readonly control: ArgumentControl;
  /** The value of a text, or undefined when it is not allowed. */
  read(text: string): T | undefined;
  print(value: T): string;
};

type Common = { readonly initial: string };
type Range = Common & {
  readonly min?: number;
  readonly max?: number;
  readonly above?: number;
  /** What a slider offers where more is allowed. */
  readonly usual?: readonly [from: number, to: number];
};

/** Turns a required argument into one that may be left out or empty, which keeps the earlier value. */
export function skippable<T>(argument: Argument<T>): Argument<T, "skippable"> {
  return { ...argument, presence: "skippable" };
}

/** Turns a required argument into one that may be left out, but not empty. */
export function trailing<T>(argument: Argument<T>): Argument<T, "trailing"> {
  return { ...argument, presence: "trailing" };
}

/** A whole number. */
export function integer(name: string, range: Range): Argument<number, "required"> {
  return number(name, range, { noun: "a whole number", type: "integer", read: readInteger });
}

/** A finite number. */
export function decimal(name: string, range: Range): Argument<number, "required"> {
  return number(name, range, { noun: "a number", type: "number", read: readDecimal });
}

type NumberKind = {
  readonly noun: string;
  readonly type: string;
  readonly read: (text: string) => number | undefined;
};

function number(name: string, range: Range, kind: NumberKind): Argument<number, "required"> {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, above = Number.NEGATIVE_INFINITY } = range;
  const words = rangeWords(range);
  return {
    name,
    presence: "required",
    type: words.symbol === "" ? kind.type : `${kind.type} ${words.symbol}`,
    expected: words.sentence === "" ? kind.noun : `${kind.noun} ${words.sentence}`,
    initial: range.initial,
    control: {
      kind: "number",
      isWhole: kind.type === "integer",
      min: range.min ?? range.above ?? null,
      max: range.max ?? null,
      usual: range.usual ?? null,
    },
    read: (text) => {
      const value = kind.read(text);
      return value !== undefined && value >= min && value <= max && value > above ? value : undefined;
    },
    print: String,
  };
}

function rangeWords({ min, max, above }: Range): { readonly symbol: string; readonly sentence: string } {
  if (min !== undefined && max !== undefined) return { symbol: `${min}…${max}`, sentence: `from ${min} to ${max}` };
  if (min !== undefined) return { symbol: `≥ ${min}`, sentence: `not below ${min}` };
  if (above !== undefined) return { symbol: `> ${above}`, sentence: `above ${above}` };
  return { symbol: "", sentence: "" };
}

const TRUE_WORDS: ReadonlySet<string> = new Set(["1", "t", "T", "true", "TRUE", "True"]);

/** Every other word is false and never an error, as in the reference: `yes`, `on`, and the empty text too. */
export function flag(name: string, { initial }: Common): Argument<boolean, "required"> {
  return {
    name,
    presence: "required",
    type: "boolean",
    expected: "1 or 0 (or t, true, f, false)",
    initial,
    control: { kind: "flag" },
    read: (text) => TRUE_WORDS.has(text),
    print: (value) => (value ? "1" : "0"),
  };
}

/** One of a few words. */
export function choice<const Word extends string>(
  name: string,
  words: readonly Word[],
  { initial }: Common,
): Argument<Word, "required"> {
  const known = new Map<string, Word>(words.map((word) => [word, word]));
  return {
    name,
    presence: "required",
    type: words.map((word) => `\`${word}\``).join(" "),
    expected: `one of ${words.join(", ")}`,
    initial,
    choices: words,
    control: { kind: "choice", words },
    read: (text) => known.get(text),
    print: String,
  };
}

/** The name of an image format. */
export function format(name: string, { initial }: Common): Argument<ImageFormat, "required"> {
  return {
    name,
    presence: "required",
    type: FORMAT_NAMES.map((word) => `\`${word}\``).join(" "),
    expected: `an image format (${FORMAT_NAMES.join(", ")})`,
    initial,
    choices: FORMAT_NAMES,
    control: { kind: "format" },
    read: formatFromName,
    print: String,
  };
}

const HEX_COLOR = /^(?:[\da-fA-F]{3}|[\da-fA-F]{6})$/;

/** `rgb` or `rrggbb` in hexadecimal, without a `#`. */
export function color(name: string, { initial }: Common): Argument<Rgb, "required"> {
  return {
    name,
    presence: "required",
    type: "colour `rgb` or `rrggbb`",
    expected: "a colour of 3 or 6 hexadecimal digits without #",
    initial,
    control: { kind: "color" },
    read: readColor,
    print: ({ r, g, b }) => ((r << 16) | (g << 8) | b).toString(16).padStart(6, "0"),
  };
}

function readColor(text: string): Rgb | undefined {
  if (!HEX_COLOR.test(text)) return undefined;
  const value = Number.parseInt(text, 16);
  if (text.length === 6) return Object.freeze({ r: value >> 16, g: (value >> 8) & 0xff, b: value & 0xff });
  // Each digit of the short form stands for itself twice: 0x11 times the digit.
  return Object.freeze({ r: (value >> 8) * 0x11, g: ((value >> 4) & 0xf) * 0x11, b: (value & 0xf) * 0x11 });
}

/** Any text, the empty one too. */
export function text(name: string, { initial }: Common): Argument<string, "required"> {
  return {
    name,
    presence: "required",
    type: "text",
    expected: "a text",
    initial,
    control: { kind: "text" },
    read: (value) => value,
    print: String,
  };
}
