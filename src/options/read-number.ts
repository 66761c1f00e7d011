/**
 * Numbers as URLs write them. The accepted spellings are those of the reference (Go's `strconv`), so that a URL means the
 * same here; only `nan` and `inf`, which it lets through to its own harm, are refused. See docs/differences.md.
 */

const INTEGER = /^[+-]?\d+$/;
const MAX_INT64 = "9223372036854775807";

// Every pattern here is linear and free of repeated groups, which are slow on a megabyte of digits.
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const HEXADECIMAL = /^([+-]?)0[xX](?:([\da-fA-F]+)(?:\.([\da-fA-F]*))?|\.([\da-fA-F]+))[pP]([+-]?\d+)$/;
/** An underscore that does not stand between digits (or, hexadecimal, behind the `0x`). */
const STRAY_UNDERSCORE = /(?<![\da-fA-FxX])_|_(?![\da-fA-F])/;
const STRAY_DECIMAL_UNDERSCORE = /(?<!\d)_|_(?!\d)/;

/**
 * A whole number in decimal digits with an optional sign, within 64 bits, or undefined. Beyond 2^53 it becomes the
 * nearest whole number that a double holds exactly: no option tells such numbers apart.
 */
export function readInteger(text: string): number | undefined {
  if (!INTEGER.test(text)) return undefined;
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value + 0; // "-0" is 0
  return isInt64(text) ? Math.sign(value) * Number.MAX_SAFE_INTEGER : undefined;
}

function isInt64(text: string): boolean {
  const digits = text.replace(/^[+-]?0*/, "");
  if (digits.length !== MAX_INT64.length) return digits.length < MAX_INT64.length;
  return digits <= MAX_INT64 || (digits === "9223372036854775808" && text.startsWith("-"));
}

/** A finite number in decimal (`1`, `.5`, `5.`, `1e3`, `1_000`) or as a hexadecimal float (`0x1p4`), or undefined. */
export function readDecimal(text: string): number | undefined {
  const value = text.includes("_") ? readSeparated(text) : (readPlain(text) ?? readHexadecimal(text));
  return value !== undefined && Number.isFinite(value) ? value + 0 : undefined;
}

function readSeparated(text: string): number | undefined {
  const digits = text.replaceAll("_", "");
  if (!STRAY_DECIMAL_UNDERSCORE.test(text)) return readPlain(digits) ?? readHexadecimal(digits);
  return STRAY_UNDERSCORE.test(text) ? undefined : readHexadecimal(digits);
}

function readPlain(text: string): number | undefined {
  return DECIMAL.test(text) ? Number(text) : undefined;
}

function readHexadecimal(text: string): number | undefined {
  const match = HEXADECIMAL.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = "", fraction = "", onlyFraction = "", exponent] = match;
  const digits = fraction + onlyFraction;
  return (sign === "-" ? -1 : 1) * Number(`0x${whole}${digits}`) * 2 ** (Number(exponent) - 4 * digits.length);
}
