import { describe, expect, test } from "bun:test";
import { crc32, deflateSync } from "node:zlib";
import sharp from "sharp";
import { makeIccProfile, NAMED_PRIMARIES, type ToneCurve } from "../../src/image/icc-profile.ts";
import { isNear } from "./samples.ts";

const { srgb: SRGB, p3: P3 } = NAMED_PRIMARIES;

function chunk(type: string, data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, "latin1");
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}

/** One row of pixels in a PNG that carries the profile. */
async function throughProfile(samples: readonly number[], profile: Uint8Array, isGrey = false): Promise<number[]> {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(isGrey ? samples.length : samples.length / 3, 0);
  header.writeUInt32BE(1, 4);
  header.set([8, isGrey ? 0 : 2], 8);
  const png = Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("iCCP", Buffer.concat([Buffer.from("x\0\0"), deflateSync(profile)])),
    chunk("IDAT", deflateSync(Buffer.from([0, ...samples]))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
  return [
    ...(await sharp(png)
      .toColourspace(isGrey ? "b-w" : "srgb")
      .raw()
      .toBuffer()),
  ];
}

const encodeSrgb = (light: number) =>
  Math.round(255 * (light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055));

describe("makeIccProfile", () => {
  test.each([
    ["srgb", (v: number) => encodeSrgb(v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)],
    ["linear", encodeSrgb],
    ["bt709", (v: number) => encodeSrgb(v < 0.081 ? v / 4.5 : ((v + 0.099) / 1.099) ** (1 / 0.45))],
    [{ power: 1.8 }, (v: number) => encodeSrgb(v ** 1.8)],
  ] as const)("describes the curve %j, for colours and grey", async (curve: ToneCurve, expected) => {
    const samples = [200, 100, 50, 128, 128, 128, 255, 255, 255];
    const wanted = samples.map((sample) => expected(sample / 255));
    expect(
      isNear(await throughProfile(samples, makeIccProfile(SRGB, curve) ?? new Uint8Array(0)), wanted, 1),
    ).toBeTrue();
    const grey = await throughProfile(samples, makeIccProfile(null, curve) ?? new Uint8Array(0), true);
    expect(isNear(grey, wanted, 2)).toBeTrue();
  });

  test("describes primaries as libvips' own Display P3 profile does", async () => {
    const pixels = Buffer.from([200, 100, 50, 50, 200, 50, 50, 50, 200]);
    const raw = { width: 3, height: 1, channels: 3 } as const;
    const inP3 = await sharp(pixels, { raw }).withIccProfile("p3").png().toBuffer();
    const numbers = [...(await sharp(inP3, { ignoreIcc: true }).raw().toBuffer())];
    const back = await throughProfile(numbers, makeIccProfile(P3, "srgb") ?? new Uint8Array(0));
    expect(isNear(back, [...pixels], 2)).toBeTrue();
  });

  test("leaves white white whatever the white of the source is", async () => {
    const profile = makeIccProfile({ ...P3, white: { x: 0.314, y: 0.351 } }, { power: 2.6 });
    expect(isNear(await throughProfile([255, 255, 255], profile ?? new Uint8Array(0)), [255, 255, 255], 1)).toBeTrue();
  });

  test.each([
    ["on one line", { ...SRGB, green: SRGB.red }],
    ["without height", { ...SRGB, white: { x: 0.3, y: 0 } }],
  ])("refuses primaries %s", (_, primaries) => {
    expect(makeIccProfile(primaries, "srgb")).toBeNull();
  });
});
