import { describe, expect, test } from "bun:test";
import { RestartPace } from "../../../../src/cli/serve/processes/restart-pace.ts";

const DIED_SOON = { hasServed: true, livedMs: 500 };
const DIED_LATE = { hasServed: true, livedMs: 3_600_000 };
const NEVER_SERVED = { hasServed: false, livedMs: 0 };

describe("a process is started anew", () => {
  test("at once after a single accident, however many there are over time", () => {
    const pace = new RestartPace();
    for (let accidents = 0; accidents < 50; accidents++) expect(pace.delayAfter(DIED_LATE)).toBe(100);
  });

  test("ever slower where it dies again and again, without end", () => {
    const pace = new RestartPace();
    const delays = Array.from({ length: 20 }, () => pace.delayAfter(DIED_SOON));
    expect(delays.slice(0, 9)).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
    expect(delays.at(-1)).toBe(10_000);
    expect(pace.delayAfter(DIED_LATE)).toBe(100);
  });

  test("not for ever where it does not even start", () => {
    const pace = new RestartPace();
    const delays = [DIED_LATE, ...Array<typeof NEVER_SERVED>(8).fill(NEVER_SERVED)].map((life) =>
      pace.delayAfter(life),
    );
    expect(delays.slice(0, 8).every((delay) => delay !== undefined)).toBe(true);
    expect(delays[8]).toBeUndefined();
  });

  test("counting failed starts from the last one that worked", () => {
    const pace = new RestartPace();
    for (let rounds = 0; rounds < 3; rounds++) {
      for (let times = 0; times < 7; times++) expect(pace.delayAfter(NEVER_SERVED)).toBeNumber();
      expect(pace.delayAfter(DIED_SOON)).toBeNumber();
    }
  });
});
