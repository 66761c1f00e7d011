import { describe, expect, test } from "bun:test";
import { AppError } from "../../src/errors.ts";
import { readBody } from "../../src/source/read-body.ts";
import type { Source, SourceRequest, SourceResponse, SourceUrl } from "../../src/source/types.ts";
import { requireWholeSource } from "../../src/source/whole-source.ts";
import { failureOf } from "../support/failure.ts";

/** An object as the contract needs it: what is stored, and the URL a source finds it by. */
export type ContractObject = { readonly url: string; readonly bytes: Uint8Array };

/** What a source must offer to be tested. Everything is made before the first test and released after the last. */
export type SourceStand = {
  readonly source: Source;
  /** Two stored objects: one of a few kB, one of several MB (more than any buffer on the way). */
  readonly small: ContractObject;
  readonly large: ContractObject;
  /** A URL of the right form with nothing behind it. */
  readonly missingUrl: string;
  /** Connections or handles that the source holds open for bodies that are being read; undefined when it cannot be told. */
  readonly openBodies?: () => number;
};

const never = new AbortController().signal;

function request(url: string, headers: Readonly<Record<string, string>> = {}, signal = never): SourceRequest {
  return { url: url as SourceUrl, headers, signal };
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** The status of a refusal. A source whose answers must not be passed on, such as S3, throws it instead of returning it. */
async function refusedStatus(answer: Promise<SourceResponse>): Promise<number> {
  try {
    const response = await answer;
    await read(response);
    return response.status;
  } catch (error) {
    if (error instanceof AppError) return error.status;
    throw error;
  }
}

function read(response: SourceResponse, maxBytes = 0, signal = never): Promise<Uint8Array> {
  return readBody(response, { maxBytes, signal });
}

/** Waits for what happens a moment after a stream is let go of. */
async function eventually(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 200 && !condition(); turn++) await Bun.sleep(5);
  expect(condition()).toBe(true);
}

