import { readFileSync } from "node:fs";
import { initSync, JxlImage } from "jxl-oxide-wasm";
import wasmPath from "jxl-oxide-wasm/module.wasm" with { type: "file" };
import { profileOfCicp } from "../cicp-profile.ts";

/** jxl-oxide, for the files whose colours only the compressed data tell. */
export type JxlColorDecoder = {
  /** The embedded profile; null when it cannot be told. Decodes one pixel only. */
  readProfile(file: Uint8Array, maxPixels: number): Uint8Array | null;
  /** The first frame in the colours of its profile. */
  renderPng(file: Uint8Array, maxPixels: number): { readonly png: Uint8Array; readonly icc: Uint8Array | null };
};

export async function loadJxlColorDecoder(): Promise<JxlColorDecoder> {
  initSync({ module: readFileSync(wasmPath) });
  return {
    readProfile: (file, maxPixels) => withImage(file, maxPixels, readProfile),
    renderPng: (file, maxPixels) => withImage(file, maxPixels, renderPng),
  };
}

function withImage<Result>(file: Uint8Array, maxPixels: number, use: (image: JxlImage) => Result): Result {
  const image = new JxlImage();
  try {
    image.feedBytes(file);
    if (!image.tryInit()) throw new Error("the file is cut off");
    const { width = 0, height = 0 } = image;
    if (width * height > maxPixels) throw new Error(`${width}×${height} is more than announced`);
    return use(image);
  } finally {
    image.free();
  }
}

function readProfile(image: JxlImage): Uint8Array | null {
  image.renderingRegion = { left: 0, top: 0, width: 1, height: 1 };
  return renderPng(image).icc;
}

/** Profiles that jxl-oxide knows by name it does not give out, but names them in the PNG. */
function renderPng(image: JxlImage): { png: Uint8Array; icc: Uint8Array | null } {
  const render = image.render();
  const icc = render.iccProfile;
  const png = render.encodeToPng(); // which lets go of the render, too
  return { png, icc: icc.length > 0 ? icc : profileOfCicp(png) };
}
