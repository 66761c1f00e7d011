import { describe, expect, test } from "bun:test";
import { startMemoryCare } from "../../../src/cli/serve/memory-care.ts";
import type { Logger } from "../../../src/telemetry/types.ts";

const INTERVAL_SECONDS = 0.02;

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition() && waited < 3000; waited += 5) await Bun.sleep(5);
}

function care(settings: { readonly logMemStats?: boolean } = {}) {
  const state = { busy: 0, cpuSeconds: 1, asked: 0, released: 0, lines: [] as Parameters<Logger["log"]>[] };
  const { stop } = startMemoryCare({
    config: { freeMemoryIntervalSeconds: INTERVAL_SECONDS, logMemStats: settings.logMemStats ?? false },
    queue: {
      get busy() {
        state.asked++;
        return state.busy;
      },
    },
    logger: { log: (...line) => void state.lines.push(line) },
    release: () => void state.released++,
    cpuSeconds: () => state.cpuSeconds,
  });
  const pass = async () => {
    const before = state.asked;
    await until(() => state.asked >= before + 2);
  };
  return { state, pass, [Symbol.dispose]: stop };
}

describe("memory is handed back", () => {
  test("once after work, not without, and not while an image is in work", async () => {
    using cared = care();
    const { state, pass } = cared;
    await pass();
    expect(state.released).toBe(0);
    state.busy = 1;
    state.cpuSeconds = 2;
    await pass();
    expect(state.released).toBe(0);
    state.busy = 0;
    await pass();
    expect(state.released).toBe(1);
    await pass();
    expect(state.released).toBe(1);
    expect(state.lines).toEqual([]);
  });
});

test("memory figures go to the log when they are wanted", async () => {
  using cared = care({ logMemStats: true });
  await until(() => cared.state.lines.length > 0);
  const [level, message, fields] = cared.state.lines[0] ?? [];
  expect([level, message]).toEqual(["debug", "Memory usage"]);
  expect(Number(fields?.["resident_bytes"])).toBeGreaterThan(10_000_000);
});
