import { apply, invert, type Matrix, multiply, type Triple } from "./matrix.ts";

/** Red, green and blue of sRGB under D50, as columns (IEC 61966-2-1 after Bradford). */
const SRGB_COLORANTS: Matrix = [
  [0.4360747, 0.3850649, 0.1430804],
  [0.2225045, 0.7168786, 0.0606169],
  [0.0139322, 0.0971045, 0.7141733],
];
const FROM_D50 = invert(SRGB_COLORANTS);
/** Numbers tried of each channel together with those of the others, the ends included. */
const GRID: readonly number[] = [0, 64, 128, 192, 255];
const HEADER_BYTES = 128;
const MAX_TAGS = 100;
const FIXED = 65_536;

/** How a stored number, 0…1, becomes light. */
type Curve = (value: number) => number;

/**
 * Whether a profile says nothing but sRGB, under whatever name and maker: numbers of 8 bits that are taken through it into sRGB come
 * out as they were, give or take one. False for everything that is not told by a matrix and three curves. Never throws.
 *
 * Most profiles in photographs are of this kind, and a conversion through one costs 10 ms a megapixel to change nothing.
 */
export function isSrgbProfile(icc: Uint8Array): boolean {
  const view = new DataView(icc.buffer, icc.byteOffset, icc.byteLength);
  if (icc.length < HEADER_BYTES + 4 || textAt(icc, 16) !== "RGB " || textAt(icc, 20) !== "XYZ ") return false;
  const tags = readTags(icc, view);
  // Tables win over the matrix.
  if (tags === null || tags.has("A2B0") || tags.has("A2B1")) return false;
  const colorants = ["rXYZ", "gXYZ", "bXYZ"].map((name) => readXyz(tags.get(name)));
  const [red, green, blue] = colorants;
  const curves = readCurves(tags);
  if (!red || !green || !blue || curves === null) return false;
  const toD50: Matrix = [
    [red[0], green[0], blue[0]],
    [red[1], green[1], blue[1]],
    [red[2], green[2], blue[2]],
  ];
  return isIdentity(toD50, curves);
}

function isIdentity(toD50: Matrix, curves: readonly [Curve, Curve, Curve]): boolean {
  if (FROM_D50 === null) return false;
  // Mostly one curve for all three.
  for (const curve of new Set(curves)) {
    for (let code = 0; code < 256; code++) if (!comesOutAs(curve(code / 255), code)) return false;
  }
  const toSrgb = multiply(FROM_D50, toD50);
  const [reds = [], greens = [], blues = []] = curves.map((curve) => GRID.map((code) => curve(code / 255)));
  return GRID.every((red, r) =>
    GRID.every((green, g) =>
      GRID.every((blue, b) => {
        const light: Triple = [reds[r] ?? 0, greens[g] ?? 0, blues[b] ?? 0];
        const [x, y, z] = apply(toSrgb, light);
        return comesOutAs(x, red) && comesOutAs(y, green) && comesOutAs(z, blue);
      }),
    ),
  );
}

/** Whether light is that of a number of sRGB, 0…255, give or take one: makers round primaries and curves in ways of their own. */
function comesOutAs(light: number, code: number): boolean {
  return (code === 0 || light > (LIGHTS[code - 1] ?? 0)) && (code === 255 || light < (LIGHTS[code + 1] ?? 1));
}

/** Of every number. */
const LIGHTS = Float64Array.from({ length: 256 }, (_, code) => decode(code / 255));

/** Numbers of sRGB, 0…1, to light. */
function decode(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

function readTags(icc: Uint8Array, view: DataView): ReadonlyMap<string, DataView> | null {
  const tags = new Map<string, DataView>();
  const count = view.getUint32(HEADER_BYTES);
  if (count > MAX_TAGS || HEADER_BYTES + 4 + count * 12 > icc.length) return null;
  for (let at = HEADER_BYTES + 4; at < HEADER_BYTES + 4 + count * 12; at += 12) {
    const offset = view.getUint32(at + 4);
    const length = view.getUint32(at + 8);
    if (offset + length > icc.length) return null;
    tags.set(textAt(icc, at), new DataView(icc.buffer, icc.byteOffset + offset, length));
  }
  return tags;
}

function readXyz(tag: DataView | undefined): Triple | null {
  if (tag === undefined || tag.byteLength < 20 || typeOf(tag) !== "XYZ ") return null;
  return [tag.getInt32(8) / FIXED, tag.getInt32(12) / FIXED, tag.getInt32(16) / FIXED];
}

/** The same curve three times where all channels share one tag. */
function readCurves(tags: ReadonlyMap<string, DataView>): readonly [Curve, Curve, Curve] | null {
  const [red, green, blue] = ["rTRC", "gTRC", "bTRC"].map((name) => tags.get(name));
  const isShared = red?.byteOffset === green?.byteOffset && red?.byteOffset === blue?.byteOffset;
  const first = readCurve(red);
  const second = isShared ? first : readCurve(green);
  const third = isShared ? first : readCurve(blue);
  return first === null || second === null || third === null ? null : [first, second, third];
}

function readCurve(tag: DataView | undefined): Curve | null {
  if (tag === undefined || tag.byteLength < 12) return null;
  const type = typeOf(tag);
  if (type === "curv") return readSampledCurve(tag);
  return type === "para" ? readParametricCurve(tag) : null;
}

/** No sample: light itself; one: a power; more: a table, read between its samples. */
function readSampledCurve(tag: DataView): Curve | null {
  const count = tag.getUint32(8);
  if (count > 65_536 || tag.byteLength < 12 + count * 2) return null;
  if (count === 0) return (value) => value;
  if (count === 1) return (value) => value ** (tag.getUint16(12) / 256);
  return (value) => {
    const at = value * (count - 1);
    const low = Math.min(Math.floor(at), count - 2);
    const [before, after] = [tag.getUint16(12 + low * 2), tag.getUint16(14 + low * 2)];
    return (before + (after - before) * (at - low)) / 65_535;
  };
}

/** Parameters of each kind of curve, in the order of the specification (ICC.1:2010, 10.16). */
const PARAMETER_COUNTS = [1, 3, 4, 5, 7];

function readParametricCurve(tag: DataView): Curve | null {
  const kind = tag.getUint16(8);
  const count = PARAMETER_COUNTS[kind];
  if (count === undefined || tag.byteLength < 12 + count * 4) return null;
  const parameters = Array.from({ length: count }, (_, index) => tag.getInt32(12 + index * 4) / FIXED);
  const [g = 1, a = 1, b = 0, c = 0, d = 0, e = 0, f = 0] = parameters;
  switch (kind) {
    case 0:
      return (value) => value ** g;
    case 1:
      return (value) => (value >= -b / a ? (a * value + b) ** g : 0);
    case 2:
      return (value) => (value >= -b / a ? (a * value + b) ** g + c : c);
    case 3:
      return (value) => (value >= d ? (a * value + b) ** g : c * value);
    default:
      return (value) => (value >= d ? (a * value + b) ** g + e : c * value + f);
  }
}

function typeOf(tag: DataView): string {
  return String.fromCharCode(tag.getUint8(0), tag.getUint8(1), tag.getUint8(2), tag.getUint8(3));
}

function textAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}
