import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  open as openCallback,
  read as readCallback,
  readlinkSync,
} from "node:fs";
import { realpath } from "node:fs/promises";
import { promisify } from "node:util";
import { AppError } from "../../errors.ts";
import type { CachedFiles, LocalRoot } from "./local-root.ts";

/** More than this is never read on the main thread, though it be in memory: copying it would take a tenth of a millisecond. */
const MOST_CACHED_BYTES = 256 * 1024;

/**
 * A regular file inside the root, open for reading. Whoever gets it closes it. A bare descriptor and not a `FileHandle`, whose
 * every call, closing included, is a trip through the thread pool and waits behind images there.
 */
export class OpenFile {
  readonly stats: BigIntStats;
  readonly #fd: number;
  readonly #cached: CachedFiles | undefined;
  #reads = 0;
  #isClosed = false;

  constructor(fd: number, stats: BigIntStats, cached: CachedFiles | undefined) {
    this.#fd = fd;
    this.#cached = cached;
    this.stats = stats;
  }

  /** So many bytes, where the system has all of them in memory. */
  readAtOnce(position: number, length: number): Uint8Array | undefined {
    if (this.#cached === undefined || length > MOST_CACHED_BYTES || this.#isClosed) return undefined;
    const bytes = Buffer.allocUnsafeSlow(length);
    return this.#cached.read(this.#fd, bytes, position) ? bytes : undefined;
  }

  /** Reads until `length` bytes are there or the file ends; the result is as long as what was read. */
  async read(position: number, length: number): Promise<Uint8Array> {
    // Not zeroed: what is not filled is cut off below.
    const bytes = Buffer.allocUnsafeSlow(length);
    let filled = 0;
    this.#reads++;
    try {
      while (filled < length && !this.#isClosed) {
        const { bytesRead } = await readInto(this.#fd, bytes, filled, length - filled, position + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
    } finally {
      this.#reads--;
      if (this.#isClosed) this.#release();
    }
    return filled === length ? bytes : bytes.subarray(0, filled);
  }

  /** Once or more often; what is being read at the moment comes to its end first. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#release();
  }

  /** The number may belong to another file as soon as it is let go of. */
  #release(): void {
    if (this.#reads === 0) closeSync(this.#fd);
  }
}

/** Why there is nothing to read; becomes the text and status of a 4xx answer. */
export type MissingFile = { readonly status: 403 | 404; readonly reason: string };

const IS_LINUX = process.platform === "linux";
/** Read only, never waiting for anybody. */
const READ_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;
/** Linux: to look at what a link leads to, without opening it: opening some devices does something. */
const O_PATH = 0o10_000_000;

const ABSENT: ReadonlySet<string> = new Set([
  "ENOENT",
  "ENOTDIR",
  "ELOOP",
  "ENAMETOOLONG",
  "ENXIO",
  "EINVAL",
  "ENODEV",
]);
const DENIED: ReadonlySet<string> = new Set(["EACCES", "EPERM"]);

const openPath = promisify(openCallback);
const readInto = promisify(readCallback);

function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** What a descriptor leads to. Linux tells the path from memory, so links need not be followed beforehand. */
async function isRegularInside(fd: number, stats: BigIntStats, root: LocalRoot, path: string): Promise<boolean> {
  if (!stats.isFile()) return false;
  return await root.contains(IS_LINUX ? readlinkSync(`/proc/self/fd/${fd}`) : await realpath(path));
}

/** Opens a file that is no link itself; undefined for a link. */
async function openDirect(path: string): Promise<number | undefined> {
  try {
    return await openPath(path, READ_FLAGS | constants.O_NOFOLLOW);
  } catch (error) {
    if (errorCode(error) === "ELOOP") return undefined;
    throw error;
  }
}

/** Opens what a held link leads to, so that it cannot be exchanged for another in between. */
async function openLinked(held: number): Promise<number> {
  return IS_LINUX ? await openPath(`/proc/self/fd/${held}`, READ_FLAGS) : held;
}

/** The file, where opening it takes no time. What is opened that way lies inside and is no link. */
function openCached(root: LocalRoot, name: string): OpenFile | undefined {
  const fd = root.openCached(name);
  if (fd === undefined) return undefined;
  let file: OpenFile | undefined;
  try {
    const stats = fstatSync(fd, { bigint: true });
    if (stats.isFile()) file = new OpenFile(fd, stats, root.cached);
    return file;
  } catch {
    return undefined; // The slow way meets the same fault, and tells it.
  } finally {
    if (file === undefined) closeSync(fd);
  }
}

async function openInside(root: LocalRoot, name: string): Promise<OpenFile | MissingFile> {
  const path = root.path + name;
  const direct = await openDirect(path);
  const held = direct ?? (await openPath(path, IS_LINUX ? O_PATH : READ_FLAGS));
  let fd: number | undefined;
  try {
    const stats = fstatSync(held, { bigint: true });
    if (!(await isRegularInside(held, stats, root, path))) return { status: 404, reason: `${name} doesn't exist` };
    fd = direct ?? (await openLinked(held));
    return new OpenFile(fd, stats, root.cached);
  } finally {
    if (fd !== held) closeSync(held);
  }
}

/**
 * Opens the file of a name below the root, a path from the root on without dot segments. Symbolic links cannot leave the root; whatever
 * leads outside looks exactly like a missing file. Directories, devices, FIFOs and sockets are missing files too, and none of them is
 * waited for. Throws `internal` when the system itself fails (too many open files, I/O error).
 */
export function openLocalFile(root: LocalRoot, name: string): OpenFile | Promise<OpenFile | MissingFile> {
  return openCached(root, name) ?? openSlowly(root, name);
}

async function openSlowly(root: LocalRoot, name: string): Promise<OpenFile | MissingFile> {
  try {
    return await openInside(root, name);
  } catch (error) {
    const code = errorCode(error);
    if (ABSENT.has(code)) return { status: 404, reason: `${name} doesn't exist` };
    if (DENIED.has(code)) return { status: 403, reason: `${name} is not readable` };
    throw new AppError("internal", `can't open local file ${name}: ${code}`, { cause: error });
  }
}
