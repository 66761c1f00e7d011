import { describe, expect, test } from "bun:test";
import { createServer } from "node:http";
import { findFreeAddress } from "../../../../src/cli/serve/processes/free-address.ts";
import { loadConfig } from "../../../../src/config/config.ts";
import { withSharedPort } from "../../../../src/native/shared-port.ts";

const find = (bind: string, more: Record<string, string> = {}) =>
  findFreeAddress(loadConfig({ IMGPROXY_BIND: bind, ...more }).config);

describe("the address for several processes", () => {
  test("is the one that is set", async () => {
    using free = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
    const { port } = free;
    await free.stop(true);
    expect(await find(`127.0.0.1:${port}`)).toBe(`127.0.0.1:${port}`);
    expect(await find(`:${port}`)).toBe(`:${port}`);
    expect(await find(`[::1]:${port}`)).toBe(`[::1]:${port}`);
  });

  test.each([
    ["127.0.0.1:0", /^127\.0\.0\.1:[1-9]\d*$/],
    [":0", /^:[1-9]\d*$/],
    ["[::1]:0", /^\[::1\]:[1-9]\d*$/],
  ])("has a port where any will do: %s", async (bind, address) => {
    expect(await find(bind)).toMatch(address);
    expect(await find(bind, { IMGPROXY_SO_REUSEPORT: "true" })).toMatch(address);
  });

  test("is refused when others listen there, even those who share their port, unless sharing is wanted", async () => {
    await using other = createServer();
    const port = await withSharedPort(
      () =>
        new Promise<number>((resolve) => {
          other.listen({ port: 0, host: "127.0.0.1" }, () => {
            const address = other.address();
            resolve(typeof address === "object" && address !== null ? address.port : 0);
          });
        }),
    );
    const bind = `127.0.0.1:${port}`;
    await expect(find(bind)).rejects.toThrow(`cannot listen on ${bind}: another program listens there`);
    expect(await find(bind, { IMGPROXY_SO_REUSEPORT: "true" })).toBe(bind);
  });
});
