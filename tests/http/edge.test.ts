import { describe, expect, test } from "bun:test";
import { toResponse } from "../../src/http/answer.ts";
import { startDeadline } from "../../src/http/deadline.ts";
import { createEdge, goneSignal, type WholeAnswer } from "../../src/http/edge.ts";

const COMMON = {
  first: [
    ["X-Request-ID", "one"],
    ["Server", "ours"],
  ],
  last: [["X-Custom", "operator"]],
} as const;
const BODY = Buffer.from("bytes");

function answered(method: string, status: number, body: Uint8Array | string | null) {
  const taken: WholeAnswer[] = [];
  const headers = [
    ["Server", "other"],
    ["X-Custom", "source"],
  ] as const;
  const response = toResponse({ status, headers, body }, COMMON, { method, take: (answer) => taken.push(answer) });
  return { taken, response };
}

describe("whole bytes", () => {
  test("go past the Response with their length, the last of equal headers counting", () => {
    const { taken, response } = answered("GET", 200, BODY);
    const headers = { "x-request-id": "one", server: "other", "x-custom": "operator", "content-length": "5" };
    expect(taken).toEqual([{ status: 200, headers, body: BODY }]);
    expect([response.body, [...response.headers]]).toEqual([null, []]);
  });

  test("go with the status of the fallback, which is at least 200", () => {
    expect(answered("GET", 404, BODY).taken[0]?.status).toBe(404);
    expect(answered("GET", 103, BODY).taken[0]?.status).toBe(200);
  });

  test("are not sent where no body may be, nor to HEAD", () => {
    for (const { taken, response } of [answered("HEAD", 200, BODY), answered("GET", 204, BODY)]) {
      expect([taken, response.body, response.headers.get("server")]).toEqual([[], null, "other"]);
    }
    expect(answered("HEAD", 200, BODY).response.headers.get("content-length")).toBe("5");
  });

  test("are all that goes that way", async () => {
    const { taken, response } = answered("GET", 200, "text");
    expect([taken, await response.text(), response.headers.get("content-length")]).toEqual([[], "text", "4"]);
  });
});

describe("a request that came in another way", () => {
  test("tells when its client leaves, also when it has left already", () => {
    const client = new AbortController();
    const request = new Request("http://h/a?b", { signal: client.signal, headers: { accept: "image/webp" } });
    const exchange = createEdge().exchangeOf(request);
    expect([exchange.target, exchange.headers.get("accept")]).toEqual(["/a?b", "image/webp"]);
    const signal = goneSignal(exchange);
    expect(signal.aborted).toBeFalse();
    client.abort();
    expect([signal.aborted, goneSignal(exchange).aborted]).toEqual([true, true]);
  });
});

describe("the time of a request", () => {
  test("ends when the client leaves, but not after it is over", () => {
    for (const isOver of [false, true]) {
      let leave = () => {};
      const deadline = startDeadline(60, (listener) => {
        leave = listener;
      });
      if (isOver) deadline[Symbol.dispose]();
      leave();
      expect(deadline.signal.aborted).toBe(!isOver);
      deadline[Symbol.dispose]();
    }
  });
});
