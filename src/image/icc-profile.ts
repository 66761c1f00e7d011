import { apply, diagonal, invert, type Matrix, multiply, type Triple, transpose } from "./matrix.ts";

/** How stored numbers become light: the curve of sRGB or BT.709, proportional, or a power. */
export type ToneCurve = "srgb" | "bt709" | "linear" | { readonly power: number };

/** A colour without its brightness, as x and y of the CIE 1931 diagram. */
export type Chromaticity = { readonly x: number; readonly y: number };

type Point = readonly [x: number, y: number];

/** The colours of a white and of full red, green and blue. */
export type ColorPrimaries = {
  readonly white: Chromaticity;
  readonly red: Chromaticity;
  readonly green: Chromaticity;
  readonly blue: Chromaticity;
};

/** Primaries that image headers know by name, with the white they usually have. */
export const NAMED_PRIMARIES = {
  srgb: rgbUnderD65([0.64, 0.33], [0.3, 0.6], [0.15, 0.06]),
  p3: rgbUnderD65([0.68, 0.32], [0.265, 0.69], [0.15, 0.06]),
  bt2100: rgbUnderD65([0.708, 0.292], [0.17, 0.797], [0.131, 0.046]),
} as const;

const D50: Triple = [0.9642, 1, 0.8249];
/** From XYZ to the responses of the eye's cones, after Bradford. */
const CONE_RESPONSE: Matrix = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
];

const HEADER_BYTES = 128;
const VERSION_4_3 = 0x04300000;
/** The creation date is fixed, so that equal pictures give equal files. */
const CREATED = [2020, 1, 1, 0, 0, 0] as const;

/**
 * A display profile (ICC.1:2010, matrix and curve) for pictures that describe their colours without carrying a profile;
 * `primaries: null` makes one for grey. null when the primaries span no colour space.
 */
export function makeIccProfile(primaries: ColorPrimaries | null, curve: ToneCurve): Uint8Array | null {
  const common: readonly Tag[] = [
    ["desc", multiLocalized(`Colours of the source, ${typeof curve === "string" ? curve : `power ${curve.power}`}`)],
    ["cprt", multiLocalized("CC0")],
    ["wtpt", xyzNumber(D50)],
  ];
  const trc = parametricCurve(curve);
  if (primaries === null) return assemble("GRAY", [...common, ["kTRC", trc]]);
  const adaptation = adaptToD50(xyzOf(primaries.white));
  const colorants = adaptation === null ? null : adaptedColorants(primaries, adaptation);
  if (adaptation === null || colorants === null) return null;
  const [red, green, blue] = transpose(colorants);
  return assemble("RGB ", [
    ...common,
    ["chad", fixedArray(adaptation.flat())],
    ["rXYZ", xyzNumber(red)],
    ["gXYZ", xyzNumber(green)],
    ["bXYZ", xyzNumber(blue)],
    ["rTRC", trc],
    ["gTRC", trc],
    ["bTRC", trc],
  ]);
}

/** XYZ under D50 of full red, green and blue, as columns. */
function adaptedColorants({ white, red, green, blue }: ColorPrimaries, adaptation: Matrix): Matrix | null {
  const directions = transpose([xyzOf(red), xyzOf(green), xyzOf(blue)]);
  const inverse = invert(directions);
  if (inverse === null) return null;
  const amounts = apply(inverse, xyzOf(white));
  const colorants = multiply(adaptation, multiply(directions, diagonal(amounts)));
  return colorants.flat().every(Number.isFinite) ? colorants : null;
}

/** Brings colours seen under one white to how they look under D50. */
function adaptToD50(white: Triple): Matrix | null {
  const inverse = invert(CONE_RESPONSE);
  const [fromL, fromM, fromS] = apply(CONE_RESPONSE, white);
  const [toL, toM, toS] = apply(CONE_RESPONSE, D50);
  const scaling = diagonal([toL / fromL, toM / fromM, toS / fromS]);
  if (inverse === null || !scaling.flat().every(Number.isFinite)) return null;
  return multiply(inverse, multiply(scaling, CONE_RESPONSE));
}

