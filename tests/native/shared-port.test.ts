import { describe, expect, test } from "bun:test";
import { createServer, type Server } from "node:http";
import { withSharedPort } from "../../src/native/shared-port.ts";

function listen(server: Server, port: number, reusePort = false): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host: "127.0.0.1", reusePort }, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}

function answering(text: string) {
  const server = createServer((_, outgoing) => void outgoing.end(text));
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { server, [Symbol.asyncDispose]: close };
}

describe("a shared port", () => {
  test("takes several servers, each of which gets connections", async () => {
    await using one = answering("one");
    await using two = answering("two");
    const port = await withSharedPort(() => listen(one.server, 0));
    expect(await withSharedPort(() => listen(two.server, port))).toBe(port);
    const seen = new Set<string>();
    for (let asked = 0; asked < 200 && seen.size < 2; asked++) {
      const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { Connection: "close" } });
      seen.add(await answer.text());
    }
    expect(seen).toEqual(new Set(["one", "two"]));
  });

  test("is closed to servers that do not share theirs", async () => {
    await using one = answering("one");
    await using two = answering("two");
    const port = await withSharedPort(() => listen(one.server, 0));
    await expect(listen(two.server, port)).rejects.toMatchObject({ code: "EADDRINUSE" });
  });

  test("is what node:http does not offer by itself: once it does, this file is superfluous", async () => {
    await using one = answering("one");
    await using two = answering("two");
    const port = await listen(one.server, 0, true);
    await expect(listen(two.server, port, true)).rejects.toMatchObject({ code: "EADDRINUSE" });
  });

  test("is nothing that a later server gets by accident", async () => {
    await using one = answering("one");
    await using two = answering("two");
    expect(() =>
      withSharedPort(() => {
        throw new Error("not now");
      }),
    ).toThrow("not now");
    const port = await listen(one.server, 0);
    await expect(withSharedPort(() => listen(two.server, port))).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
});
