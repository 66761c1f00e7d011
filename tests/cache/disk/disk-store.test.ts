import { afterAll, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DiskStore } from "../../../src/cache/disk/disk-store.ts";
import { CorruptRecord } from "../../../src/cache/record.ts";
import type { CacheKey } from "../../../src/cache/types.ts";
import { describeStoreContract } from "../../contract/store-contract.ts";
import { filesBelow } from "../result-folder.ts";
import { isSame, keyOf, never, resultOf } from "../results.ts";

const KB = 1024;
const folder = mkdtempSync(join(tmpdir(), "imgproxy-disk-store-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const freshRoot = () => join(folder, randomBytes(6).toString("hex"));
const pathOf = (root: string, key: CacheKey) => join(root, key.slice(0, 2), key);
const ignore = () => undefined;

async function openStore(root: string, maxBytes = 64 * KB * KB, onEviction: () => void = ignore): Promise<DiskStore> {
  const store = await DiskStore.open({ root, maxBytes, onEviction });
  await store.indexed;
  return store;
}

describeStoreContract("disk", async () => ({ store: await openStore(freshRoot()) }));

describe("a folder of results", () => {
  test("is there for the next start, with its room counted without opening a file", async () => {
    const root = freshRoot();
    const first = await openStore(root);
    for (let index = 0; index < 30; index++) await first.put(keyOf(index), resultOf(5000, index), never);
    const { bytes, count } = first;
    await first.close();
    // What is in the files cannot matter: it is something else meanwhile.
    const contents = filesBelow(root).map((file) => [file, readFileSync(file)] as const);
    for (const [file, content] of contents) writeFileSync(file, Buffer.alloc(content.length));
    const second = await openStore(root);
    expect([second.bytes, second.count]).toEqual([bytes, count]);
    for (const [file, content] of contents) writeFileSync(file, content);
    for (let index = 0; index < 30; index++) {
      expect(isSame(await second.get(keyOf(index), never), resultOf(5000, index))).toBe(true);
    }
    await second.close();
  });

  test("is readable for its owner alone and shows nothing in its names", async () => {
    const root = freshRoot();
    const store = await openStore(root);
    await store.put(keyOf("s3://bucket/customer.jpg"), resultOf(10), never);
    await store.close();
    const [file = "", ...others] = filesBelow(root);
    expect(others).toEqual([]);
    expect(file).toBe(pathOf(root, keyOf("s3://bucket/customer.jpg")));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
  });

  test("may be emptied, folders and all, while it is in use", async () => {
    const root = freshRoot();
    const store = await openStore(root);
    await store.put(keyOf("a"), resultOf(10), never);
    rmSync(root, { recursive: true });
    expect(await store.get(keyOf("a"), never)).toBeUndefined();
    await store.put(keyOf("b"), resultOf(20), never);
    expect(isSame(await store.get(keyOf("b"), never), resultOf(20))).toBe(true);
    await store.close();
  });

  test("that cannot be made is told at once", async () => {
    const file = join(folder, "a-file");
    writeFileSync(file, "");
    const outcome = await DiskStore.open({ root: join(file, "x"), maxBytes: KB, onEviction: ignore }).catch(String);
    expect(outcome).toContain("ENOTDIR");
  });

  test("is cleared of what a killed process left half-written, but not of what is being written", async () => {
    const root = freshRoot();
    await (await openStore(root)).close();
    const old = join(root, "tmp", "old");
    const young = join(root, "tmp", "young");
    for (const path of [old, young]) writeFileSync(path, "half");
    utimesSync(old, new Date(), new Date(Date.now() - 11 * 60_000));
    await (await openStore(root)).close();
    expect([existsSync(old), existsSync(young)]).toEqual([false, true]);
  });

  test("keeps files of others that are not ours, and never gives them out", async () => {
    const root = freshRoot();
    const store = await openStore(root);
    const key = keyOf("foreign");
    await store.put(key, resultOf(10), never);
    writeFileSync(join(root, key.slice(0, 2), "README"), "hello");
    writeFileSync(pathOf(root, key), randomBytes(5000));
    expect(await store.get(key, never).catch((error: unknown) => error)).toBeInstanceOf(CorruptRecord);
    expect(existsSync(join(root, key.slice(0, 2), "README"))).toBe(true);
    await store.close();
  });
});

describe("a damaged file", () => {
  const damages: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
    "with one bit turned over": (bytes) => {
      bytes[bytes.length - 7] = (bytes[bytes.length - 7] ?? 0) ^ 4;
      return bytes;
    },
    "cut short": (bytes) => bytes.subarray(0, bytes.length - 1),
    empty: () => Buffer.alloc(0),
    "of zeros": (bytes) => bytes.fill(0),
    "of another result": () => Buffer.from("not a record"),
  };
  test.each(Object.keys(damages))("%s is refused, removed and can be written again", async (name) => {
    const root = freshRoot();
    const store = await openStore(root);
    const key = keyOf(name);
    await store.put(key, resultOf(9000), never);
    writeFileSync(pathOf(root, key), damages[name]?.(readFileSync(pathOf(root, key))) ?? "");
    expect(await store.get(key, never).catch((error: unknown) => error)).toBeInstanceOf(CorruptRecord);
    expect(await store.get(key, never)).toBeUndefined();
    await store.put(key, resultOf(9000), never);
    expect(isSame(await store.get(key, never), resultOf(9000))).toBe(true);
    await store.close();
  });

  test("under the name of another result is refused", async () => {
    const root = freshRoot();
    const store = await openStore(root);
    await store.put(keyOf("one"), resultOf(100, 1), never);
    await store.put(keyOf("other"), resultOf(100, 2), never);
    writeFileSync(pathOf(root, keyOf("other")), readFileSync(pathOf(root, keyOf("one"))));
    expect(await store.get(keyOf("other"), never).catch((error: unknown) => error)).toBeInstanceOf(CorruptRecord);
    await store.close();
  });
});

describe("the bound of a folder", () => {
  const room = (root: string) =>
    filesBelow(root).reduce((sum, file) => sum + Math.ceil(statSync(file).size / 4096) * 4096, 0);

  test("is not passed at any moment, also with several writers at once", async () => {
    const root = freshRoot();
    let evictions = 0;
    const store = await openStore(root, 200 * KB, () => evictions++);
    for (let round = 0; round < 30; round++) {
      await Promise.all(
        [0, 1, 2].map((writer) => store.put(keyOf(`${round}-${writer}`), resultOf(7000 + writer * 4000), never)),
      );
      expect(room(root)).toBeLessThanOrEqual(200 * KB);
      expect(store.bytes).toBe(room(root));
    }
    expect(evictions).toBeGreaterThan(50);
    await store.close();
  });

  test("holds for what an earlier start with a larger bound has left", async () => {
    const root = freshRoot();
    const large = await openStore(root);
    for (let index = 0; index < 60; index++) await large.put(keyOf(index), resultOf(7000, index), never);
    await large.close();
    const small = await openStore(root, 200 * KB);
    expect(room(root)).toBeLessThanOrEqual(200 * KB);
    await small.close();
  });

  test("leaves out a result that would push out too many others", async () => {
    const root = freshRoot();
    const store = await openStore(root, 200 * KB);
    await store.put(keyOf("small"), resultOf(KB), never);
    await store.put(keyOf("large"), resultOf(30 * KB), never);
    expect(await store.get(keyOf("large"), never)).toBeUndefined();
    expect(await store.get(keyOf("small"), never)).toBeDefined();
    await store.close();
  });

  test("lets go first of what was not used for longest", async () => {
    const root = freshRoot();
    const store = await openStore(root, 80 * KB);
    for (let index = 0; index < 20; index++) await store.put(keyOf(index), resultOf(100, index), never);
    for (const index of [0, 5]) await store.get(keyOf(index), never);
    for (let index = 20; index < 38; index++) await store.put(keyOf(index), resultOf(100, index), never);
    const kept = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => ((await store.get(keyOf(index), never)) ? [index] : [])),
    );
    expect(kept.flat()).toEqual([0, 5]);
    await store.close();
  });

  test("lets go first of what was not used for longest before the last start", async () => {
    const root = freshRoot();
    const first = await openStore(root, 80 * KB);
    for (let index = 0; index < 20; index++) {
      await first.put(keyOf(index), resultOf(100, index), never);
      const at = new Date(Date.now() - (index === 3 ? 0 : 3600_000 - index * 1000));
      utimesSync(pathOf(root, keyOf(index)), at, at);
    }
    await first.close();
    const second = await openStore(root, 80 * KB);
    for (let index = 20; index < 39; index++) await second.put(keyOf(index), resultOf(100, index), never);
    expect(await second.get(keyOf(0), never)).toBeUndefined();
    expect(isSame(await second.get(keyOf(3), never), resultOf(100, 3))).toBe(true);
    await second.close();
  });

  test("marks a use in the file's own time, seldom", async () => {
    const root = freshRoot();
    const clock = { time: Date.now() };
    const store = await DiskStore.open({ root, maxBytes: KB * KB, onEviction: ignore, now: () => clock.time });
    const key = keyOf("marked");
    await store.put(key, resultOf(10), never);
    const timeOf = () => Math.round(statSync(pathOf(root, key)).mtimeMs / 1000);
    const written = timeOf();
    clock.time += 30_000;
    await store.get(key, never);
    await Bun.sleep(20);
    expect(timeOf()).toBe(written);
    clock.time += 40_000;
    await store.get(key, never);
    for (let waited = 0; timeOf() === written && waited < 1000; waited += 5) await Bun.sleep(5);
    expect(timeOf()).toBe(Math.round(clock.time / 1000));
    await store.close();
  });
});