/** Runs the expectations that every source meets, whatever its scheme. `start` is called once. */
export function describeSourceContract(name: string, start: () => SourceStand): void {
  describe(`${name} source`, () => {
    test("delivers a small object whole, with its length and validators", async () => {
      const { source, small } = start();
      const response = await source.fetch(request(small.url));
      expect(response.status).toBe(200);
      expect(response.headers.get("content-length")).toBe(String(small.bytes.length));
      expect(response.headers.get("etag")).toMatch(/^(?:W\/)?".+"$/);
      expect(Date.parse(response.headers.get("last-modified") ?? "")).toBeGreaterThan(0);
      expect(sameBytes(await read(response), small.bytes)).toBe(true);
    });

    test("delivers a large object whole", async () => {
      const { source, large } = start();
      const response = await source.fetch(request(large.url));
      expect(sameBytes(await read(response), large.bytes)).toBe(true);
    });

    test("delivers many objects at once", async () => {
      const { source, small } = start();
      const bodies = await Promise.all(
        Array.from({ length: 20 }, async () => read(await source.fetch(request(small.url)))),
      );
      expect(bodies.every((body) => sameBytes(body, small.bytes))).toBe(true);
    });

    test("answers 304 without a body to its own ETag", async () => {
      const { source, small } = start();
      const etag = (await source.fetch(request(small.url))).headers.get("etag") ?? "";
      const response = await source.fetch(request(small.url, { "if-none-match": etag }));
      expect(response.status).toBe(304);
      expect(response.headers.get("etag")).toBe(etag);
      expect(response.body).toBeNull();
      expect((await requireWholeSource(response)).status).toBe(304);
    });

    test("answers in full to another ETag, whatever the date says", async () => {
      const { source, small } = start();
      const headers = {
        "if-none-match": '"other"',
        "if-modified-since": new Date(Date.now() + 86_400_000).toUTCString(),
      };
      const response = await source.fetch(request(small.url, headers));
      expect(response.status).toBe(200);
      expect(sameBytes(await read(response), small.bytes)).toBe(true);
    });

    test("answers 304 to its own modification date and in full to an older one", async () => {
      const { source, small } = start();
      const modified = (await source.fetch(request(small.url))).headers.get("last-modified") ?? "";
      const same = await source.fetch(request(small.url, { "if-modified-since": modified }));
      expect(same.status).toBe(304);
      const older = new Date(Date.parse(modified) - 60_000).toUTCString();
      const full = await source.fetch(request(small.url, { "if-modified-since": older }));
      expect(full.status).toBe(200);
      expect(sameBytes(await read(full), small.bytes)).toBe(true);
    });

    test.each([
      ["the first byte", "bytes=0-0", 0, 0],
      ["a piece from the middle", "bytes=10-99", 10, 99],
      ["everything from an offset", "bytes=100-", 100, Number.POSITIVE_INFINITY],
      ["a range whose end lies beyond the object", "bytes=5-999999999", 5, Number.POSITIVE_INFINITY],
    ])("delivers %s with 206", async (_, range, start_, end) => {
      const { source, small } = start();
      const last = Math.min(end, small.bytes.length - 1);
      const response = await source.fetch(request(small.url, { range }));
      expect(response.status).toBe(206);
      expect(response.headers.get("content-range")).toBe(`bytes ${start_}-${last}/${small.bytes.length}`);
      expect(response.headers.get("content-length")).toBe(String(last + 1 - start_));
      expect(sameBytes(await read(response), small.bytes.subarray(start_, last + 1))).toBe(true);
    });

    test("answers 416 to a range that begins beyond the object", async () => {
      const { source, small } = start();
      const answer = source.fetch(request(small.url, { range: `bytes=${small.bytes.length}-` }));
      expect(await refusedStatus(answer)).toBe(416);
    });

    test("answers 404 for an object that is not there, which processing calls unreachable", async () => {
      const { source, missingUrl } = start();
      expect(await refusedStatus(source.fetch(request(missingUrl)))).toBe(404);
      const error = await failureOf(source.fetch(request(missingUrl)).then(requireWholeSource));
      expect(error.kind).toBe("source_unreachable");
      expect(error.status).toBe(404);
      expect(error.message).toStartWith("can't download source image: status: 404");
    });

    test("refuses a body beyond the limit by its announced length", async () => {
      const { source, large, openBodies } = start();
      const response = await source.fetch(request(large.url));
      const error = await failureOf(read(response, large.bytes.length - 1));
      expect(error.kind).toBe("invalid_image");
      expect(error.message).toContain("IMGPROXY_MAX_SRC_FILE_SIZE");
      if (openBodies !== undefined) await eventually(() => openBodies() === 0);
    });

    test("refuses a body beyond the limit as it arrives when no length was announced", async () => {
      const { source, large, openBodies } = start();
      const { status, headers, body } = await source.fetch(request(large.url));
      headers.delete("content-length");
      const error = await failureOf(read({ status, headers, body }, 100_000));
      expect(error.kind).toBe("invalid_image");
      if (openBodies !== undefined) await eventually(() => openBodies() === 0);
    });

    test("lets go of a body that is cancelled halfway", async () => {
      const { source, large, openBodies } = start();
      const { body } = await source.fetch(request(large.url));
      if (!(body instanceof ReadableStream)) throw new Error("a large body should be a stream");
      const reader = body.getReader();
      await reader.read();
      await reader.cancel();
      if (openBodies !== undefined) await eventually(() => openBodies() === 0);
    });

    test("ends a body with the reason of its signal when the download is aborted", async () => {
      const { source, large, openBodies } = start();
      const abort = new AbortController();
      const response = await source.fetch(request(large.url, {}, abort.signal));
      if (!(response.body instanceof ReadableStream)) throw new Error("a large body should be a stream");
      const reader = response.body.getReader();
      await reader.read();
      abort.abort(new AppError("timeout", "the request took too long"));
      const error = await failureOf(
        (async () => {
          while (!(await reader.read()).done);
        })(),
      );
      expect(error.kind).toBe("timeout");
      if (openBodies !== undefined) await eventually(() => openBodies() === 0);
    });

    test("does not begin a download whose signal is already aborted", async () => {
      const { source, small } = start();
      const signal = AbortSignal.abort(new AppError("cancelled", "the client is gone"));
      expect((await failureOf(source.fetch(request(small.url, {}, signal)))).kind).toBe("cancelled");
    });
  });
}
