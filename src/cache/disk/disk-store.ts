import { CorruptRecord, decodeRecord, encodeRecord } from "../record.ts";
import type { CacheKey, ResultStore, StoredResult } from "../types.ts";
import { type FileFacts, FileIndex, roomOf } from "./file-index.ts";
import { ResultFiles, SHARDS } from "./result-files.ts";

export type DiskStoreOptions = {
  /** Folder of this store alone; made when it is missing. */
  readonly root: string;
  readonly maxBytes: number;
  readonly onEviction: () => void;
  /** Unix milliseconds. */
  readonly now?: () => number;
};

/** Most files: the index takes about 200 bytes for each. */
const MAX_FILES = 1_000_000;
/** A result larger than this share of the whole would push out too many others. */
const LARGEST_SHARE = 1 / 8;
/** How much later the last use must be than the file's own time before it is written there. */
const MARK_AFTER_MS = 60_000;
/** Clocks and the file system's idea of time may differ by so much without meaning anything. */
const TIME_SLACK_MS = 1000;
/** One folder is compared with the index so often, hence all of them in about two minutes. */
const RECONCILE_MS = 500;
/** How long a full disk is believed to stay full. */
const FULL_FOR_MS = 60_000;
/** Questions to the file system at a time while the index is built. */
const LOOKS_AT_ONCE = 64;

/**
 * Keeps results as plain files in 256 folders, never more than allowed; those not used for longest go first. The index lives in
 * memory and is built at the start from names, sizes and times, without opening a file; until that is done results are read
 * but not written. Several processes may share the folder: each keeps the bound by what it knows, takes in what others have
 * written little by little, and asks the file's own time before it removes one.
 */
