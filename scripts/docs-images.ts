/**
 * Makes the pictures of docs/url-guide.md by asking dist/imgproxy for the URLs that stand under them: `bun run docs:images`.
 * Writes them to docs/images/guide/, removes what no longer stands there, and brings the sizes in the page up to date.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SAMPLES } from "../src/cli/demo/samples.ts";

const ROOT = join(import.meta.dir, "..");
const GUIDE = "docs/url-guide.md";
const PICTURES = "images/guide/";

/** A picture of the guide: `file` from docs/, `path` what stands behind the signature of its URL. */
export type GuidePicture = { readonly file: string; readonly path: string };

/** Settings that the guide's URLs need, with the samples below `folder`. */
export function guideSettings(folder: string): Record<string, string> {
  return {
    IMGPROXY_LOCAL_FILESYSTEM_ROOT: folder,
    // The guide's URLs are those of `imgproxy demo`; which store the bytes come from does not change them.
    IMGPROXY_URL_REPLACEMENTS: "s3://samples/=local:///",
    IMGPROXY_WATERMARK_PATH: join(ROOT, "docs/images/watermark.svg"),
    IMGPROXY_MAX_ANIMATION_FRAMES: "12",
  };
}

/** Pictures with their URLs, in a cell of a table: picture, options, source, and perhaps the size of the file. */
export function guidePictures(page: string): readonly GuidePicture[] {
  return [...page.matchAll(/\]\((images\/guide\/[^)]+)\)((?:<br>`[^`]+`)+)/g)].map(([, file = "", codes = ""]) => ({
    file,
    path: [...codes.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => `/${code}`).join(""),
  }));
}

/** Puts the samples into a folder. */
export async function writeSamples(folder: string): Promise<void> {
  for (const { name, path } of SAMPLES) await writeFile(join(folder, name), await readFile(path));
}

async function startServer(folder: string): Promise<{ url: string; stop(): Promise<unknown> }> {
  const port = await freePort();
  const bind = `127.0.0.1:${port}`;
  const child = Bun.spawn([join(ROOT, "dist/imgproxy")], {
    env: { ...guideSettings(folder), IMGPROXY_BIND: bind, IMGPROXY_LOG_LEVEL: "error" },
    stdin: "ignore",
    stdout: "inherit",
    stderr: "inherit",
  });
  const stop = () => {
    child.kill();
    return child.exited;
  };
  const url = `http://${bind}`;
  for (let tries = 0; tries < 300 && child.exitCode === null; tries++) {
    const answer = await fetch(`${url}/health`).catch(() => undefined);
    if (answer?.ok) return { url, stop };
    await Bun.sleep(50);
  }
  await stop();
  throw new Error("dist/imgproxy does not start; build it with `bun run build`");
}

async function freePort(): Promise<number> {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  const { port = 0 } = server;
  await server.stop(true);
  return port;
}

async function main(): Promise<void> {
  const page = await readFile(join(ROOT, GUIDE), "utf8");
  const folder = await mkdtemp(join(tmpdir(), "imgproxy-guide-"));
  await writeSamples(folder);
  const server = await startServer(folder);
  const sizes = new Map<string, number>();
  try {
    await mkdir(join(ROOT, "docs", PICTURES), { recursive: true });
    for (const { file, path } of guidePictures(page)) {
      const answer = await fetch(`${server.url}/unsafe${path}`);
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      const bytes = await answer.bytes();
      sizes.set(file, bytes.length);
      await writeFile(join(ROOT, "docs", file), bytes);
    }
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
  for (const name of await readdir(join(ROOT, "docs", PICTURES)))
    if (!sizes.has(PICTURES + name)) await rm(join(ROOT, "docs", PICTURES, name));
  const current = page.replace(
    /(\]\((images\/guide\/[^)]+)\)(?:<br>`[^`]+`)+<br>)[\d.]+ kB/g,
    (_cell, before: string, file: string) => `${before}${((sizes.get(file) ?? 0) / 1000).toFixed(1)} kB`,
  );
  await writeFile(join(ROOT, GUIDE), current);
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  console.log(`${sizes.size} pictures, ${(total / 1000).toFixed(0)} kB`);
}

if (import.meta.main) await main();
