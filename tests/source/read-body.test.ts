import { describe, expect, test } from "bun:test";
import { AppError } from "../../src/errors.ts";
import { readBody } from "../../src/source/read-body.ts";
import { failureOf } from "../support/failure.ts";
import { patternBytes } from "../support/pattern-bytes.ts";

const never = new AbortController().signal;

/** A body that arrives in pieces, and what became of it. */
function body(pieces: readonly Uint8Array[], end: "close" | "hang" | Error = "close") {
  const state = { delivered: 0, cancelledWith: undefined as unknown };
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const piece = pieces[state.delivered++];
        if (piece !== undefined) controller.enqueue(piece);
        else if (end === "close") controller.close();
        else if (end !== "hang") controller.error(end);
        else return new Promise(() => undefined);
        return undefined;
      },
      cancel(reason) {
        state.cancelledWith = reason;
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, state };
}

function response(stream: ReadableStream<Uint8Array> | Uint8Array | null, length?: number | string) {
  const headers = new Headers(length === undefined ? {} : { "content-length": String(length) });
  return { status: 200, headers, body: stream };
}

const pieces = [patternBytes(1000, 1), patternBytes(1, 2), patternBytes(5000, 3)];
const whole = Buffer.concat(pieces);

describe("a body is read whole", () => {
  test.each([
    ["with its length", 6001],
    ["without a length", undefined],
    ["with a length that is no number", "abc"],
    ["with a length beyond all reason", "99999999999999999999"],
  ])("%s", async (_, length) => {
    const bytes = await readBody(response(body(pieces).stream, length), { maxBytes: 0, signal: never });
    expect(Buffer.compare(bytes, whole)).toBe(0);
  });

  test("when it is empty, or none at all", async () => {
    expect(await readBody(response(body([]).stream, 0), { maxBytes: 0, signal: never })).toHaveLength(0);
    expect(await readBody(response(body([]).stream), { maxBytes: 0, signal: never })).toHaveLength(0);
    expect(await readBody(response(null), { maxBytes: 0, signal: never })).toHaveLength(0);
  });

  test("without a copy when it is at hand", async () => {
    expect(await readBody(response(whole, 6001), { maxBytes: 6001, signal: never })).toBe(whole);
  });

  test("into one buffer of the announced size", async () => {
    const bytes = await readBody(response(body(pieces).stream, 6001), { maxBytes: 0, signal: never });
    expect(bytes.buffer.byteLength).toBe(6001);
  });

  test("whose announced terabyte costs nothing when it does not come", async () => {
    const { stream } = body(pieces);
    const error = await failureOf(readBody(response(stream, 1e12), { maxBytes: 0, signal: never }));
    expect(error.kind).toBe("source_incomplete");
    expect(error.message).toContain("6001 of 1000000000000 bytes");
  });
});

describe("the limit", () => {
  test("admits a body of exactly its size", async () => {
    expect(await readBody(response(body(pieces).stream, 6001), { maxBytes: 6001, signal: never })).toHaveLength(6001);
    expect(await readBody(response(body(pieces).stream), { maxBytes: 6001, signal: never })).toHaveLength(6001);
  });

  test("refuses an announced length before a byte is read", async () => {
    const { stream, state } = body(pieces);
    const error = await failureOf(readBody(response(stream, 6001), { maxBytes: 6000, signal: never }));
    expect(error.kind).toBe("invalid_image");
    expect(error.message).toStartWith("Source image file is too big");
    expect(error.message).toContain("IMGPROXY_MAX_SRC_FILE_SIZE");
    expect(state.delivered).toBe(0);
    expect(state.cancelledWith).toBe(error);
  });

  test("stops a body of unknown length as soon as it is passed", async () => {
    const { stream, state } = body(pieces);
    const error = await failureOf(readBody(response(stream), { maxBytes: 1000, signal: never }));
    expect(error.kind).toBe("invalid_image");
    expect(state.delivered).toBe(2);
    expect(state.cancelledWith).toBe(error);
  });

  test("holds for bytes at hand too", async () => {
    expect((await failureOf(readBody(response(whole), { maxBytes: 6000, signal: never }))).kind).toBe("invalid_image");
  });
});

describe("a body that fails", () => {
  test.each([
    ["shorter than announced", 6002],
    ["longer than announced", 6000],
  ])("because it is %s is incomplete", async (_, length) => {
    const { stream } = body(pieces);
    expect((await failureOf(readBody(response(stream, length), { maxBytes: 0, signal: never }))).kind).toBe(
      "source_incomplete",
    );
  });

  test("fails with its own error", async () => {
    const error = new AppError("source_timeout", "too slow");
    expect(await failureOf(readBody(response(body(pieces, error).stream), { maxBytes: 0, signal: never }))).toBe(error);
  });

  test("to go on is given up with the reason of the signal, and cancelled", async () => {
    const abort = new AbortController();
    const { stream, state } = body(pieces, "hang");
    const failed = failureOf(readBody(response(stream), { maxBytes: 0, signal: abort.signal }));
    await Bun.sleep(5);
    const reason = new AppError("timeout", "time is up");
    abort.abort(reason);
    expect(await failed).toBe(reason);
    expect(state.cancelledWith).toBe(reason);
  });

  test("is cancelled unread when the signal has been aborted before", async () => {
    const { stream, state } = body(pieces);
    const error = await failureOf(readBody(response(stream), { maxBytes: 0, signal: AbortSignal.abort() }));
    expect(error.kind).toBe("cancelled");
    expect(state).toEqual({ delivered: 0, cancelledWith: error });
  });
});
