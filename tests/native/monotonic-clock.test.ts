import { expect, test } from "bun:test";
import { monotonicMicroseconds } from "../../src/native/monotonic-clock.ts";
import { systemMicroseconds } from "../support/notify-socket.ts";

test.if(process.platform === "linux")("the clock is the one that other processes read", async () => {
  const before = systemMicroseconds();
  const first = monotonicMicroseconds();
  await Bun.sleep(2);
  const second = monotonicMicroseconds();
  const after = systemMicroseconds();
  const times = [before, first, second, after].map(Number);
  expect(times.every((time, index) => index === 0 || time >= (times[index - 1] ?? Number.NaN))).toBe(true);
  expect(Number(second) - Number(first)).toBeGreaterThanOrEqual(1000);
});
