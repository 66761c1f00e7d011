import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import astronaut from "./samples/astronaut.jpg" with { type: "file" };
import chelsea from "./samples/chelsea.png" with { type: "file" };
import coffee from "./samples/coffee.webp" with { type: "file" };
import rocket from "./samples/rocket.jpg" with { type: "file" };
import zoom from "./samples/zoom.webp" with { type: "file" };

/** A photograph that the executable carries; origin and licence are in samples/README.md. */
export type Sample = { readonly name: string; readonly contentType: string; readonly path: string };

export const SAMPLES: readonly Sample[] = [
  { name: "astronaut.jpg", contentType: "image/jpeg", path: astronaut },
  { name: "rocket.jpg", contentType: "image/jpeg", path: rocket },
  { name: "coffee.webp", contentType: "image/webp", path: coffee },
  { name: "chelsea.png", contentType: "image/png", path: chelsea },
  { name: "zoom.webp", contentType: "image/webp", path: zoom },
];

/** Writes the samples into a folder, which is made when missing. */
export async function writeSamples(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const sample of SAMPLES) await writeFile(join(folder, sample.name), await readFile(sample.path));
}
