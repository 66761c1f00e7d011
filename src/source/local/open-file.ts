import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, open, readlink, realpath } from "node:fs/promises";
import { posix, sep } from "node:path";
import { AppError } from "../../errors.ts";

/** A regular file inside the root, open for reading. Whoever gets it closes it. */
export type OpenFile = { readonly handle: FileHandle; readonly stats: BigIntStats };

/** Why there is nothing to read; becomes the text and status of a 4xx answer. */
export type MissingFile = { readonly status: 403 | 404; readonly reason: string };

/** Read only; never wait for the writer of a FIFO, never follow a link that appeared after the path was resolved. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

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

function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

function isInside(root: string, path: string): boolean {
  return path.startsWith(root.endsWith(sep) ? root : root + sep);
}

/** The path behind an open descriptor, where the system can tell (Linux): closes the gap between resolving a path and opening it. */
async function openedPath(handle: FileHandle, resolved: string): Promise<string> {
  if (process.platform !== "linux") return resolved;
  return readlink(`/proc/self/fd/${handle.fd}`).catch(() => resolved);
}

async function openInside(root: string, name: string): Promise<OpenFile | MissingFile> {
  const missing: MissingFile = { status: 404, reason: `${name} doesn't exist` };
  const [realRoot, path] = await Promise.all([realpath(root), realpath(root + name)]);
  if (!isInside(realRoot, path)) return missing;
  const handle = await open(path, OPEN_FLAGS);
  try {
    const [stats, actual] = await Promise.all([handle.stat({ bigint: true }), openedPath(handle, path)]);
    if (isInside(realRoot, actual) && stats.isFile()) return { handle, stats };
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return missing;
}

/**
 * Opens the file of a key below the root. Dot segments are resolved against the root and cannot leave it, and neither can
 * symbolic links; whatever leads outside looks exactly like a missing file. Directories, devices, FIFOs and sockets are missing
 * files too, and none of them is waited for. Throws `internal` when the system itself fails (too many open files, I/O error).
 */
export async function openLocalFile(root: string, key: string): Promise<OpenFile | MissingFile> {
  // A trailing slash on a file is ignored, as in the reference.
  const name = posix.resolve("/", key);
  try {
    return await openInside(root, name);
  } catch (error) {
    const code = errorCode(error);
    if (ABSENT.has(code)) return { status: 404, reason: `${name} doesn't exist` };
    if (DENIED.has(code)) return { status: 403, reason: `${name} is not readable` };
    throw new AppError("internal", `can't open local file ${name}: ${code}`, { cause: error });
  }
}
