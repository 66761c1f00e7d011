import { expect, test } from "bun:test";
import { createLibraryCheck } from "../../src/http/library-check.ts";
import type { ImageJob, Services } from "../../src/http/services.ts";
import { startStand } from "./stand.ts";

test("the real libraries pass, as a whole server's health shows", async () => {
  await using stand = await startStand({
    change: ({ config, processImage }) => ({ checkHealth: createLibraryCheck(processImage, config) }),
  });
  const response = await stand.get("/health");
  expect([response.status, await response.text()]).toEqual([200, "imgproxy is running"]);
});

test("limits on sources have no say in it", async () => {
  await using stand = await startStand({
    env: { IMGPROXY_MAX_SRC_FILE_SIZE: "10", IMGPROXY_MAX_SRC_RESOLUTION: "0.0000001" },
    change: ({ config, processImage }) => ({ checkHealth: createLibraryCheck(processImage, config) }),
  });
  expect((await stand.get("/health")).status).toBe(200);
});

const RESULT = { bytes: new Uint8Array(1), format: "png", isSource: false, frames: 1, timings: {} } as const;
const SETTINGS = {
  autoRotate: true,
  stripMetadata: true,
  keepCopyright: true,
  stripColorProfile: true,
  preserveHdr: false,
  enforceThumbnail: false,
  skipProcessingFormats: ["png"] as const,
  returnAttachment: false,
  maxSrcResolution: 50_000_000,
  maxSrcFileSize: 0,
  maxAnimationFrames: 1,
  maxAnimationFrameResolution: 0,
  maxResultDimension: 0,
};

test("callers at the same time share one image, later ones make another", async () => {
  const jobs: ImageJob[] = [];
  const processImage: Services["processImage"] = async (job) => {
    jobs.push(job);
    await Bun.sleep(10);
    return { ...RESULT, width: 1, height: 1, sourceWidth: 1, sourceHeight: 1 };
  };
  const check = createLibraryCheck(processImage, SETTINGS);
  await Promise.all([check(), check(), check()]);
  expect(jobs.length).toBe(1);
  await check();
  expect(jobs.length).toBe(2);
  // The pixel is really processed although its format is skipped for clients.
  expect(jobs[0]?.options.skipProcessing).toEqual([]);
});

test.each([
  ["no image", () => Promise.reject(new Error("libvips is gone"))],
  ["another image", async () => ({ ...RESULT, width: 2, height: 1, sourceWidth: 1, sourceHeight: 1 })],
] as [string, Services["processImage"]][])("%s is a failure, and does not last", async (_, broken) => {
  let isBroken = true;
  const good = async () => ({ ...RESULT, width: 1, height: 1, sourceWidth: 1, sourceHeight: 1 });
  const check = createLibraryCheck((job) => (isBroken ? broken(job) : good()), SETTINGS);
  await expect(check()).rejects.toThrow();
  isBroken = false;
  await check();
});
