import { describe, expect, test } from "bun:test";
import { type CodecRequest, FrameAssembler, frameChunks } from "../../../src/image/wasm/codec-messages.ts";
import { patternBytes } from "../../support/pattern-bytes.ts";

const request: CodecRequest = { job: "decode-heic", maxPixels: 9, wantsThumbnail: false };
const frameOf = (...body: readonly Uint8Array[]) => Buffer.concat(frameChunks(request, ...body));

describe("a frame", () => {
  const SMALL = patternBytes(1000, 1);
  const LARGE = patternBytes(300_000, 2);

  test("goes out in one piece where it is small, and a large body is not copied", () => {
    expect(frameChunks(request, SMALL)).toHaveLength(1);
    expect(frameChunks(request, LARGE)[1]).toBe(LARGE);
  });

  for (const size of [1, 7, 65_536, 1_000_000]) {
    test(`is put together from pieces of ${size} bytes, one after the other`, () => {
      const frames = new FrameAssembler();
      // Byte by byte a part of the large one is enough.
      for (const body of [SMALL, new Uint8Array(0), LARGE.subarray(0, 20_000 * size)]) {
        const bytes = frameOf(body);
        const found = [];
        for (let at = 0; at < bytes.length; at += size) found.push(frames.push(bytes.subarray(at, at + size)));
        const frame = found.pop();
        expect(found.every((one) => one === null)).toBe(true);
        expect(frame?.head).toEqual(request);
        expect(Buffer.compare(frame?.body ?? new Uint8Array(0), body)).toBe(0);
      }
    });
  }

  test("keeps nothing of the pieces it came in", () => {
    const bytes = frameOf(SMALL);
    const frame = new FrameAssembler().push(bytes);
    bytes.fill(0);
    expect(Buffer.compare(frame?.body ?? new Uint8Array(0), SMALL)).toBe(0);
  });

  test("ends where it was announced to end", () => {
    const bytes = Buffer.concat([frameOf(SMALL), Buffer.from("x")]);
    expect(() => new FrameAssembler().push(bytes)).toThrow("more follows a codec frame");
  });

  test("is refused before memory is taken when it is too long", () => {
    const bytes = frameOf(SMALL);
    bytes.writeBigUInt64BE(2n ** 40n, 4);
    expect(() => new FrameAssembler().push(bytes)).toThrow("a codec frame is too long");
  });
});