export class DiskStore implements ResultStore {
  readonly #options: DiskStoreOptions;
  readonly #now: () => number;
  readonly #files: ResultFiles;
  readonly #index = new FileIndex();
  readonly #indexed: Promise<void>;
  /** Room for files that are being written. */
  #reservedBytes = 0;
  /** What the disk turned out to have room for, as long as that is believed. */
  #full: { readonly maxBytes: number; readonly until: number } | undefined;
  #nextShard = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  private constructor(options: DiskStoreOptions, files: ResultFiles) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#files = files;
    this.#indexed = this.#buildIndex().then(() => this.#scheduleReconciling());
  }

  /** Makes the folder and begins to index what is there. Throws what the file system throws. */
  static async open(options: DiskStoreOptions): Promise<DiskStore> {
    const files = new ResultFiles(options.root);
    await files.prepare();
    return new DiskStore(options, files);
  }

  /** Room that the known files take. */
  get bytes(): number {
    return this.#index.bytes;
  }

  get count(): number {
    return this.#index.count;
  }

  /** Settles when the files found at the start are known. */
  get indexed(): Promise<void> {
    return this.#indexed;
  }

  /** Throws `CorruptRecord` for a file that is not what was written; it is gone then. */
  async get(key: CacheKey, signal: AbortSignal): Promise<StoredResult | undefined> {
    const record = await this.#files.read(key, signal);
    if (record === undefined) {
      this.#index.delete(key);
      return undefined;
    }
    try {
      const result = await decodeRecord(key, record);
      this.#noteUse(key, roomOf(record.length));
      return result;
    } catch (error) {
      if (error instanceof CorruptRecord) await this.remove(key);
      throw error;
    }
  }

  async put(key: CacheKey, result: StoredResult, signal: AbortSignal): Promise<void> {
    await this.#indexed;
    const parts = await encodeRecord(key, result);
    const bytes = roomOf(parts.reduce((sum, part) => sum + part.length, 0));
    if (bytes > this.#options.maxBytes * LARGEST_SHARE) return;
    this.#reservedBytes += bytes;
    try {
      await this.#keepBound();
      await this.#files.write(key, parts, signal);
      this.#index.set(key, { bytes, markedAt: this.#now() });
    } catch (error) {
      if (isDiskFull(error)) await this.#settleForLess(2 * bytes);
      throw error;
    } finally {
      this.#reservedBytes -= bytes;
    }
  }

  async remove(key: CacheKey): Promise<void> {
    this.#index.delete(key);
    await this.#files.remove(key);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#indexed;
    clearTimeout(this.#timer);
  }

  #noteUse(key: CacheKey, bytes: number): void {
    const known = this.#index.get(key);
    const now = this.#now();
    const isMarked = known !== undefined && now - known.markedAt < MARK_AFTER_MS;
    this.#index.set(key, isMarked ? known : { bytes, markedAt: now });
    // Losing a mark loses a little order and nothing else.
    if (!isMarked) void this.#files.mark(key, now).catch(() => undefined);
  }

  async #keepBound(): Promise<void> {
    while (this.#index.bytes + this.#reservedBytes > this.#bound || this.#index.count >= MAX_FILES) {
      if (!(await this.#evict())) return;
    }
  }

  get #bound(): number {
    const { maxBytes } = this.#options;
    const isFull = this.#full !== undefined && this.#now() < this.#full.until;
    return isFull ? Math.min(maxBytes, this.#full?.maxBytes ?? maxBytes) : maxBytes;
  }

  /** Others have filled the disk: for a while we make do with less than what we have now, so that writing works again. */
  async #settleForLess(bytes: number): Promise<void> {
    const maxBytes = Math.max(0, this.#index.bytes - bytes);
    this.#full = { maxBytes, until: this.#now() + FULL_FOR_MS };
    await this.#keepBound();
  }

  /** Removes the file not used for longest, or learns that another process has used it. False when there is none. */
  async #evict(): Promise<boolean> {
    const oldest = this.#index.oldest();
    if (oldest === undefined) return false;
    const { key, facts } = oldest;
    // Out of the index first, so that two evictions at once do not choose the same.
    this.#index.delete(key);
    const found = await this.#files.look(key);
    if (found !== undefined && found.markedAt > facts.markedAt + TIME_SLACK_MS) {
      this.#index.set(key, found);
      return true;
    }
    await this.#files.remove(key);
    if (found !== undefined) this.#options.onEviction();
    return true;
  }

  async #buildIndex(): Promise<void> {
    const found: (readonly [string, FileFacts])[] = [];
    for (const shard of SHARDS) {
      if (this.#isClosed) return;
      // A folder that cannot be read now is looked at again by and by.
      found.push(...(await this.#lookAt(shard, () => true).catch(() => [])));
    }
    found.sort(([, one], [, other]) => one.markedAt - other.markedAt);
    this.#index.prepend(found);
    // What fails here fails again where somebody hears of it: at the first write.
    await this.#keepBound().catch(() => undefined);
    await this.#files.sweep(this.#now()).catch(() => undefined);
  }

  async #lookAt(shard: string, isWanted: (key: string) => boolean): Promise<(readonly [string, FileFacts])[]> {
    const keys = (await this.#files.list(shard)).filter(isWanted);
    const found: (readonly [string, FileFacts])[] = [];
    for (let at = 0; at < keys.length; at += LOOKS_AT_ONCE) {
      const some = keys.slice(at, at + LOOKS_AT_ONCE);
      const looks = await Promise.all(some.map(async (key) => [key, await this.#files.look(key)] as const));
      for (const [key, facts] of looks) if (facts !== undefined) found.push([key, facts]);
    }
    return found;
  }

  #scheduleReconciling(): void {
    if (this.#isClosed) return;
    const again = () => this.#scheduleReconciling();
    // What fails here is the next round's business.
    this.#timer = setTimeout(() => void this.#reconcile().then(again, again), RECONCILE_MS);
    this.#timer.unref?.();
  }

  /** Takes in what others have written to one folder. Files that others removed are found out when their turn to go comes. */
  async #reconcile(): Promise<void> {
    const shard = SHARDS[this.#nextShard] ?? "00";
    this.#nextShard = (this.#nextShard + 1) % SHARDS.length;
    for (const [key, facts] of await this.#lookAt(shard, (key) => this.#index.get(key) === undefined)) {
      this.#index.set(key, facts);
    }
    await this.#keepBound();
    if (this.#nextShard === 0) await this.#files.sweep(this.#now());
  }
}

function isDiskFull(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG";
}
