import { createHash } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";

/** One file that the executable carries and must put on disk before the system can load it. */
export type EmbeddedFile = {
  /** Path below the library folder, e.g. `sharp-linux-x64/lib/sharp-linux-x64-0.35.5.node`. */
  readonly path: string;
  /** Lower-case hex, computed at build time. */
  readonly sha256: string;
  readonly read: () => Uint8Array;
};

/** Name of the variable with which an operator chooses where native libraries go. */
export const LIBRARY_FOLDER_VARIABLE = "IMGPROXY_LIBRARY_FOLDER";

/**
 * Folders that may hold the extracted libraries, best first: the operator's choice, systemd's `CacheDirectory=`, the user's
 * cache, the temp folder (with the user's id in the name, since others may write there too).
 */
export function candidateFolders(env: Readonly<Record<string, string | undefined>>): string[] {
  const explicit = env[LIBRARY_FOLDER_VARIABLE];
  if (explicit !== undefined && explicit !== "") return [explicit];
  const systemd = env["CACHE_DIRECTORY"]?.split(":")[0];
  const cache = env["XDG_CACHE_HOME"];
  const home = env["HOME"] ?? homeOfUser();
  const folders: string[] = [];
  if (systemd) folders.push(join(systemd, "lib"));
  if (cache?.startsWith("/")) folders.push(join(cache, "imgproxy", "lib"));
  else if (home?.startsWith("/")) folders.push(join(home, ".cache", "imgproxy", "lib"));
  folders.push(join(tmpdir(), `imgproxy-${process.getuid?.() ?? "user"}`));
  return folders;
}

function homeOfUser(): string | undefined {
  try {
    return userInfo().homedir;
  } catch {
    return undefined; // an id without an entry in passwd
  }
}

/**
 * Makes sure that `root/<hash of the contents>/` holds exactly the embedded files, and returns that folder.
 * It is private (0700, owned by us), written under a temporary name and renamed, so two first starts at once cannot see half
 * a library, and every file is hashed before use, so a library that somebody changed is replaced and never loaded.
 * Throws a plain Error when the folder cannot be made or trusted; the caller then tries the next candidate.
 */
export function provideLibraries(root: string, files: readonly EmbeddedFile[]): string {
  makePrivateFolder(root);
  const folder = join(root, contentName(files));
  if (isIntact(folder, files)) return folder;
  const temporary = join(root, `.new-${process.pid}-${Math.random().toString(36).slice(2)}`);
  try {
    for (const file of files) {
      const path = join(temporary, file.path);
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      writeFileSync(path, file.read(), { mode: 0o500, flag: "wx" });
    }
    putInPlace(temporary, folder, files);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  if (!isIntact(folder, files)) throw new Error(`${folder} does not hold what was written there`);
  return folder;
}

function contentName(files: readonly EmbeddedFile[]): string {
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${file.path}\0${file.sha256}\0`);
  return hash.digest("hex").slice(0, 32);
}

/** Renames the finished folder to its final name; whatever damaged thing stands there is moved out of the way first. */
function putInPlace(temporary: string, folder: string, files: readonly EmbeddedFile[]): void {
  try {
    renameSync(temporary, folder);
    return;
  } catch (error) {
    // Somebody else's folder stands there: another start that was faster, or a damaged one.
    if (isIntact(folder, files)) return;
    if (!isTakenError(error)) throw error;
  }
  const discarded = `${temporary}-old`;
  renameSync(folder, discarded);
  rmSync(discarded, { recursive: true, force: true });
  renameSync(temporary, folder);
}

function isTakenError(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "EEXIST" || code === "ENOTEMPTY" || code === "ENOTDIR";
}

function makePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  assertOurs(folder);
}

/** Nobody but us (or root) may be able to put a file there. */
function assertOurs(folder: string): void {
  const stat = lstatSync(folder);
  if (!stat.isDirectory()) throw new Error(`${folder} is not a folder`);
  const uid = process.getuid?.();
  if (uid !== undefined && stat.uid !== uid) throw new Error(`${folder} belongs to another user (id ${stat.uid})`);
  if ((stat.mode & 0o022) !== 0) throw new Error(`${folder} is writable for other users`);
}

function isIntact(folder: string, files: readonly EmbeddedFile[]): boolean {
  try {
    for (const file of files) {
      for (let path = dirname(file.path); path !== "."; path = dirname(path)) assertOurs(join(folder, path));
      if (hashOf(join(folder, file.path)) !== file.sha256) return false;
    }
    assertOurs(folder);
    return true;
  } catch {
    return false;
  }
}

function hashOf(path: string): string {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const stat = fstatSync(descriptor);
    const uid = process.getuid?.();
    if (!stat.isFile() || (uid !== undefined && stat.uid !== uid)) throw new Error(`${path} is not a file of ours`);
    return createHash("sha256").update(readFileSync(descriptor)).digest("hex");
  } finally {
    closeSync(descriptor);
  }
}
