import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import sharp from "sharp";
import { guidePictures, guideSettings, writeSamples } from "../../scripts/docs-images.ts";
import { type RunningServer, startServer } from "../support/executable.ts";
import { ROOT, readPage } from "./pages.ts";

const page = readPage("docs/url-guide.md");
const pictures = guidePictures(page.text);

/** Mean difference of two pictures' samples, 0…255; encoders differ a little between processors. */
async function difference(one: Uint8Array, other: Uint8Array): Promise<number> {
  const [a, b] = await Promise.all(
    [one, other].map((bytes) =>
      sharp(bytes, { animated: true }).ensureAlpha().raw().toBuffer({ resolveWithObject: true }),
    ),
  );
  if (a === undefined || b === undefined) throw new Error("two pictures are compared");
  const { width, height, pages } = a.info;
  expect({ width, height, pages }).toEqual({ width: b.info.width, height: b.info.height, pages: b.info.pages });
  let sum = 0;
  for (const [index, sample] of a.data.entries()) sum += Math.abs(sample - (b.data[index] ?? 0));
  return sum / a.data.length;
}

describe("docs/url-guide.md", () => {
  let folder: string;
  let server: RunningServer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "imgproxy-guide-"));
    await writeSamples(folder);
    server = await startServer({ env: guideSettings(folder) });
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test("shows as many pictures as there are files", async () => {
    const files = await readdir(join(ROOT, "docs/images/guide"));
    expect(pictures.map(({ file }) => basename(file)).sort()).toEqual(files.sort());
    expect(page.text.match(/!\[/g)?.length).toBe(pictures.length);
  });

  test.each(pictures.map(({ file, path }) => [path, file] as const))(
    "%s makes the picture above it; run `bun run docs:images` when it does not",
    async (path, file) => {
      const answer = await fetch(`${server.url}/unsafe${path}`);
      expect(answer.status).toBe(200);
      const [made, kept] = [await answer.bytes(), await readFile(join(ROOT, "docs", file))];
      expect((await sharp(made).metadata()).format).toBe((await sharp(kept).metadata()).format);
      expect(await difference(made, kept)).toBeLessThan(1);
      const [, told] =
        new RegExp(`\\(${RegExp.escape(file)}\\)(?:<br>\`[^\`]+\`)+<br>([\\d.]+) kB`).exec(page.text) ?? [];
      if (told !== undefined) expect(Math.abs(Number(told) - kept.length / 1000)).toBeLessThanOrEqual(0.05);
    },
  );
});
