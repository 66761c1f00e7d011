import { randomBytes } from "node:crypto";
import {
  access,
  constants,
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
} from "node:fs/promises";
import { join } from "node:path";
import { MAX_RECORD_BYTES } from "../record.ts";
import type { CacheKey } from "../types.ts";
import { type FileFacts, roomOf } from "./file-index.ts";

/** The first two digits of a key choose the folder: 256 of them, so that none gets too long to list. */
export const SHARDS: readonly string[] = Array.from({ length: 256 }, (_, index) => index.toString(16).padStart(2, "0"));

const KEY = /^[0-9a-f]{64}$/;
/** No write takes that long: a temporary file of this age was left behind by a process that died. */
const ABANDONED_AFTER_MS = 10 * 60 * 1000;

/**
 * The files of one cache folder and nothing else. A file appears whole or not at all: it is written under another name and
 * renamed. There is no fsync: what a power cut garbles the checksum of its record shows, and a cache may forget.
 */
export class ResultFiles {
  readonly #root: string;
  readonly #drafts: string;

  constructor(root: string) {
    this.#root = root;
    this.#drafts = join(root, "tmp");
  }

  /** Makes the folder, for this user only. Throws what the file system throws, also when they cannot be written to. */
  async prepare(): Promise<void> {
    await mkdir(this.#drafts, { recursive: true, mode: 0o700 });
    await access(this.#drafts, constants.R_OK | constants.W_OK);
  }

  /** The bytes of a file; undefined when there is none or it is too large to be one of ours. */
  async read(key: CacheKey, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const path = this.#pathOf(key);
    try {
      if ((await stat(path)).size > MAX_RECORD_BYTES) return undefined;
      return await readFile(path, { signal });
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Puts a file in place of the one of that key. Nothing is left behind when it throws. */
  async write(key: CacheKey, parts: readonly Uint8Array[], signal: AbortSignal): Promise<void> {
    try {
      await this.#write(key, parts, signal);
    } catch (error) {
      if (!isMissing(error)) throw error;
      // The first of its shard; or somebody has emptied the folder, which is a good way to clear a cache.
      await this.prepare();
      await mkdir(join(this.#root, key.slice(0, 2)), { recursive: true, mode: 0o700 });
      await this.#write(key, parts, signal);
    }
  }

  async #write(key: CacheKey, parts: readonly Uint8Array[], signal: AbortSignal): Promise<void> {
    const draft = join(this.#drafts, randomBytes(12).toString("hex"));
    try {
      const file = await open(draft, "wx", 0o600);
      try {
        for (const part of parts) await writeWhole(file, part, signal);
      } finally {
        await file.close();
      }
      await rename(draft, this.#pathOf(key));
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  }

  async remove(key: string): Promise<void> {
    await rm(this.#pathOf(key), { force: true });
  }

  /** What the file system says of a file; undefined when it is gone. */
  async look(key: string): Promise<FileFacts | undefined> {
    try {
      const { size, mtimeMs } = await stat(this.#pathOf(key));
      return { bytes: roomOf(size), markedAt: mtimeMs };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Writes the time of the last use to the file, where other processes and the next start find it. */
  async mark(key: string, now: number): Promise<void> {
    await utimes(this.#pathOf(key), now / 1000, now / 1000);
  }

  /** Keys of the files in a shard; what is not named like one is left alone. */
  async list(shard: string): Promise<string[]> {
    const names = await listFolder(join(this.#root, shard));
    return names.filter((name) => KEY.test(name) && name.startsWith(shard));
  }

  /** Removes what processes that died have left half-written. */
  async sweep(now: number): Promise<void> {
    for (const name of await listFolder(this.#drafts)) {
      const path = join(this.#drafts, name);
      // Another process may have finished or swept it meanwhile.
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: now }));
      if (now - mtimeMs > ABANDONED_AFTER_MS) await rm(path, { force: true });
    }
  }

  #pathOf(key: string): string {
    return join(this.#root, key.slice(0, 2), key);
  }
}

/** A full disk takes a part and says so only the next time, so a write is repeated until all is written or it throws. */
async function writeWhole(file: FileHandle, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    signal.throwIfAborted();
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at);
    if (bytesWritten === 0) throw new Error("the file system takes no more bytes");
    at += bytesWritten;
  }
}

async function listFolder(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
