/** Tells whether a bucket name matches a pattern in which `*` stands for any run of characters. */
export type BucketMatcher = (bucket: string) => boolean;

/** Compiles one pattern. */
export function bucketPattern(pattern: string): BucketMatcher {
  if (!pattern.includes("*")) return (bucket) => bucket === pattern;
  const source = pattern
    .split(/\*+/)
    .map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, "\\$&"))
    .join(".*");
  const expression = new RegExp(`^${source}$`, "s");
  return (bucket) => expression.test(bucket);
}

/**
 * Whether a bucket may be read: not denied, and allowed where there is an allow list. In both lists means denied, as in the
 * reference. Exact names are looked up, only patterns are tried one by one.
 */
export function bucketFilter(allowed: readonly string[], denied: readonly string[]): BucketMatcher {
  const isAllowed = allowed.length === 0 ? () => true : anyOf(allowed);
  const isDenied = anyOf(denied);
  return (bucket) => isAllowed(bucket) && !isDenied(bucket);
}

function anyOf(list: readonly string[]): BucketMatcher {
  const items = list.map((item) => item.trim()).filter((item) => item !== "");
  const names = new Set(items.filter((item) => !item.includes("*")));
  const patterns = items.filter((item) => item.includes("*")).map(bucketPattern);
  return (bucket) => names.has(bucket) || patterns.some((matches) => matches(bucket));
}
