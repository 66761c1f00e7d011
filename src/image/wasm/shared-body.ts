import { fstatSync, ftruncate, read, readSync, writeSync } from "node:fs";
import { promisify } from "node:util";

/** Less than this goes through the pipe as fast. */
export const LEAST_SHARED_BYTES = 32 * 1024;

/** What a file keeps of its memory between bodies: fresh pages cost five times what is written into them. */
const KEPT_BYTES = 4 * 2 ** 20;
/** Up to this size a body is read where it is asked for: some 30 µs, and a turn of the thread pool costs as much. */
const READ_AT_ONCE_BYTES = 256 * 1024;
/** The system reads no more at once. */
const MOST_READ_BYTES = 2 ** 30;

const readFrom = promisify(read);
const truncate = promisify(ftruncate);

/** Writes all of the bytes: to a place in a file, or, at null, to the end of whatever is open there. */
export function writeWhole(descriptor: number, bytes: Uint8Array, position: number | null): void {
  for (let written = 0; written < bytes.length; ) {
    const at = position === null ? null : position + written;
    written += writeSync(descriptor, bytes, written, bytes.length - written, at);
  }
}

/** Writes a body into a shared file from its beginning. Returns its length. */
export function giveSharedBody(file: number, body: readonly Uint8Array[]): number {
  let length = 0;
  for (const part of body) {
    writeWhole(file, part, length);
    length += part.length;
  }
  return length;
}

/** Reads a body of that length out of a shared file, which then lets go of most of its memory. Throws when it is not there whole. */
export async function takeSharedBody(file: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const { size } = fstatSync(file);
  if (!(length <= size)) throw new Error("a shared body is shorter than announced");
  // Not zeroed: every byte is read below.
  const body = Buffer.allocUnsafeSlow(length);
  for (let filled = 0; filled < length; ) {
    const part = Math.min(length - filled, MOST_READ_BYTES);
    const bytesRead =
      length <= READ_AT_ONCE_BYTES
        ? readSync(file, body, filled, part, filled)
        : (await readFrom(file, body, filled, part, filled)).bytesRead;
    // It is read and not mapped, since the other side may shorten it at any time.
    if (bytesRead === 0) throw new Error("a shared body ends early");
    filled += bytesRead;
  }
  if (size > KEPT_BYTES) await truncate(file, KEPT_BYTES);
  return body;
}
