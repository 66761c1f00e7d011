import { describe, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import { AppError } from "../../src/errors.ts";
import { readBody } from "../../src/source/read-body.ts";
import type { SourceResponse } from "../../src/source/types.ts";
import { requireWholeSource } from "../../src/source/whole-source.ts";
import { failureOf } from "../support/failure.ts";

const signal = new AbortController().signal;
const read = (response: SourceResponse, maxBytes = 0) => readBody(response, { maxBytes, signal });

function streamOf(...pieces: readonly (Uint8Array | Error)[]) {
  const state = { isCancelled: false };
  let next = 0;
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const piece = pieces[next++];
        if (piece === undefined) controller.close();
        else if (piece instanceof Error) controller.error(piece);
        else controller.enqueue(piece);
      },
      cancel() {
        state.isCancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, state };
}

function response(
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body: SourceResponse["body"] = null,
): SourceResponse {
  return { status, headers: new Headers(headers), body };
}

describe("statuses", () => {
  test.each([
    [200, {}],
    [206, { "content-range": "bytes 0-9/10" }],
    [206, { "content-range": "bytes 0-9/*", "content-length": "10" }],
    [206, { "content-range": "BYTES 0-9/10" }],
  ])("%d with %j is a whole source", async (status, headers) => {
    const bytes = new Uint8Array(10);
    const admitted = await requireWholeSource(response(status, headers, bytes));
    expect(admitted.status).toBe(200);
    expect(admitted.body).toBe(bytes);
  });

  test("304 stays what it is", async () => {
    const given = response(304, { etag: '"x"' });
    expect(await requireWholeSource(given)).toBe(given);
  });

  test.each([
    [{ "content-range": "bytes 0-8/10" }, "incomplete content"],
    [{ "content-range": "bytes 1-9/10" }, "incomplete content"],
    [{ "content-range": "bytes 0-9/*", "content-length": "11" }, "incomplete content"],
    [{ "content-range": "bytes 0-9/*" }, "incomplete content"],
    [{ "content-range": "bytes */10" }, "invalid Content-Range"],
    [{ "content-range": "items 0-9/10" }, "invalid Content-Range"],
    [{}, "invalid Content-Range"],
  ])("206 with %j is refused: %s", async (headers, why) => {
    const { stream, state } = streamOf(new Uint8Array(10));
    const error = await failureOf(requireWholeSource(response(206, headers, stream)));
    expect(error).toMatchObject({ kind: "source_unreachable", status: 404 });
    expect(error.message).toContain(why);
    expect(state.isCancelled).toBe(true);
  });

  test.each([
    [201, 404],
    [202, 404],
    [203, 404],
    [204, 404],
    [300, 404],
    [302, 404],
    [400, 400],
    [401, 401],
    [403, 403],
    [404, 404],
    [408, 408],
    [410, 410],
    [416, 416],
    [418, 418],
    [429, 429],
    [451, 451],
    [499, 499],
    [500, 502],
    [502, 502],
    [503, 502],
    [504, 502],
    [599, 502],
  ])("%d is an unreachable source, answered with %d", async (status, answered) => {
    const error = await failureOf(requireWholeSource(response(status)));
    expect(error).toMatchObject({ kind: "source_unreachable", status: answered });
    expect(error.message).toBe(`can't download source image: status: ${status}`);
  });
});

describe("the text of a refusing origin", () => {
  test("is quoted when it is text", async () => {
    const { stream } = streamOf(Buffer.from("origin "), Buffer.from("says no"));
    const error = await failureOf(requireWholeSource(response(404, { "content-type": "text/plain" }, stream)));
    expect(error.message).toBe("can't download source image: status: 404; origin says no");
  });

  test("is quoted up to a kilobyte, and the rest is never asked for", async () => {
    const { stream, state } = streamOf(...Array.from({ length: 50 }, () => Buffer.alloc(1000, "x")));
    const error = await failureOf(
      requireWholeSource(response(500, { "content-type": "text/html; charset=utf-8" }, stream)),
    );
    expect(error.message).toBe(`can't download source image: status: 500; ${"x".repeat(1024)}`);
    expect(state.isCancelled).toBe(true);
  });

  test("is left out when it is an image, and when it breaks off", async () => {
    const image = streamOf(new Uint8Array(10));
    const binary = await failureOf(requireWholeSource(response(404, { "content-type": "image/png" }, image.stream)));
    expect(binary.message).toBe("can't download source image: status: 404");
    expect(image.state.isCancelled).toBe(true);
    const { stream } = streamOf(Buffer.from("half a "), new AppError("source_incomplete", "broke off"));
    const broken = await failureOf(requireWholeSource(response(404, { "content-type": "text/plain" }, stream)));
    expect(broken.message).toBe("can't download source image: status: 404; half a ");
  });
});

describe("a gzip content encoding", () => {
  const plain = Buffer.from("hello ".repeat(10_000));
  const encoded = gzipSync(plain);
  const headers = { "content-encoding": "gzip", "content-length": String(encoded.length), etag: '"x"' };

  test.each([
    ["of a stream", () => streamOf(encoded.subarray(0, 20), encoded.subarray(20)).stream],
    ["of bytes at hand", () => encoded],
  ])("%s is undone, and the length goes with it", async (_, body) => {
    const admitted = await requireWholeSource(response(200, headers, body()));
    expect(Object.fromEntries(admitted.headers)).toEqual({ etag: '"x"' });
    expect(Buffer.compare(await read(admitted), plain)).toBe(0);
  });

  test.each(["deflate", "br", "zstd", "gzip, gzip"])("%s is left alone", async (encoding) => {
    const admitted = await requireWholeSource(response(200, { "content-encoding": encoding }, encoded));
    expect(admitted.body).toBe(encoded);
    expect(admitted.headers.get("content-encoding")).toBe(encoding);
  });

  test.each([
    ["is none", Buffer.from("not gzip at all")],
    ["ends early", encoded.subarray(0, encoded.length - 20)],
    ["is followed by something else", Buffer.concat([encoded, Buffer.from("rest")])],
    ["is empty", Buffer.alloc(0)],
  ])("that %s makes the image invalid, not the server wrong", async (_, body) => {
    const error = await failureOf(requireWholeSource(response(200, headers, body)).then((admitted) => read(admitted)));
    expect(error).toMatchObject({ kind: "invalid_image", status: 422 });
  });

  test("passes on the fault of the body itself", async () => {
    const fault = new AppError("source_timeout", "too slow");
    const { stream } = streamOf(encoded.subarray(0, 20), fault);
    const admitted = await requireWholeSource(response(200, headers, stream));
    expect(await failureOf(read(admitted))).toBe(fault);
  });

  test("counts decoded bytes for the limit, and stops the bomb there", async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    const { stream, state } = streamOf(...Array.from({ length: 100 }, () => bomb));
    const admitted = await requireWholeSource(response(200, { "content-encoding": "gzip" }, stream));
    expect((await failureOf(read(admitted, 1_000_000))).kind).toBe("invalid_image");
    for (let turn = 0; turn < 100 && !state.isCancelled; turn++) await Bun.sleep(5);
    expect(state.isCancelled).toBe(true);
  });
});
