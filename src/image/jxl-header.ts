import { BitReader, type NumberForm } from "./bit-reader.ts";
import { type Chromaticity, type ColorPrimaries, NAMED_PRIMARIES, type ToneCurve } from "./icc-profile.ts";

/** How the file's numbers relate to colours. */
export type JxlColor =
  | { readonly kind: "srgb" }
  /** A profile inside the compressed data, which only a decoder can read. */
  | { readonly kind: "icc" }
  /** Grey has no primaries. */
  | { readonly kind: "described"; readonly primaries: ColorPrimaries | null; readonly curve: ToneCurve }
  /** Curves that a simple profile cannot say: PQ, HLG. */
  | { readonly kind: "other" };

/** What the beginning of a JPEG XL codestream says. */
export type JxlHeader = {
  /** As displayed: the decoder turns the picture. */
  readonly width: number;
  readonly height: number;
  readonly isGrey: boolean;
  readonly hasAlpha: boolean;
  readonly bitsPerSample: number;
  readonly color: JxlColor;
  /** Whether the pixels are stored in the format's own space, so that the decoder chooses the colours they come out in. */
  readonly isXyb: boolean;
};

type ExtraFields = { readonly orientation: number };

const fixed = (offset: number): NumberForm => ({ offset, bits: 0 });
const from = (offset: number, bits: number): NumberForm => ({ offset, bits });

const ENUM = [fixed(0), fixed(1), from(2, 4), from(18, 6)] as const;
const SIDE = [from(1, 9), from(1, 13), from(1, 18), from(1, 30)] as const;
const PREVIEW_BLOCKS = [fixed(16), fixed(32), from(1, 5), from(33, 9)] as const;
const PREVIEW_SIDE = [from(1, 6), from(65, 8), from(321, 10), from(1345, 12)] as const;
const COORDINATE = [from(0, 19), from(524288, 19), from(1048576, 20), from(2097152, 21)] as const;

/** Width to height by the ratio code; 0 means that the width is written out. */
const RATIOS = [0, 1, 12 / 10, 4 / 3, 3 / 2, 16 / 9, 5 / 4, 2] as const;

const EXTRA_ALPHA = 0;
const EXTRA_SPOT_COLOR = 2;
const EXTRA_CFA = 5;
const SPACE_GREY = 1;
const SPACE_XYB = 2;
const CUSTOM = 2;
const PRIMARIES_SRGB = 1;
const WHITE_D65 = 1;

/** By the numbers of the header. */
const WHITES: Readonly<Record<number, Chromaticity>> = {
  1: { x: 0.3127, y: 0.329 },
  10: { x: 1 / 3, y: 1 / 3 },
  11: { x: 0.314, y: 0.351 },
};
type RgbPrimaries = Omit<ColorPrimaries, "white">;
const PRIMARIES: Readonly<Record<number, RgbPrimaries>> = {
  1: NAMED_PRIMARIES.srgb,
  9: NAMED_PRIMARIES.bt2100,
  11: NAMED_PRIMARIES.p3,
};
const CURVES: Readonly<Record<number, ToneCurve>> = { 1: "bt709", 8: "linear", 13: "srgb" };

/** Reads the headers of ISO/IEC 18181-1, annex D and E. Throws a `RangeError` when they are cut off or make no sense. */
export function readJxlHeader(codestream: Uint8Array): JxlHeader {
  const reader = new BitReader(codestream);
  if (reader.bits(16) !== 0x0aff) throw new RangeError("no JPEG XL codestream");
  const size = readSize(reader);
  const isAllDefault = reader.flag();
  if (isAllDefault) {
    return { ...size, isGrey: false, hasAlpha: false, bitsPerSample: 8, color: { kind: "srgb" }, isXyb: true };
  }
  const { orientation } = readExtraFields(reader);
  const bitsPerSample = readBitDepth(reader);
  reader.skip(1); // modular_16bit_buffers
  const hasAlpha = readExtraChannels(reader);
  const isXyb = reader.flag();
  const { isGrey, color } = readColor(reader);
  const turned = orientation >= 5 ? { width: size.height, height: size.width } : size;
  return { ...turned, isGrey, hasAlpha, bitsPerSample, color, isXyb };
}

function readSize(reader: BitReader): { width: number; height: number } {
  const isSmall = reader.flag();
  const side = () => (isSmall ? (reader.bits(5) + 1) * 8 : reader.number(SIDE));
  const height = side();
  const ratio = RATIOS[reader.bits(3)] ?? 0;
  return { width: ratio === 0 ? side() : Math.floor(height * ratio), height };
}

