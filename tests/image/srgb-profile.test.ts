import { describe, expect, test } from "bun:test";
import sharp from "sharp";
import { makeIccProfile, NAMED_PRIMARIES } from "../../src/image/icc-profile.ts";
import { isSrgbProfile } from "../../src/image/srgb-profile.ts";

const { srgb, p3 } = NAMED_PRIMARIES;

function made(...parts: Parameters<typeof makeIccProfile>): Uint8Array {
  const profile = makeIccProfile(...parts);
  if (profile === null) throw new Error("no profile");
  return profile;
}

/** A profile with other bytes in the place of some. */
function changed(profile: Uint8Array, at: number, bytes: string): Uint8Array {
  const copy = Buffer.from(profile);
  copy.write(bytes, at, "latin1");
  return copy;
}

/** The profile that sharp knows by a name. */
async function ofSharp(name: "srgb" | "p3"): Promise<Uint8Array> {
  const picture = sharp({ create: { width: 2, height: 2, channels: 3, background: "red" } });
  const { icc } = await sharp(await picture.withIccProfile(name).png().toBuffer()).metadata();
  if (icc === undefined) throw new Error("no profile");
  return icc;
}

/** The curve of sRGB as a table with so many samples, in place of the curve that `makeIccProfile` writes. */
function withTable(profile: Uint8Array, samples: number): Uint8Array {
  const table = Buffer.alloc(12 + samples * 2);
  table.write("curv", 0, "latin1");
  table.writeUInt32BE(samples, 8);
  for (let index = 0; index < samples; index++) {
    const value = index / (samples - 1);
    const light = value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    table.writeUInt16BE(Math.round(light * 65_535), 12 + index * 2);
  }
  const copy = Buffer.concat([profile, table]);
  for (let tag = 0; tag < copy.readUInt32BE(128); tag++) {
    const at = 132 + tag * 12;
    if (!copy.toString("latin1", at, at + 4).endsWith("TRC")) continue;
    copy.writeUInt32BE(profile.length, at + 4);
    copy.writeUInt32BE(table.length, at + 8);
  }
  return copy;
}

describe("a profile says sRGB", () => {
  test("by whoever it was made", async () => {
    expect(isSrgbProfile(await ofSharp("srgb"))).toBeTrue();
    expect(isSrgbProfile(made(srgb, "srgb"))).toBeTrue();
    expect(isSrgbProfile(withTable(made(srgb, "srgb"), 1024))).toBeTrue();
  });

  test("not with other primaries, another curve, or a table too coarse for it", async () => {
    expect(isSrgbProfile(await ofSharp("p3"))).toBeFalse();
    expect(isSrgbProfile(made(p3, "srgb"))).toBeFalse();
    expect(isSrgbProfile(made(srgb, { power: 2.2 }))).toBeFalse();
    expect(isSrgbProfile(made(srgb, "linear"))).toBeFalse();
    expect(isSrgbProfile(made(srgb, "bt709"))).toBeFalse();
    expect(isSrgbProfile(withTable(made(srgb, "srgb"), 8))).toBeFalse();
  });

  test("not for grey, nor where tables win over the matrix", () => {
    const profile = made(srgb, "srgb");
    expect(isSrgbProfile(made(null, "srgb"))).toBeFalse();
    const description = Buffer.from(profile).indexOf("desc", 128);
    expect(isSrgbProfile(changed(profile, description, "A2B0"))).toBeFalse();
  });

  test("not when it is broken, whatever is", () => {
    const profile = made(srgb, "srgb");
    for (let length = 0; length < profile.length; length += 3) {
      expect(isSrgbProfile(profile.subarray(0, length))).toBeFalse();
    }
    for (let at = 128; at < profile.length; at++) expect(isSrgbProfile(changed(profile, at, "\xff"))).toBeBoolean();
    expect(isSrgbProfile(changed(profile, 128, "\xff\xff\xff\xff"))).toBeFalse();
  });

  test("where a conversion through it changes no number by more than one", async () => {
    const codes = Array.from({ length: 17 }, (_, index) => Math.min(255, index * 16));
    const data = Buffer.from(codes.flatMap((r) => codes.flatMap((g) => codes.flatMap((b) => [r, g, b]))));
    const raw = { width: 17 * 17, height: 17, channels: 3 } as const;
    const png = await sharp(data, { raw }).withIccProfile("srgb").png().toBuffer();
    const converted = await sharp(png).withIccProfile("srgb", { attach: false }).raw().toBuffer();
    const largest = converted.reduce((most, value, at) => Math.max(most, Math.abs(value - (data[at] ?? 0))), 0);
    expect(largest).toBeLessThanOrEqual(1);
  });
});
