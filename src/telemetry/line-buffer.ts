import type { LogLevel } from "./types.ts";

/** Lines on their way to a stream, several of which may go in one write. */
export interface LineBuffer {
  /** Takes a line with its line break. */
  add(line: string, level: LogLevel): void;
  /** From now on lines may wait for each other; before, each is written at once. */
  gather(): void;
  /** Writes what waits, and from now on each line at once again. */
  release(): void;
}

/** So long after a write further lines wait for each other. */
const WINDOW_MS = 10;
/** No write of several lines is longer: so much goes into a pipe in one piece, whoever else writes there (PIPE_BUF, pipe(7)). */
const MOST_BYTES = 4096;

/**
 * Gathers lines of level `info`, which are nearly all under load: one that comes alone is written at once, those that come within 10 ms
 * of the write before go out together when that time is over. A line of any other level goes out at once, after all before it. A write
 * costs more than making the line; lines keep their order, and stay whole among those of other processes on the same pipe.
 */
export function createLineBuffer(write: (text: string) => void): LineBuffer {
  let text = "";
  let bytes = 0;
  let isGathering = false;
  let isWindowOpen = false;

  function flush(): void {
    if (bytes === 0) return;
    const waiting = text;
    text = "";
    bytes = 0;
    write(waiting);
  }

  function openWindow(): void {
    isWindowOpen = true;
    // Whoever ends the process releases what waits; the timer need not keep it alive.
    setTimeout(closeWindow, WINDOW_MS).unref();
  }

  function closeWindow(): void {
    isWindowOpen = false;
    if (bytes === 0) return;
    flush();
    openWindow();
  }

  return {
    add(line, level) {
      const length = Buffer.byteLength(line);
      if (bytes + length > MOST_BYTES) flush();
      text += line;
      bytes += length;
      if (isGathering && isWindowOpen && level === "info") return;
      flush();
      if (isGathering && !isWindowOpen) openWindow();
    },
    gather() {
      isGathering = true;
    },
    release() {
      isGathering = false;
      flush();
    },
  };
}