function readExtraFields(reader: BitReader): ExtraFields {
  if (!reader.flag()) return { orientation: 1 };
  const orientation = reader.bits(3) + 1;
  if (reader.flag()) readSize(reader); // intrinsic size
  if (reader.flag()) skipPreview(reader);
  if (reader.flag()) skipAnimation(reader);
  return { orientation };
}

function skipPreview(reader: BitReader): void {
  const isBlocks = reader.flag();
  reader.number(isBlocks ? PREVIEW_BLOCKS : PREVIEW_SIDE);
  if (reader.bits(3) === 0) reader.number(isBlocks ? PREVIEW_BLOCKS : PREVIEW_SIDE);
}

function skipAnimation(reader: BitReader): void {
  reader.number([fixed(100), fixed(1000), from(1, 10), from(1, 30)]); // ticks a second, numerator
  reader.number([fixed(1), fixed(1001), from(1, 8), from(1, 10)]); // and denominator
  reader.number([fixed(0), from(0, 3), from(0, 16), from(0, 32)]); // loops
  reader.skip(1); // has time codes
}

function readBitDepth(reader: BitReader): number {
  const isFloat = reader.flag();
  if (!isFloat) return reader.number([fixed(8), fixed(10), fixed(12), from(1, 6)]);
  const bits = reader.number([fixed(32), fixed(16), fixed(24), from(1, 6)]);
  reader.skip(4); // bits of the exponent
  return bits;
}

/** Whether one of the extra channels is alpha. */
function readExtraChannels(reader: BitReader): boolean {
  const count = reader.number([fixed(0), fixed(1), from(2, 4), from(1, 12)]);
  let hasAlpha = false;
  for (let i = 0; i < count; i++) hasAlpha = readExtraChannel(reader) === EXTRA_ALPHA || hasAlpha;
  return hasAlpha;
}

function readExtraChannel(reader: BitReader): number {
  if (reader.flag()) return EXTRA_ALPHA;
  const type = reader.number(ENUM);
  readBitDepth(reader);
  reader.number([fixed(0), fixed(3), fixed(4), from(1, 3)]); // subsampling
  const nameLength = reader.number([fixed(0), from(0, 4), from(16, 5), from(48, 10)]);
  reader.skip(nameLength * 8);
  if (type === EXTRA_ALPHA) reader.skip(1); // is premultiplied
  if (type === EXTRA_SPOT_COLOR) reader.skip(4 * 16);
  if (type === EXTRA_CFA) reader.number([fixed(1), from(0, 2), from(3, 4), from(19, 8)]);
  return type;
}

function readColor(reader: BitReader): { isGrey: boolean; color: JxlColor } {
  if (reader.flag()) return { isGrey: false, color: { kind: "srgb" } };
  const hasIcc = reader.flag();
  const space = reader.number(ENUM);
  const isGrey = space === SPACE_GREY;
  if (hasIcc) return { isGrey, color: { kind: "icc" } };
  if (space === SPACE_XYB) return { isGrey, color: { kind: "srgb" } };
  const whiteCode = reader.number(ENUM);
  const white = whiteCode === CUSTOM ? readChromaticity(reader) : WHITES[whiteCode];
  const primariesCode = isGrey ? PRIMARIES_SRGB : reader.number(ENUM);
  const rgb = primariesCode === CUSTOM ? readPrimaries(reader) : PRIMARIES[primariesCode];
  const curve = readCurve(reader);
  if (white === undefined || rgb === undefined || curve === undefined) return { isGrey, color: { kind: "other" } };
  const isSrgb = isGrey || (whiteCode === WHITE_D65 && primariesCode === PRIMARIES_SRGB);
  if (isSrgb && curve === "srgb") return { isGrey, color: { kind: "srgb" } };
  return { isGrey, color: { kind: "described", primaries: isGrey ? null : { ...rgb, white }, curve } };
}

function readPrimaries(reader: BitReader): RgbPrimaries {
  return { red: readChromaticity(reader), green: readChromaticity(reader), blue: readChromaticity(reader) };
}

/** A power is written as the exponent that encodes. */
function readCurve(reader: BitReader): ToneCurve | undefined {
  if (!reader.flag()) return CURVES[reader.number(ENUM)];
  const exponent = reader.bits(24) / 1e7;
  return exponent > 0 ? { power: 1 / exponent } : undefined;
}

function readChromaticity(reader: BitReader): Chromaticity {
  return { x: readCoordinate(reader), y: readCoordinate(reader) };
}

/** Millionths; even numbers are positive, odd ones negative. */
function readCoordinate(reader: BitReader): number {
  const value = reader.number(COORDINATE);
  return (value % 2 === 0 ? value / 2 : -(value + 1) / 2) / 1e6;
}
