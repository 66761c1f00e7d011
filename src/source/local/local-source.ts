import { hash } from "node:crypto";
import { posix } from "node:path";
import type { Config } from "../../config/config.ts";
import { AppError, toAppError } from "../../errors.ts";
import { parseObjectUrl } from "../object-url.ts";
import type { Source, SourceRequest, SourceResponse } from "../types.ts";
import { type ByteRange, parseByteRange, type RangeFault } from "./byte-range.ts";
import { isNotModified, type Validators } from "./conditions.ts";
import { SNIFF_LENGTH, sniffContentType } from "./content-type.ts";
import { type CachedFiles, LocalRoot } from "./local-root.ts";
import { type MissingFile, OpenFile, openLocalFile } from "./open-file.ts";

/** The root is an existing directory. */
export type LocalSourceConfig = Pick<Config, "localFilesystemRoot" | "sourceUrlQuerySeparator">;

/** Files up to here, or up to what the asker reads whole anyway, are read at once; larger ones are streamed in `PIECE_BYTES`. */
const WHOLE_FILE_BYTES = 1024 * 1024;
const PIECE_BYTES = 512 * 1024;

function validatorsOf(name: string, { stats }: OpenFile): Validators {
  const digest = hash("sha256", `${name}\0${stats.size}\0${stats.mtimeNs}`, "base64url");
  return { etag: `"${digest}"`, modifiedMs: Number(stats.mtimeMs) };
}

function missing({ status, reason }: MissingFile): SourceResponse {
  const body = new TextEncoder().encode(reason);
  const headers = new Headers({ "content-type": "text/plain", "content-length": String(body.length) });
  return { status, headers, body };
}

function shortened(expected: number, got: number): AppError {
  return new AppError(
    "source_incomplete",
    `Source response is incomplete: the file shrank, ${got} of ${expected} bytes read`,
  );
}

function abortError(signal: AbortSignal): AppError {
  return toAppError(signal.reason, "cancelled");
}

/** Streams a range of the file and closes it at the end, on failure, on cancel and on abort. */
function streamRange(file: OpenFile, { start, end }: ByteRange, signal: AbortSignal): ReadableStream<Uint8Array> {
  let position = start;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          if (signal.aborted) throw abortError(signal);
          const wanted = Math.min(PIECE_BYTES, end + 1 - position);
          const piece = await file.read(position, wanted);
          if (piece.length < wanted) throw shortened(end + 1 - start, position - start + piece.length);
          position += piece.length;
          controller.enqueue(piece);
          if (position <= end) return;
          controller.close();
        } catch (error) {
          controller.error(toAppError(error));
        }
        file.close();
      },
      cancel: () => file.close(),
    },
    { highWaterMark: 0 },
  );
}

/** The bytes of a range, and how the file begins, for its type. */
type Reading = { readonly body: SourceResponse["body"]; readonly head: Uint8Array };

/** The same as `readRange`, where the system has the bytes in memory; else it leaves the file alone. */
function readAtOnce(file: OpenFile, { start, end }: ByteRange): Reading | undefined {
  const length = end + 1 - start;
  if (start > 0 || length < SNIFF_LENGTH) return undefined;
  const body = file.readAtOnce(start, length);
  if (body === undefined) return undefined;
  file.close();
  return { body, head: body };
}

/** Takes over the file. */
async function readRange(file: OpenFile, range: ByteRange, request: SourceRequest): Promise<Reading> {
  const { signal, wholeUpTo = 0 } = request;
  const length = range.end + 1 - range.start;
  const isWhole = length <= Math.max(WHOLE_FILE_BYTES, wholeUpTo);
  try {
    if (length === 0) return { body: new Uint8Array(0), head: new Uint8Array(0) };
    const body = isWhole ? await file.read(range.start, length) : undefined;
    if (body !== undefined && body.length < length) throw shortened(length, body.length);
    const head =
      body !== undefined && range.start === 0 && length >= SNIFF_LENGTH ? body : await file.read(0, SNIFF_LENGTH);
    return { body: body ?? streamRange(file, range, signal), head };
  } finally {
    if (isWhole) file.close();
  }
}

function refusedRange(fault: RangeFault, size: number): SourceResponse {
  const headers = new Headers({ "content-length": "0" });
  if (fault === "beyond") headers.set("content-range", `bytes */${size}`);
  return { status: 416, headers, body: new Uint8Array(0) };
}

async function answer(name: string, file: OpenFile, request: SourceRequest): Promise<SourceResponse> {
  const size = Number(file.stats.size);
  const validators = validatorsOf(name, file);
  const shared = { "accept-ranges": "bytes" };
  const own = { etag: validators.etag, "last-modified": new Date(validators.modifiedMs).toUTCString() };
  if (isNotModified(request.headers, validators)) {
    file.close();
    return { status: 304, headers: new Headers({ ...shared, ...own }), body: null };
  }
  const range = parseByteRange(request.headers["range"], size);
  if (typeof range === "string") {
    file.close();
    return refusedRange(range, size);
  }
  const wanted = range ?? { start: 0, end: size - 1 };
  const { body, head } = readAtOnce(file, wanted) ?? (await readRange(file, wanted, request));
  const type = { ...shared, "content-type": sniffContentType(head) };
  if (range === undefined) {
    return { status: 200, headers: new Headers({ ...type, "content-length": String(size), ...own }), body };
  }
  const part = {
    "content-length": String(range.end + 1 - range.start),
    "content-range": `bytes ${range.start}-${range.end}/${size}`,
  };
  return { status: 206, headers: new Headers({ ...type, ...part }), body };
}

/**
 * Serves `local:///path` from below `localFilesystemRoot`. The host part of the URL is ignored, as in the reference. A file that is
 * not there is a 404 answer with a sentence, not an error, so that raw streaming can pass it on. ETag = SHA-256 over path, size and
 * modification time in nanoseconds; both validators are checked here. With `cachedFiles`, what the system has in memory is opened and
 * read at once, instead of waiting behind images in the thread pool, for two turns of the loop.
 */
export function createLocalSource(config: LocalSourceConfig, cachedFiles?: CachedFiles): Source {
  const root = new LocalRoot(config.localFilesystemRoot, cachedFiles);
  return {
    close: () => root.close(),
    async fetch(request) {
      const { key } = parseObjectUrl(request.url, config.sourceUrlQuerySeparator);
      if (request.signal.aborted) throw abortError(request.signal);
      // Dot segments cannot leave the root, and a trailing slash on a file is ignored, as in the reference.
      const name = posix.resolve("/", key);
      const file = await openLocalFile(root, name);
      if (!(file instanceof OpenFile)) return missing(file);
      try {
        return await answer(name, file, request);
      } catch (error) {
        file.close();
        throw toAppError(error);
      }
    },
  };
}
