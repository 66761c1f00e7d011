import { readFileSync } from "node:fs";
import decoderPath from "icodec/jxl-dec.wasm" with { type: "file" };
import encoderPath from "icodec/jxl-enc.wasm" with { type: "file" };
import { jxl } from "icodec/node";
import type { RawImage } from "../types.ts";

/** libjxl as a decoder or an encoder; it holds its memory until it is dropped. */
export type JxlDecoder = { decode(file: Uint8Array<ArrayBuffer>, samples: JxlSamples): RawImage };
/** The samples that a file has. */
export type JxlSamples = Pick<RawImage, "channels" | "bits">;
export type JxlEncoder = { encode(image: RawImage, settings: JxlSettings): Uint8Array };
export type JxlSettings = { readonly quality: number; readonly effort: number };

export async function loadJxlDecoder(): Promise<JxlDecoder> {
  await jxl.loadDecoder(readFileSync(decoderPath));
  return {
    decode: (file, samples) => {
      // The package's type says ImageData of the browser; it returns its own class, which knows the depth.
      const { data, width, height, depth = 8 } = jxl.decode(file) as unknown as DecodedRgba;
      const { channels, bits } = samples;
      return { width, height, channels, bits, data: pickSamples(asSamples(data, depth), depth, samples) };
    },
  };
}

export async function loadJxlEncoder(): Promise<JxlEncoder> {
  await jxl.loadEncoder(readFileSync(encoderPath));
  return {
    encode: (image, settings) => {
      const { width, height, bits } = image;
      return jxl.encode({ width, height, depth: bits, data: toRgba(image) }, settings);
    },
  };
}

/** The codec speaks RGBA only; more than 8 bits come as 16-bit words that use `depth` bits. */
type DecodedRgba = {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
  readonly depth?: number;
};

function asSamples(data: Uint8ClampedArray, depth: number): Uint8ClampedArray | Uint16Array {
  return depth > 8 ? new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2) : data;
}

/** Takes the channels that the file has out of RGBA, and brings samples to the full range of 8 or 16 bits. */
function pickSamples(rgba: Uint8ClampedArray | Uint16Array, depth: number, { channels, bits }: JxlSamples): Uint8Array {
  const pixels = rgba.length / 4;
  const picked = bits === 16 ? new Uint16Array(pixels * channels) : new Uint8Array(pixels * channels);
  const sources = channels === 1 ? [0] : channels === 2 ? [0, 3] : channels === 3 ? [0, 1, 2] : [0, 1, 2, 3];
  const factor = (2 ** bits - 1) / (2 ** depth - 1);
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    for (const source of sources) picked[to++] = Math.round((rgba[from + source] ?? 0) * factor);
  }
  return new Uint8Array(picked.buffer);
}

function toRgba({ data, channels, bits }: RawImage): Uint8Array {
  if (channels === 4) return data;
  const samples = bits === 16 ? new Uint16Array(new Uint8Array(data).buffer) : data;
  const pixels = samples.length / channels;
  const opaque = 2 ** bits - 1;
  const rgba = bits === 16 ? new Uint16Array(pixels * 4) : new Uint8Array(pixels * 4);
  const isGrey = channels < 3;
  for (let from = 0, to = 0; from < samples.length; from += channels, to += 4) {
    rgba[to] = samples[from] ?? 0;
    rgba[to + 1] = samples[isGrey ? from : from + 1] ?? 0;
    rgba[to + 2] = samples[isGrey ? from : from + 2] ?? 0;
    rgba[to + 3] = channels === 2 ? (samples[from + 1] ?? 0) : opaque;
  }
  return new Uint8Array(rgba.buffer);
}
