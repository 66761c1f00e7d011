import { type ColorPrimaries, makeIccProfile, NAMED_PRIMARIES, type ToneCurve } from "./icc-profile.ts";

const SRGB = 1;
/** By the numbers of ITU-T H.273; JPEG XL's P3 has the white of D65, whatever the number says. */
const PRIMARIES: Readonly<Record<number, ColorPrimaries>> = {
  [SRGB]: NAMED_PRIMARIES.srgb,
  9: NAMED_PRIMARIES.bt2100,
  11: NAMED_PRIMARIES.p3,
  12: NAMED_PRIMARIES.p3,
};
const CURVES: Readonly<Record<number, ToneCurve>> = { 1: "bt709", 8: "linear", 13: "srgb" };

const PNG_SIGNATURE_BYTES = 8;
const COLOR_TYPE_OFFSET = 25;
/** Bit of a PNG's colour type that means colour. */
const HAS_COLOR = 2;

/** A profile for the colours that a PNG names by number (`cICP`); null when they are sRGB, unknown, or not named. */
export function profileOfCicp(png: Uint8Array): Uint8Array | null {
  const cicp = findChunk(png, "cICP");
  const curve = CURVES[cicp?.[1] ?? 0];
  if (cicp === null || curve === undefined) return null;
  const isGrey = ((png[COLOR_TYPE_OFFSET] ?? 0) & HAS_COLOR) === 0;
  if (curve === "srgb" && (isGrey || cicp[0] === SRGB)) return null;
  if (isGrey) return makeIccProfile(null, curve);
  const primaries = PRIMARIES[cicp[0] ?? 0];
  return primaries === undefined ? null : makeIccProfile(primaries, curve);
}

function findChunk(png: Uint8Array, wanted: string): Uint8Array | null {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  for (let at = PNG_SIGNATURE_BYTES; at + 8 <= png.length; ) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...png.subarray(at + 4, at + 8));
    if (type === wanted) return png.subarray(at + 8, at + 8 + length);
    if (type === "IDAT") return null; // colours are named before the pixels
    at += 12 + length;
  }
  return null;
}
