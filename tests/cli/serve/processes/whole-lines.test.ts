import { describe, expect, test } from "bun:test";
import { Readable } from "node:stream";
import { copyWholeLines } from "../../../../src/cli/serve/processes/whole-lines.ts";

/** What is written in one go each, when text comes in such pieces. */
async function written(...pieces: (string | Uint8Array)[]): Promise<string[]> {
  const writes: string[] = [];
  const from = new Readable({ read: () => undefined });
  const copied = copyWholeLines(from, (text) => writes.push(text));
  for (const piece of pieces) {
    from.push(piece);
    await Bun.sleep(1);
  }
  from.push(null);
  await copied;
  return writes;
}

describe("lines are copied", () => {
  test("as they come, several at a time", async () => {
    expect(await written("one\n", "two\nthree\n")).toEqual(["one\n", "two\nthree\n"]);
  });

  test("only when they are whole", async () => {
    expect(await written("one\ntw", "o", "\nthr", "ee\n")).toEqual(["one\n", "two\n", "three\n"]);
  });

  test("with the characters that a piece has torn", async () => {
    const bytes = Buffer.from("grün\n");
    expect(await written(bytes.subarray(0, 3), bytes.subarray(3))).toEqual(["grün\n"]);
  });

  test("also the last one, whose end is missing, so that nothing is put behind it", async () => {
    expect(await written("one\ntwo")).toEqual(["one\n", "two\n"]);
  });

  test("in pieces where they have no end", async () => {
    const mebibyte = "x".repeat(2 ** 20);
    const writes = await written(...Array<string>(6).fill(mebibyte));
    expect(writes.length).toBe(2);
    expect(writes.join("")).toBe(`${mebibyte.repeat(6)}\n`);
  });
});
