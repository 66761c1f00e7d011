/** What lies in a folder of kept results, read while a store may be at work in it. */

import { readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * Every file below a folder, drafts included. The kind of an entry comes with its name: a draft is renamed at any moment, and
 * asking for it by the old name would fail.
 */
export function filesBelow(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

const isDraft = (root: string, file: string) => file.slice(root.length).includes("/tmp/");

/** What is half-written, or was. */
export function draftsBelow(root: string): string[] {
  return filesBelow(root).filter((file) => isDraft(root, file));
}

/** What is written to its end. */
export function resultsBelow(root: string): string[] {
  return filesBelow(root).filter((file) => !isDraft(root, file));
}
