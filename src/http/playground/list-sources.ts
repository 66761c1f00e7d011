import { opendir } from "node:fs/promises";
import { join, posix } from "node:path";
import type { Config } from "../../config/config.ts";
import { IMAGE_FORMATS } from "../../formats.ts";

export type ListLimits = {
  readonly maxNames: number;
  /** Entries looked at, images or not. */
  readonly maxEntries: number;
  /** Folders below the root; 0 = the root alone. */
  readonly maxDepth: number;
};

const LIMITS: ListLimits = { maxNames: 200, maxEntries: 2000, maxDepth: 3 };

const EXTENSIONS: ReadonlySet<string> = new Set([
  ...Object.values(IMAGE_FORMATS).map(({ extension }) => extension as string),
  ".jpeg",
  ".tif",
  ".heif",
]);

/**
 * Names of images below IMGPROXY_LOCAL_FILESYSTEM_ROOT as source URLs, those of the root first, in order of name within a
 * folder. Links are not followed and hidden entries not shown; a folder that cannot be read counts as empty.
 */
export async function listLocalSources(
  config: Pick<Config, "localFilesystemRoot" | "sourceUrlQuerySeparator" | "baseUrl">,
  signal: AbortSignal,
  limits: ListLimits = LIMITS,
): Promise<readonly string[]> {
  const { localFilesystemRoot: root, sourceUrlQuerySeparator: separator, baseUrl } = config;
  // With a base URL, sources are not written as the scheme and path of a file.
  if (root === "" || baseUrl !== "") return [];
  const names: string[] = [];
  const folders = [{ path: "", depth: 0 }];
  let entries = 0;
  for (let at = folders.shift(); at !== undefined; at = folders.shift()) {
    const { path, depth } = at;
    const found = await readFolder(join(root, path), limits.maxEntries - entries, signal);
    entries += found.seen;
    names.push(...found.images.map((name) => posix.join(path, name)));
    if (depth < limits.maxDepth) {
      folders.push(...found.folders.map((name) => ({ path: posix.join(path, name), depth: depth + 1 })));
    }
    if (names.length >= limits.maxNames || entries >= limits.maxEntries) break;
  }
  return names
    .filter((name) => separator === "" || !name.includes(separator)) // Such a name no URL can say.
    .slice(0, limits.maxNames)
    .map((name) => `local:///${name}`);
}

async function readFolder(path: string, maxEntries: number, signal: AbortSignal) {
  const images: string[] = [];
  const folders: string[] = [];
  let seen = 0;
  const folder = await opendir(path).catch(() => undefined);
  if (folder === undefined) return { images, folders, seen };
  for await (const entry of folder) {
    signal.throwIfAborted();
    if (++seen >= maxEntries) break;
    if (entry.name.startsWith(".")) continue;
    if (entry.isDirectory()) folders.push(entry.name);
    else if (entry.isFile() && EXTENSIONS.has(posix.extname(entry.name).toLowerCase())) images.push(entry.name);
  }
  return { images: images.sort(), folders: folders.sort(), seen };
}
