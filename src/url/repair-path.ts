/** Slashes between signature and path that do no harm: the separator and two more. */
const TOLERATED_SLASHES = 3;

/**
 * Undoes what proxies and browsers do to a path, so that a damaged URL still means, and is signed as, what was built.
 * The result begins with exactly one slash (more only where more than two extra ones came) and is what gets signed and
 * parsed. Three repairs, all as the reference makes them, because signatures depend on them:
 *
 * - up to two extra slashes in front are dropped;
 * - `%3A` (upper case only) before the first `/plain/` becomes `:`;
 * - behind the first `/plain/` the last `scheme:/x` becomes `scheme://x`, and `local:/x` becomes `local:///x`.
 */
export function repairPath(path: string): string {
  const text = withoutLeadingSlashes(path);
  const plain = text.startsWith("plain/") ? 0 : text.indexOf("/plain/") + 1;
  const isPlain = plain > 0 || text.startsWith("plain/");
  const source = isPlain ? plain + "plain/".length : text.length;
  return `/${restoreColons(text.slice(0, source))}${restoreSlashes(text.slice(source))}`;
}

function withoutLeadingSlashes(path: string): string {
  let start = 0;
  while (start < TOLERATED_SLASHES && path[start] === "/") start += 1;
  return path.slice(start);
}

function restoreColons(text: string): string {
  return text.includes("%3A") ? text.replaceAll("%3A", ":") : text;
}

/** The reference looks for the longest text before a `:/`, so the repair happens at the last one, wherever that is. */
function restoreSlashes(source: string): string {
  let colon = source.lastIndexOf(":/");
  while (colon > 0) {
    const next = source[colon + 2];
    if (next !== undefined && next !== "/") {
      const scheme = source.slice(0, colon);
      return `${scheme}:${scheme === "local" ? "///" : "//"}${source.slice(colon + 2)}`;
    }
    colon = source.lastIndexOf(":/", colon - 1);
  }
  return source;
}
