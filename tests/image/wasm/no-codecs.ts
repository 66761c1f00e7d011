import type { ImageCodecs } from "../../../src/image/wasm/image-codecs.ts";

const refuse = () => Promise.reject(new Error("this source needs no codec"));

/** For sources that are decoded without a codec process. */
export const NO_CODECS: ImageCodecs = {
  decodeHeic: refuse,
  decodeJxl: refuse,
  encodeJxl: refuse,
  measureSvg: refuse,
  drawSvg: refuse,
  encodeSvg: refuse,
  close: async () => undefined,
};
