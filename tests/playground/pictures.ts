import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";

/** A picture with something to see in it: two colours that meet in the middle, and a disc left of it. */
export async function picture(width: number, height: number, format: "png" | "jpeg"): Promise<Buffer<ArrayBuffer>> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <rect width="50%" height="100%" fill="#c8553d"/><rect x="50%" width="50%" height="100%" fill="#28536b"/>
    <circle cx="30%" cy="40%" r="15%" fill="#f6f2e9"/></svg>`;
  const image = sharp(Buffer.from(svg)).flatten();
  return format === "png" ? image.png().toBuffer() : image.jpeg({ quality: 92 }).toBuffer();
}

/** A folder with a landscape and a portrait, removed when it is disposed. */
export async function pictureFolder(): Promise<Disposable & { readonly path: string }> {
  const path = mkdtempSync(join(tmpdir(), "playground-"));
  writeFileSync(join(path, "landscape.jpg"), await picture(600, 400, "jpeg"));
  mkdirSync(join(path, "more"));
  writeFileSync(join(path, "more", "portrait.png"), await picture(300, 500, "png"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
