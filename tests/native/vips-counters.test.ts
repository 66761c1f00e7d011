import { expect, test } from "bun:test";
import sharp from "sharp";
import { bindVipsCounters } from "../../src/native/vips-counters.ts";

test("libvips' counters follow what sharp does", async () => {
  const read = bindVipsCounters();
  const before = read?.();
  await sharp({ create: { width: 2000, height: 2000, channels: 3, background: "#c03" } })
    .blur(5)
    .png()
    .toBuffer();
  const after = read?.();
  expect(before?.current).toBeGreaterThanOrEqual(0);
  expect(after?.high).toBeGreaterThan(100_000);
  expect(after?.allocations).toBeGreaterThanOrEqual(0);
  // It is the library that sharp uses, not a second one.
  expect(Math.abs((after?.high ?? 0) / 2 ** 20 - sharp.cache().memory.high)).toBeLessThan(1);
});
