import { hash } from "node:crypto";
import type { CacheKey } from "./types.ts";

/** What a key is made of: text, numbers, flags, lists and records of them. */
export type KeyPart =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly KeyPart[]
  | { readonly [name: string]: KeyPart };

/**
 * The name of whatever the parts describe: equal parts give equal names, on every machine, in whatever order records were
 * filled. SHA-256 makes it impossible to find two sets of parts with one name, or to read the parts off a name.
 */
export function cacheKey(parts: KeyPart): CacheKey {
  // The only place that makes keys, as the brand says.
  return hash("sha256", canonicalText(parts), "hex") as CacheKey;
}

/** JSON with the names of every record in order; a member that is undefined is one that is not there. */
export function canonicalText(part: KeyPart): string {
  if (part === null || typeof part !== "object") return part === undefined ? "null" : JSON.stringify(part);
  if (isList(part)) return `[${part.map(canonicalText).join(",")}]`;
  const members: string[] = [];
  for (const name of Object.keys(part).sort()) {
    const value = part[name];
    if (value !== undefined) members.push(`${JSON.stringify(name)}:${canonicalText(value)}`);
  }
  return `{${members.join(",")}}`;
}

/** `Array.isArray` does not narrow read-only lists. */
function isList(part: KeyPart & object): part is readonly KeyPart[] {
  return Array.isArray(part);
}
