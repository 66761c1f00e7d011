/** Takes secrets out of a request target before it is written anywhere. */
export type TargetMask = (target: string) => string;

/**
 * Builds the mask of request targets: a trusted signature opens every path, so it is a secret; so is what stands before
 * the `@` of a source's host. A signature that was computed opens nothing but its own path, and stays.
 */
export function compileTargetMask(trustedSignatures: readonly string[]): TargetMask {
  const trusted = new Set(trustedSignatures);
  if (trusted.size === 0) return maskUserInfo;
  const mask = (segment: string) => (trusted.has(segment) ? "***" : segment);
  return (target) => maskUserInfo(target.split("/").map(mask).join("/"));
}

/**
 * User and password before a host, with the `@` as it is or, as a plain source needs it, percent-encoded. A name before a
 * bare `@` may as well be a file before its extension (`local:///cat.jpg@webp`), so there it takes a password to be masked.
 */
export function maskUserInfo(text: string): string {
  if (!text.includes("@") && !text.includes("%40")) return text;
  return text.replace(/(:\/{1,2})(?:[^/?#@\s:]*:[^/?#@\s]*@|[^/?#@\s]+?%40)/gi, (whole, slashes: string) => {
    return `${slashes}***${whole.endsWith("@") ? "@" : "%40"}`;
  });
}
