import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import sharp from "sharp";
import { findBrowser, startBrowser } from "../support/browser.ts";
import { type BlockRun, NEWCOMERS_PAGES, runPage, type Stage, setStage } from "./page-run.ts";
import { readPage } from "./pages.ts";
import type { ShellSession } from "./shell-session.ts";

const SIGNED = /^http:\/\/127\.0\.0\.1:\d+\/[\w-]{43}\/rs:fill:300:200\/g:sm\/plain\/s3:\/\/photos\/cat\.jpg@webp$/;
const SIZE = { width: 300, height: 200 };

/** What each block of a page took, for people: the numbers of the README are from here. */
function tell(path: string, runs: readonly BlockRun[], browserSeconds: number | undefined): void {
  const steps = runs.map(({ text, seconds }) => [seconds, text.split("\n")[0] ?? ""] as const);
  const all =
    browserSeconds === undefined ? steps : [...steps, [browserSeconds, "the signed URL in Chromium"] as const];
  const total = all.reduce((sum, [seconds]) => sum + seconds, 0);
  const lines = [...all, [total, "all together; reading, typing and the download come on top"] as const].map(
    ([seconds, what]) => `${seconds.toFixed(2).padStart(7)} s  ${what}`,
  );
  console.log([path, ...lines].join("\n"));
}

describe("a newcomer with an empty folder and the file", () => {
  const executablePath = findBrowser();
  let root: string;
  let stage: Stage;
  let browser: Browser | undefined;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "imgproxy-newcomer-"));
    stage = await setStage(root);
    browser = executablePath === undefined ? undefined : await startBrowser(executablePath);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await rm(root, { recursive: true, force: true });
  });

  /** Opens the URL that the page has led to and returns the seconds until its picture is there. */
  async function openInBrowser(session: ShellSession): Promise<number | undefined> {
    const { output: url } = await session.run('printf "%s" "$url"');
    expect(url).toMatch(SIGNED);
    if (browser === undefined) return undefined;
    const startedAt = performance.now();
    const page = await browser.newPage();
    const answer = await page.goto(url);
    const shown = await page.locator("img").evaluate((image: HTMLImageElement) => ({
      width: image.naturalWidth,
      height: image.naturalHeight,
    }));
    const seconds = (performance.now() - startedAt) / 1000;
    expect([answer?.status(), answer?.headers()["content-type"], shown]).toEqual([200, "image/webp", SIZE]);
    // One letter of the signature is another: nobody makes URLs of their own.
    const forged = await page.goto(url.replace(/(?<=\d\/)[\w-]/, (first) => (first === "A" ? "B" : "A")));
    expect(forged?.status()).toBe(403);
    await page.close();
    return seconds;
  }

  test.each(NEWCOMERS_PAGES)(
    "is led by %s to a signed picture out of a bucket, in a browser",
    async (path) => {
      let browserSeconds: number | undefined;
      const runs = await runPage(readPage(path), stage, async (session) => {
        browserSeconds = await openInBrowser(session);
      });
      tell(path, runs, browserSeconds);
      const picture = join(stage.folder, "cat.webp");
      expect(await sharp(await readFile(picture)).metadata()).toMatchObject({ format: "webp", ...SIZE });
      await Promise.all(["cat.webp", "imgproxy.env"].map((name) => rm(join(stage.folder, name))));
    },
    120_000,
  );
});
