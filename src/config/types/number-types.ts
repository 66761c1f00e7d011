import { bad, good, type Parsed, type ValueType } from "./value-type.ts";

type Range = {
  readonly min?: number;
  readonly max?: number;
  /** Excludes the bound itself: "greater than". */
  readonly above?: number;
  /** Single values allowed outside the range. */
  readonly also?: readonly number[];
};

/** The longest a JavaScript timer can wait (2³¹ − 1 ms), in whole seconds: 24 days. */
const MAX_TIMER_SECONDS = 2_147_483;
const PIXELS_IN_MEGAPIXEL = 1_000_000;

/** A whole number as the reference reads it (Go's `strconv.Atoi`): optional sign, decimal digits, at most 64 bits, no blanks. */
export function int(range: Range = {}): ValueType<number> {
  return {
    name: "int",
    expected: describeRange("a whole number", range),
    parse: (text) => inRange(readInt(text), range),
    print: String,
  };
}

/** A decimal number; infinities and NaN are refused, since every limit they set would be nonsense. */
export function float(range: Range = {}): ValueType<number> {
  return {
    name: "float",
    expected: describeRange("a number", range),
    parse: (text) => inRange(readFloat(text), range),
    print: String,
  };
}

/** Stands for `auto` until `deriveValues` settles it. */
export const AUTO_COUNT = 0;

/** A number of things, at least 1, or `auto`: as many as fit the machine. */
export function countOrAuto(max: number): ValueType<number> {
  return {
    name: "int or auto",
    expected: `auto or ${describeRange("a whole number", { min: 1, max })}`,
    parse: (text) => (text === "auto" ? good(AUTO_COUNT) : inRange(readInt(text), { min: 1, max })),
    print: String,
  };
}

/** A duration in whole seconds that a timer waits for: lowered, with a warning, to what a timer can take. */
export function seconds(range: Range): ValueType<number> {
  return {
    name: "seconds",
    expected: describeRange("a whole number of seconds", range),
    parse: (text) => {
      const parsed = inRange(readInt(text), range);
      if (!parsed.isGood || parsed.value <= MAX_TIMER_SECONDS) return parsed;
      return good(MAX_TIMER_SECONDS, `is lowered to ${MAX_TIMER_SECONDS} seconds, the longest that a timer can wait`);
    },
    print: String,
  };
}

/** A whole number of milliseconds. */
export function milliseconds(range: Range = {}): ValueType<number> {
  return { ...int(range), name: "milliseconds", expected: describeRange("a whole number of milliseconds", range) };
}

/** Megapixels in the text (fractions allowed), whole pixels in the value. Without a range, values below 0 become 0. */
export function megapixels(range: Range = {}): ValueType<number> {
  return {
    name: "megapixels",
    expected: describeRange("a number of megapixels", range),
    parse: (text) => {
      const parsed = inRange(readFloat(text), range);
      return parsed.isGood ? good(Math.max(0, Math.trunc(parsed.value * PIXELS_IN_MEGAPIXEL))) : parsed;
    },
    print: (pixels) => String(pixels / PIXELS_IN_MEGAPIXEL),
  };
}

function readInt(text: string): Parsed<number> {
  if (!/^[+-]?\d+$/.test(text)) return bad(blankReason(text));
  const isIn64Bits = BigInt.asIntN(64, BigInt(text.replace("+", ""))) === BigInt(text.replace("+", ""));
  return isIn64Bits ? good(Number(text)) : bad("it does not fit into 64 bits");
}

function readFloat(text: string): Parsed<number> {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return bad(blankReason(text));
  const value = Number(text);
  return Number.isFinite(value) ? good(value) : bad("it is too large");
}

function blankReason(text: string): string | undefined {
  return text === text.trim() ? undefined : "there are blanks around the number";
}

function inRange(parsed: Parsed<number>, range: Range): Parsed<number> {
  if (!parsed.isGood || range.also?.includes(parsed.value)) return parsed;
  const { value } = parsed;
  const isBelow = value < (range.min ?? Number.NEGATIVE_INFINITY) || value <= (range.above ?? Number.NEGATIVE_INFINITY);
  return isBelow || value > (range.max ?? Number.POSITIVE_INFINITY) ? bad() : parsed;
}

function describeRange(noun: string, { min, max, above, also = [] }: Range): string {
  const rest = also.map((value) => ` or ${value}`).join("");
  if (above !== undefined)
    return `${noun} greater than ${above}${max === undefined ? "" : ` and at most ${max}`}${rest}`;
  if (min !== undefined && max !== undefined) return `${noun} from ${min} to ${max}${rest}`;
  if (min !== undefined) return `${noun}, ${min} or more${rest}`;
  return noun;
}
