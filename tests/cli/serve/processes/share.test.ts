import { describe, expect, test } from "bun:test";
import { takeShare } from "../../../../src/cli/serve/processes/share.ts";
import { loadConfig } from "../../../../src/config/config.ts";

/** What each of so many processes works with. */
function sharesOf(variables: Record<string, string>, processes: number) {
  const { config } = loadConfig(variables);
  return Array.from({ length: processes }, (_, at) =>
    takeShare(config, { index: at + 1, processes, bind: "127.0.0.1:8080", isTerminal: false }),
  );
}

describe("processes share what the variables bound", () => {
  test.each([
    [4, 2, [2, 2]],
    [5, 2, [3, 2]],
    [3, 3, [1, 1, 1]],
    [64, 6, [11, 11, 11, 11, 10, 10]],
  ])("%p workers over %p processes", (workers, processes, shares) => {
    const configs = sharesOf({ IMGPROXY_WORKERS: String(workers) }, processes);
    expect(configs.map((config) => config.workers)).toEqual(shares);
  });

  test.each([
    ["0", 0],
    ["1", 1],
    ["10", 4],
    ["12", 4],
  ])("a queue of %p, where 0 is no limit", (queue, share) => {
    for (const config of sharesOf({ IMGPROXY_REQUESTS_QUEUE_SIZE: queue }, 3))
      expect(config.requestsQueueSize).toBe(share);
  });

  test("connections and memory for results, of which each needs some", () => {
    const [one] = sharesOf({ IMGPROXY_MAX_CLIENTS: "1000", IMGPROXY_CACHE_MEMORY_SIZE: "128M" }, 4);
    expect(one).toMatchObject({ maxClients: 250, cacheMemorySizeBytes: 32 * 2 ** 20 });
    const [least] = sharesOf({ IMGPROXY_MAX_CLIENTS: "0", IMGPROXY_CACHE_MEMORY_SIZE: "2M" }, 4);
    expect(least).toMatchObject({ maxClients: 0, cacheMemorySizeBytes: 2 ** 20 });
  });

  test("one address, and nothing else changes", () => {
    const { config } = loadConfig({ IMGPROXY_BIND: "127.0.0.1:0" });
    const [share] = sharesOf({ IMGPROXY_BIND: "127.0.0.1:0" }, 1);
    expect(share).toEqual({ ...config, bind: "127.0.0.1:8080", soReuseport: true });
  });
});
