import { closeSync, constants, fstatSync, open as openCallback, statSync } from "node:fs";
import { realpath, statfs } from "node:fs/promises";
import { sep } from "node:path";
import { promisify } from "node:util";

/**
 * Opens and reads files without waiting, where the system can tell that it will not: `native/` binds it. `undefined` and `false` mean
 * that it cannot; then the thread pool does it.
 */
export type CachedFiles = {
  open(folder: number, path: string): number | undefined;
  read(descriptor: number, bytes: Uint8Array, position: number): boolean;
};

/** So long the root is taken to lead where it led. */
const ROOT_MEMORY_MS = 1000;

/** Linux: a descriptor that only names. */
const O_PATH = 0o10_000_000;

/**
 * File systems (`f_type` of statfs(2)) that open a file they know by heart without asking anybody: ext, XFS, Btrfs, F2FS, ZFS, tmpfs,
 * overlayfs. One in a network or in a program (NFS, CIFS, FUSE) may take its time.
 */
const QUICK_FILE_SYSTEMS: ReadonlySet<number> = new Set([
  0xef53, 0x58465342, 0x9123683e, 0xf2f52010, 0x2fc12fc1, 0x01021994, 0x794c7630,
]);

const openPath = promisify(openCallback);

/** An open folder and which one it is. */
type HeldFolder = { readonly descriptor: number; readonly dev: number; readonly ino: number };

/** The folder that files are served from. It may be a link, and may lead elsewhere a moment later. */
export class LocalRoot {
  readonly path: string;
  readonly cached: CachedFiles | undefined;
  #real = "";
  #lookedAt = Number.NEGATIVE_INFINITY;
  #folder: HeldFolder | undefined;
  #isClosed = false;

  constructor(path: string, cached: CachedFiles | undefined) {
    this.path = path;
    this.cached = cached;
  }

  /** Whether a path without links lies below. */
  async contains(path: string): Promise<boolean> {
    const now = performance.now();
    const isFresh = now - this.#lookedAt < ROOT_MEMORY_MS;
    if (isFresh && isInside(this.#real, path)) return true;
    this.#real = await realpath(this.path);
    this.#lookedAt = now;
    if (this.cached !== undefined) await this.#hold(this.#real);
    return isInside(this.#real, path);
  }

  /** A descriptor of a file of this name below, where that takes no time; `name` begins with a slash. */
  openCached(name: string): number | undefined {
    const folder = this.#folder;
    if (folder === undefined || !leadsTo(this.path, folder)) return undefined;
    return this.cached?.open(folder.descriptor, name.slice(1));
  }

  close(): void {
    this.#isClosed = true;
    this.#let(undefined);
  }

  async #hold(real: string): Promise<void> {
    if (this.#folder !== undefined && leadsTo(real, this.#folder)) return;
    const { type } = await statfs(real);
    const isQuick = QUICK_FILE_SYSTEMS.has(type);
    const descriptor = isQuick ? await openPath(real, O_PATH | constants.O_DIRECTORY) : undefined;
    this.#let(descriptor === undefined ? undefined : heldFolder(descriptor));
    if (this.#isClosed) this.#let(undefined);
  }

  #let(next: HeldFolder | undefined): void {
    const old = this.#folder;
    this.#folder = next;
    if (old !== undefined) closeSync(old.descriptor);
  }
}

function heldFolder(descriptor: number): HeldFolder {
  const { dev, ino } = fstatSync(descriptor);
  return { descriptor, dev, ino };
}

function isInside(root: string, path: string): boolean {
  return path.startsWith(root.endsWith(sep) ? root : root + sep);
}

function leadsTo(path: string, { dev, ino }: HeldFolder): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.dev === dev && stats.ino === ino;
}
