import { describe, expect, test } from "bun:test";
import { makeIccProfile, NAMED_PRIMARIES } from "../../../src/image/icc-profile.ts";
import { isPlainSrgb, planColour } from "../../../src/pipeline/plan/colour.ts";
import { metaOf } from "../requests.ts";

/** An ICC header with nothing behind it. */
function header(changes: Readonly<Record<number, string>> = {}): Uint8Array {
  const icc = Buffer.alloc(128);
  const marks = {
    8: "\x02\x10\0\0",
    16: "RGB ",
    24: "\x07\xce\0\x02\0\x09",
    48: "IEC ",
    52: "sRGB",
    80: "HP  ",
    ...changes,
  };
  for (const [offset, text] of Object.entries(marks)) icc.write(text, Number(offset), "latin1");
  return icc;
}

const PLAIN = header();
const FOREIGN = header({ 52: "P3  " });
/** sRGB by another maker. */
const EQUAL = makeIccProfile(NAMED_PRIMARIES.srgb, "srgb");

type Facts = Parameters<typeof metaOf>[0];

function colour(facts: Facts, given: Partial<Omit<Parameters<typeof planColour>[0], "meta">> = {}) {
  return planColour({ meta: metaOf(facts), format: "png", preserveHdr: false, stripColorProfile: true, ...given });
}

describe("the space that pixels are worked on in", () => {
  test.each([
    ["srgb", null, false, 8],
    ["b-w", null, true, 8],
    ["rgb16", "srgb", false, 8],
    ["grey16", "b-w", true, 8],
    ["cmyk", "srgb", false, 8],
    ["lab", "srgb", false, 8],
    ["scrgb", "srgb", false, 8],
  ] as const)("%s is converted to %p", (space, convertTo, isGrey, bits) => {
    expect(colour({ space })).toMatchObject({ convertTo, isGrey, bits });
  });

  test("keeps 16 bits only where they are asked for and can be written", () => {
    expect(colour({ space: "rgb16" }, { preserveHdr: true })).toMatchObject({ convertTo: null, bits: 16 });
    expect(colour({ space: "grey16" }, { preserveHdr: true })).toMatchObject({
      convertTo: null,
      isGrey: true,
      bits: 16,
    });
    expect(colour({ space: "lab" }, { preserveHdr: true })).toMatchObject({ convertTo: "rgb16", bits: 16 });
    expect(colour({ space: "rgb16" }, { preserveHdr: true, format: "jpeg" })).toMatchObject({
      convertTo: "srgb",
      bits: 8,
    });
  });
});

describe("the fate of the profile", () => {
  test.each([
    ["none", { icc: null }, {}],
    ["drop", { icc: PLAIN }, {}],
    ["convert", { icc: FOREIGN }, {}],
    ["convert", { icc: FOREIGN, space: "b-w" }, {}],
    ["drop", { icc: EQUAL }, {}],
    ["drop", { icc: EQUAL, channels: 4 }, {}],
    ["keep", { icc: EQUAL }, { stripColorProfile: false }],
    ["convert", { icc: EQUAL, space: "b-w", channels: 1 }, {}],
    ["convert", { icc: EQUAL, space: "rgb16" }, { preserveHdr: true }],
    ["keep", { icc: FOREIGN }, { stripColorProfile: false }],
    ["keep", { icc: PLAIN }, { stripColorProfile: false }],
    ["convert", { icc: FOREIGN }, { stripColorProfile: false, format: "gif" }],
    ["convert", { icc: FOREIGN }, { stripColorProfile: false, format: "jxl" }],
    ["none", { icc: FOREIGN, space: "scrgb" }, {}],
    ["drop", { icc: FOREIGN, space: "cmyk" }, {}],
    ["drop", { icc: FOREIGN, space: "cmyk" }, { stripColorProfile: false }],
    ["export", { icc: FOREIGN, space: "cmyk" }, { stripColorProfile: false, format: "jpeg" }],
    ["convert", { icc: PLAIN, space: "rgb16" }, { preserveHdr: true }],
  ] as const)("is %s", (fate, facts, given) => {
    expect(colour(facts, given).profile).toBe(fate);
  });

  test("every mark of the plain sRGB profile counts", () => {
    expect(isPlainSrgb(PLAIN)).toBe(true);
    for (const offset of [8, 16, 24, 48, 52, 80]) expect(isPlainSrgb(header({ [offset]: "?" }))).toBe(false);
    expect(isPlainSrgb(new Uint8Array(4))).toBe(false);
  });
});
