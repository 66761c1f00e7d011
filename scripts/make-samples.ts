/**
 * Makes the sample pictures of `imgproxy demo` from the originals that the scikit-image package carries
 * (skimage/data in its wheel). Run by hand, the results are in the repository:
 *
 *   bun scripts/make-samples.ts path/to/skimage/data
 */
import { join } from "node:path";
import sharp from "sharp";

const [from] = process.argv.slice(2);
if (from === undefined) {
  process.stderr.write("usage: bun scripts/make-samples.ts path/to/skimage/data\n");
  process.exit(1);
}
const to = join(import.meta.dir, "../src/cli/demo/samples");
const original = (name: string) => join(from, name);

await sharp(original("astronaut.png")).jpeg({ quality: 88, mozjpeg: true }).toFile(join(to, "astronaut.jpg"));
await sharp(original("rocket.jpg")).jpeg({ quality: 84, mozjpeg: true }).toFile(join(to, "rocket.jpg"));
await sharp(original("coffee.png")).webp({ quality: 82, effort: 6 }).toFile(join(to, "coffee.webp"));

// An oval cut-out with a soft edge: a picture with real transparency.
const { data: cat, info } = await sharp(original("chelsea.png"))
  .resize(360)
  .png()
  .toBuffer({ resolveWithObject: true });
const oval = `<svg width="${info.width}" height="${info.height}"><defs><radialGradient id="g"><stop offset=".92" stop-color="#fff"/>
<stop offset="1" stop-color="#fff" stop-opacity="0"/></radialGradient></defs><ellipse cx="50%" cy="50%" rx="50%" ry="50%" fill="url(#g)"/></svg>`;
await sharp(cat)
  .ensureAlpha()
  .composite([{ input: Buffer.from(oval), blend: "dest-in" }])
  .png({ palette: true, quality: 90, effort: 10 })
  .toFile(join(to, "chelsea.png"));

// A slow zoom, as an animation of 12 frames.
const FRAMES = 12;
const frames: Buffer[] = [];
for (let i = 0; i < FRAMES; i++) {
  const side = Math.round(512 - 180 * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / FRAMES)));
  const left = Math.round((512 - side) * 0.42);
  const top = Math.round((512 - side) * 0.18);
  frames.push(
    await sharp(original("astronaut.png"))
      .extract({ left, top, width: side, height: side })
      .resize(200, 200)
      .toBuffer(),
  );
}
await sharp(frames, { join: { animated: true } })
  .webp({ quality: 60, effort: 6, delay: Array(FRAMES).fill(90), loop: 0 })
  .toFile(join(to, "zoom.webp"));
