import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { configureSharp } from "../../src/image/configure-sharp.ts";

const folder = mkdtempSync(join(tmpdir(), "imgproxy-by-name-"));
const colour = { r: 200, g: 100, b: 50 };

beforeAll(() => configureSharp());
afterAll(() => rmSync(folder, { recursive: true }));

async function writeSample(format: "jpeg" | "webp" | "png" | "tiff" | "gif"): Promise<string> {
  const bytes = await sharp({ create: { width: 64, height: 32, channels: 3, background: colour } })
    .toFormat(format)
    .toBuffer();
  const path = join(folder, `sample.${format}`);
  await Bun.write(path, bytes);
  return path;
}

test.each([
  ["jpeg", "[shrink=2]"],
  ["webp", "[scale=0.5]"],
] as const)("a %s is opened by a name with loader options", async (format, suffix) => {
  const { width, height } = await sharp(`${await writeSample(format)}${suffix}`).metadata();
  expect({ width, height }).toEqual({ width: 32, height: 16 });
});

test.each(["png", "tiff", "gif"] as const)("nothing asks whether a named file is a %s", async (format) => {
  const path = await writeSample(format);
  await expect(sharp(path).metadata()).rejects.toThrow("unsupported image format");
  expect(await sharp(await Bun.file(path).bytes()).metadata()).toMatchObject({ format, width: 64 });
});
