import { readFileSync } from "node:fs";
import { initSync, JxlImage, type RenderResult } from "jxl-oxide-wasm";
import wasmPath from "jxl-oxide-wasm/module.wasm" with { type: "file" };

/** jxl-oxide, for the files whose colours only the compressed data tell. */
export type JxlColorDecoder = {
  /** The embedded profile; null when it cannot be told. Decodes one pixel only. */
  readProfile(file: Uint8Array): Uint8Array | null;
  /** The first frame in the colours of its profile. */
  renderPng(file: Uint8Array): { readonly png: Uint8Array; readonly icc: Uint8Array | null };
};

export async function loadJxlColorDecoder(): Promise<JxlColorDecoder> {
  initSync({ module: readFileSync(wasmPath) });
  return {
    readProfile: (file) => withImage(file, readProfile),
    renderPng: (file) => withImage(file, renderPng),
  };
}

function withImage<Result>(file: Uint8Array, use: (image: JxlImage) => Result): Result {
  const image = new JxlImage();
  try {
    image.feedBytes(file);
    if (!image.tryInit()) throw new Error("the file is cut off");
    return use(image);
  } finally {
    image.free();
  }
}

function readProfile(image: JxlImage): Uint8Array | null {
  image.renderingRegion = { left: 0, top: 0, width: 1, height: 1 };
  const render = image.render();
  try {
    return profileOf(render);
  } finally {
    render.free();
  }
}

function renderPng(image: JxlImage): { png: Uint8Array; icc: Uint8Array | null } {
  const render = image.render();
  const icc = profileOf(render);
  return { png: render.encodeToPng(), icc }; // which lets go of the render, too
}

function profileOf({ iccProfile }: RenderResult): Uint8Array | null {
  return iccProfile.length === 0 ? null : iccProfile;
}
