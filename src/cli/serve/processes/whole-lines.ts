import type { Readable } from "node:stream";

/** No line is longer: a request target is at most one megabyte. What comes without an end is passed on in pieces. */
const LONGEST_LINE = 4 * 2 ** 20;

/**
 * Copies text as it comes, but only whole lines at a time, so that the lines of several writers never mix. Processes that write to
 * one pipe would tear each other's lines as soon as it is full. Resolves at the end of the text.
 */
export async function copyWholeLines(from: Readable, write: (text: string) => void): Promise<void> {
  from.setEncoding("utf8");
  let begun = "";
  for await (const text of from) {
    const end = text.lastIndexOf("\n") + 1;
    if (end === 0) begun += text;
    else {
      write(begun + text.slice(0, end));
      begun = text.slice(end);
    }
    if (begun.length > LONGEST_LINE) {
      write(begun);
      begun = "";
    }
  }
  if (begun !== "") write(`${begun}\n`);
}