/** XYZ of a colour of brightness 1. */
function xyzOf({ x, y }: Chromaticity): Triple {
  return [x / y, 1, (1 - x - y) / y];
}

type Tag = readonly [signature: string, data: Uint8Array];

function assemble(colorSpace: "RGB " | "GRAY", tags: readonly Tag[]): Uint8Array {
  const tableBytes = 4 + tags.length * 12;
  const size = HEADER_BYTES + tableBytes + tags.reduce((sum, [, data]) => sum + data.length, 0);
  const profile = new Uint8Array(size);
  const view = new DataView(profile.buffer);
  view.setUint32(0, size);
  view.setUint32(8, VERSION_4_3);
  writeText(profile, 12, `mntr${colorSpace}XYZ `);
  for (const [index, part] of CREATED.entries()) view.setUint16(24 + index * 2, part);
  writeText(profile, 36, "acsp");
  profile.set(xyzNumber(D50).subarray(8), 68);
  view.setUint32(HEADER_BYTES, tags.length);
  let offset = HEADER_BYTES + tableBytes;
  for (const [index, [signature, data]] of tags.entries()) {
    const entry = HEADER_BYTES + 4 + index * 12;
    writeText(profile, entry, signature);
    view.setUint32(entry + 4, offset);
    view.setUint32(entry + 8, data.length);
    profile.set(data, offset);
    offset += data.length;
  }
  return profile;
}

function parametricCurve(curve: ToneCurve): Uint8Array {
  if (curve === "linear") return parameters(0, [1]);
  if (curve === "srgb") return parameters(3, [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045]);
  if (curve === "bt709") return parameters(3, [1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081]);
  return parameters(0, [curve.power]);
}

function parameters(functionType: number, values: readonly number[]): Uint8Array {
  const data = new Uint8Array(12 + values.length * 4);
  writeText(data, 0, "para");
  new DataView(data.buffer).setUint16(8, functionType);
  writeFixed(data, 12, values);
  return data;
}

function fixedArray(values: readonly number[]): Uint8Array {
  const data = new Uint8Array(8 + values.length * 4);
  writeText(data, 0, "sf32");
  writeFixed(data, 8, values);
  return data;
}

function xyzNumber(xyz: Triple): Uint8Array {
  const data = new Uint8Array(20);
  writeText(data, 0, "XYZ ");
  writeFixed(data, 8, xyz);
  return data;
}

function multiLocalized(text: string): Uint8Array {
  const padded = Math.ceil((text.length * 2) / 4) * 4;
  const data = new Uint8Array(28 + padded);
  const view = new DataView(data.buffer);
  writeText(data, 0, "mluc");
  view.setUint32(8, 1);
  view.setUint32(12, 12);
  writeText(data, 16, "enUS");
  view.setUint32(20, text.length * 2);
  view.setUint32(24, 28);
  for (let i = 0; i < text.length; i++) view.setUint16(28 + i * 2, text.charCodeAt(i));
  return data;
}

/** Numbers with 16 bits before and 16 behind the point. */
function writeFixed(data: Uint8Array, at: number, values: readonly number[]): void {
  const view = new DataView(data.buffer);
  for (const [index, value] of values.entries()) view.setInt32(at + index * 4, Math.round(value * 65536));
}

function writeText(data: Uint8Array, at: number, text: string): void {
  for (let i = 0; i < text.length; i++) data[at + i] = text.charCodeAt(i);
}

function rgbUnderD65(red: Point, green: Point, blue: Point): ColorPrimaries {
  const at = ([x, y]: Point): Chromaticity => ({ x, y });
  return { white: at([0.3127, 0.329]), red: at(red), green: at(green), blue: at(blue) };
}