describe("two stores on one folder", () => {
  test("find each other's results at once and their room after a while", async () => {
    const root = freshRoot();
    const [one, other] = [await openStore(root), await openStore(root)];
    await one.put(keyOf("shared"), resultOf(5000), never);
    expect(isSame(await other.get(keyOf("shared"), never), resultOf(5000))).toBe(true);
    expect(other.bytes).toBe(one.bytes);
    await one.close();
    await other.close();
  });

  test("do not remove what the other one uses", async () => {
    const root = freshRoot();
    const clock = { time: Date.now() };
    const open = () => DiskStore.open({ root, maxBytes: 80 * KB, onEviction: ignore, now: () => clock.time });
    const one = await open();
    for (let index = 0; index < 20; index++) await one.put(keyOf(index), resultOf(100, index), never);
    const other = await open();
    await other.indexed;
    clock.time += 120_000;
    expect(await other.get(keyOf(0), never)).toBeDefined();
    await Bun.sleep(50);
    await one.put(keyOf("new"), resultOf(100), never);
    expect(isSame(await one.get(keyOf(0), never), resultOf(100, 0))).toBe(true);
    expect(await one.get(keyOf(1), never)).toBeUndefined();
    await one.close();
    await other.close();
  });

  test("write and remove under each other's hands without ever giving out a wrong result", async () => {
    const root = freshRoot();
    const stores = [await openStore(root, 100 * KB), await openStore(root, 100 * KB)];
    let hits = 0;
    await Promise.all(
      stores.map(async (store, which) => {
        for (let turn = 0; turn < 400; turn++) {
          const index = (turn * (which === 0 ? 7 : 11)) % 30;
          const found = await store.get(keyOf(index), never);
          if (found !== undefined) {
            hits++;
            expect(isSame(found, resultOf(3000 + index * 100, index))).toBe(true);
          }
          if (turn % 13 === 0) await store.remove(keyOf(index));
          else if (found === undefined) await store.put(keyOf(index), resultOf(3000 + index * 100, index), never);
        }
      }),
    );
    // How many there are is a matter of who is faster; that there are some shows that results were compared at all.
    expect(hits).toBeGreaterThan(5);
    for (const store of stores) await store.close();
  });
});
