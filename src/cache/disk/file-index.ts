/** What is known of one file. */
export type FileFacts = {
  /** Room on the disk: whole blocks. */
  readonly bytes: number;
  /** Unix milliseconds of the last use that the file's own time tells, to others and to the next start. */
  readonly markedAt: number;
};

/** Most file systems give out room in blocks of this size. */
const BLOCK_BYTES = 4096;

/** Room that a file of so many bytes takes. */
export function roomOf(fileBytes: number): number {
  return Math.ceil(fileBytes / BLOCK_BYTES) * BLOCK_BYTES;
}

/** The files of a folder by key, in the order of their last use, and the room they take together. */
export class FileIndex {
  /** A map keeps the order of insertion: what is used moves to the end. */
  readonly #files = new Map<string, FileFacts>();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#files.size;
  }

  get(key: string): FileFacts | undefined {
    return this.#files.get(key);
  }

  keys(): IterableIterator<string> {
    return this.#files.keys();
  }

  /** Notes a file as the one used last. */
  set(key: string, facts: FileFacts): void {
    this.delete(key);
    this.#files.set(key, facts);
    this.#bytes += facts.bytes;
  }

  delete(key: string): void {
    const facts = this.#files.get(key);
    if (facts === undefined) return;
    this.#files.delete(key);
    this.#bytes -= facts.bytes;
  }

  /** The file that was not used for longest. */
  oldest(): { readonly key: string; readonly facts: FileFacts } | undefined {
    for (const [key, facts] of this.#files) return { key, facts };
    return undefined;
  }

  /** Puts files that were found on the disk before all that are known; `files` begins with the one not used for longest. */
  prepend(files: readonly (readonly [key: string, facts: FileFacts])[]): void {
    const known = [...this.#files];
    this.#files.clear();
    this.#bytes = 0;
    for (const [key, facts] of [...files, ...known]) this.set(key, facts);
  }
}
