import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { createExactLoader } from "../../src/native/memory-file.ts";

const loader = createExactLoader();
const hasFiles = process.platform === "linux";

/** A loader that is there wherever these tests run their bodies. */
function needed() {
  const own = createExactLoader();
  if (own === null) throw new Error("no files in memory");
  return own;
}

/** Whether a name still leads to a file that was lent. */
function isOpen(path: string): boolean {
  return existsSync(path) && readlinkSync(path).includes("imgproxy-source");
}

test("bytes are lent a name where the system has files in memory", () => {
  expect(loader !== null).toBe(hasFiles);
});

describe.if(hasFiles)("a lent name", () => {
  test("leads to the bytes and nothing else, whatever was lent before", async () => {
    const { withFile } = needed();
    for (const length of [70_000, 10, 0, 3_000_000, 123_456]) {
      const bytes = Buffer.alloc(length, `${length}`);
      expect(await withFile(bytes, async (path) => readFileSync(path).equals(bytes))).toBeTrue();
    }
  });

  test("is of no other bytes at the same time", async () => {
    const { withFile } = needed();
    const read = async (path: string) => {
      await setTimeout(5);
      return readFileSync(path, "latin1");
    };
    for (let round = 0; round < 3; round++) {
      const texts = Array.from({ length: 9 }, (_, index) => `${round}:${index}`);
      expect(await Promise.all(texts.map((text) => withFile(Buffer.from(text), read)))).toEqual(texts);
    }
  });

  test("is used again, and closed after a while without use", async () => {
    const { withFile } = needed();
    const paths = [await withFile(Buffer.alloc(9), async (path) => path)];
    paths.push(await withFile(Buffer.alloc(7), async (path) => path));
    const [first = "", second = ""] = paths;
    expect(second).toBe(first);
    expect(isOpen(first)).toBeTrue();
    const deadline = Date.now() + 5000;
    while (isOpen(first) && Date.now() < deadline) await setTimeout(50);
    expect(isOpen(first)).toBeFalse();
  });

  test("is closed at once when much is kept already, and after a failure it is lent again", async () => {
    const { withFile } = needed();
    const many = 17 * 2 ** 20;
    expect(isOpen(await withFile(Buffer.alloc(many), async (path) => path))).toBeFalse();
    const failing = withFile(Buffer.alloc(5), async () => {
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(await withFile(Buffer.from("again"), async (path) => readFileSync(path, "latin1"))).toBe("again");
  });
});
