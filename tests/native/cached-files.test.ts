import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bindCachedFiles } from "../../src/native/cached-files.ts";

const O_PATH = 0o10_000_000;
const bound = bindCachedFiles();
let area = "";
let folder = -1;

beforeAll(() => {
  area = mkdtempSync(join(tmpdir(), "cached-files-"));
  mkdirSync(join(area, "root/inner"), { recursive: true });
  writeFileSync(join(area, "root/a"), "the file a");
  writeFileSync(join(area, "root/inner/b"), "the file b");
  writeFileSync(join(area, "secret"), "a secret");
  symlinkSync("a", join(area, "root/link"));
  symlinkSync("..", join(area, "root/above"));
  symlinkSync(area, join(area, "root/absolute"));
  symlinkSync("/proc/self", join(area, "root/process"));
  folder = openSync(join(area, "root"), O_PATH);
});

afterAll(() => {
  closeSync(folder);
  rmSync(area, { recursive: true, force: true });
});

/** They are there wherever these tests run their bodies. */
function needed() {
  if (bound === undefined) throw new Error("no cached files");
  return bound;
}

/** The content of a file that was opened at once; undefined when it was not. */
function contentOf(path: string, length = 10): string | undefined {
  const descriptor = needed().open(folder, path);
  if (descriptor === undefined) return undefined;
  const bytes = Buffer.alloc(length);
  const isRead = needed().read(descriptor, bytes, 0);
  closeSync(descriptor);
  return isRead ? bytes.toString() : "not read";
}

describe.if(bound !== undefined)("files that the system has in memory", () => {
  test.each([
    ["a", "the file a"],
    ["inner/b", "the file b"],
  ])("%s is opened and read at once", (path, content) => expect(contentOf(path)).toBe(content));

  test.each([
    ["a link", "link"],
    ["nothing", "missing"],
    ["a name below a file", "a/b"],
    ["a way out", "../secret"],
    ["a way out and in again", "../root/a"],
    ["an absolute path", "/etc/passwd"],
    ["a link that leads out", "above/secret"],
    ["an absolute link", "absolute/secret"],
    ["a link into another file system", "process/environ"],
    ["a name with more behind its end", "a\0b"],
    ["no name", ""],
  ])("%s is not", (_, path) => expect(contentOf(path)).toBeUndefined());

  test("are not read beyond their end", () => expect(contentOf("a", 11)).toBe("not read"));

  test("are read from any position", () => {
    const descriptor = needed().open(folder, "a") ?? -1;
    const bytes = Buffer.alloc(4);
    expect(needed().read(descriptor, bytes, 4)).toBeTrue();
    expect(bytes.toString()).toBe("file");
    expect(needed().read(descriptor, Buffer.alloc(0), 4)).toBeTrue();
    closeSync(descriptor);
    expect(needed().read(descriptor, bytes, 4)).toBeFalse();
  });

  test("leave no descriptor behind when they are refused", () => {
    const before = readdirSync("/proc/self/fd").length;
    for (let turn = 0; turn < 50; turn++) for (const path of ["link", "missing", "above/secret"]) contentOf(path);
    expect(readdirSync("/proc/self/fd").length).toBe(before);
  });
});
