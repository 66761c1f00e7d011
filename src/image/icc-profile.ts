/** Primaries that have a name in image headers, all with the white of D65. */
export type NamedPrimaries = "srgb" | "p3" | "bt2100";

/** How stored numbers become light: the curve of sRGB or BT.709, proportional, or a power. */
export type ToneCurve = "srgb" | "bt709" | "linear" | { readonly power: number };

type Xyz = readonly [number, number, number];

/** Red, green and blue as the profile connection space wants them: XYZ under D50, adapted by Bradford. */
const COLORANTS: Readonly<Record<NamedPrimaries, readonly [Xyz, Xyz, Xyz]>> = {
  srgb: [
    [0.43607, 0.22249, 0.01392],
    [0.38515, 0.71687, 0.09708],
    [0.14307, 0.06061, 0.7141],
  ],
  p3: [
    [0.51512, 0.2412, -0.00105],
    [0.29198, 0.69225, 0.04189],
    [0.1571, 0.06657, 0.78407],
  ],
  bt2100: [
    [0.67346, 0.27904, -0.00193],
    [0.16567, 0.67534, 0.02998],
    [0.12505, 0.04561, 0.79686],
  ],
};
const D50: Xyz = [0.9642, 1, 0.8249];

const HEADER_BYTES = 128;
const VERSION_4_3 = 0x04300000;
/** The creation date is fixed, so that equal pictures give equal files. */
const CREATED = [2020, 1, 1, 0, 0, 0] as const;

/**
 * A display profile (ICC.1:2010, matrix and curve) for pictures that name their colours without carrying a profile;
 * `primaries: null` makes one for grey.
 */
export function makeIccProfile(primaries: NamedPrimaries | null, curve: ToneCurve): Uint8Array {
  const description = multiLocalized(`${primaries ?? "grey"} ${typeof curve === "string" ? curve : curve.power}`);
  const common: readonly Tag[] = [
    ["desc", description],
    ["cprt", multiLocalized("CC0")],
    ["wtpt", xyzNumber(D50)],
  ];
  const trc = parametricCurve(curve);
  if (primaries === null) return assemble("GRAY", [...common, ["kTRC", trc]]);
  const [red, green, blue] = COLORANTS[primaries];
  return assemble("RGB ", [
    ...common,
    ["rXYZ", xyzNumber(red)],
    ["gXYZ", xyzNumber(green)],
    ["bXYZ", xyzNumber(blue)],
    ["rTRC", trc],
    ["gTRC", trc],
    ["bTRC", trc],
  ]);
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

function xyzNumber(xyz: Xyz): Uint8Array {
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
