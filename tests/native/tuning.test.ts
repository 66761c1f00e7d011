import { describe, expect, test } from "bun:test";
import { availableParallelism } from "node:os";
import { chosenSettings } from "../../src/native/tuning.ts";

describe("the settings chosen at start", () => {
  test("run as many native jobs as IMGPROXY_WORKERS says, and two more for files and names", () => {
    expect(chosenSettings({ IMGPROXY_WORKERS: "7" })["UV_THREADPOOL_SIZE"]).toBe("9");
  });

  test("run at most twice as many images as there are processors without it", () => {
    const jobs = Number(chosenSettings({})["UV_THREADPOOL_SIZE"]) - 2;
    expect(jobs).toBeGreaterThanOrEqual(2);
    expect(jobs).toBeLessThanOrEqual(2 * availableParallelism());
  });

  test("ignore nonsense, which the configuration will refuse with a proper message", () => {
    expect(chosenSettings({ IMGPROXY_WORKERS: "many" })).toEqual(chosenSettings({}));
    expect(chosenSettings({ IMGPROXY_WORKERS: "-3" })).toEqual(chosenSettings({}));
  });
});
