import { formatHttpDate, parseHttpDate } from "./http-date.ts";

/** Which validators are in use, and what makes old ones stop matching. */
export type ValidatorSettings = {
  readonly usesEtag: boolean;
  readonly usesLastModified: boolean;
  /** Empty = none. */
  readonly etagBuster: string;
  /** Unix milliseconds; null = none. */
  readonly lastModifiedBuster: number | null;
};

export type HeaderList = readonly (readonly [name: string, value: string])[];

/**
 * The conditions of the client's request in the source's terms: busters are taken off the entity tags, and a date that is
 * not past the buster is not forwarded. With a tag buster, a request whose tags are not ours is unconditional.
 */
export function sourceConditions(request: Headers, settings: ValidatorSettings): Record<string, string> {
  const tags = settings.usesEtag ? request.get("if-none-match") : null;
  const since = settings.usesLastModified ? request.get("if-modified-since") : null;
  const ownTags = tags === null || settings.etagBuster === "" ? tags : withoutBuster(tags, settings.etagBuster);
  if (tags !== null && ownTags === null) return {};
  return {
    ...(ownTags === null ? {} : { "if-none-match": ownTags }),
    ...(since === null || !isPastBuster(since, settings.lastModifiedBuster) ? {} : { "if-modified-since": since }),
  };
}

/** `ETag` and `Last-Modified` of an answer: those of the source, with the busters put on. */
export function resultValidators(source: Headers, settings: ValidatorSettings): HeaderList {
  const etag = settings.usesEtag ? source.get("etag") : null;
  const modified = settings.usesLastModified ? lastModified(source, settings.lastModifiedBuster) : undefined;
  return [
    ...(etag ? [["ETag", settings.etagBuster === "" ? etag : withBuster(etag, settings.etagBuster)] as const] : []),
    ...(modified === undefined ? [] : [["Last-Modified", modified] as const]),
  ];
}

function lastModified(source: Headers, buster: number | null): string | undefined {
  const text = source.get("last-modified");
  const date = parseHttpDate(text);
  if (text === null || date === undefined) return undefined;
  return buster !== null && buster > date ? formatHttpDate(buster) : text;
}

function isPastBuster(since: string, buster: number | null): boolean {
  if (buster === null) return true;
  const date = parseHttpDate(since);
  return date !== undefined && date > buster;
}

function withBuster(etag: string, buster: string): string {
  return `"${buster}/${Buffer.from(etag).toString("base64url")}"`;
}

/** The original tags of a list, or null when none carries the buster; `*` stays `*`. */
function withoutBuster(list: string, buster: string): string | null {
  if (list.trim() === "*") return "*";
  const tags = list.match(/(?:W\/)?"[^"]*"/g) ?? [list];
  const originals = tags.map((tag) => originalTag(tag, `${buster}/`)).filter((tag) => tag !== null);
  return originals.length === 0 ? null : originals.join(", ");
}

function originalTag(tag: string, prefix: string): string | null {
  const text = tag.trim().replace(/^W\//, "").replace(/^"|"$/g, "");
  const encoded = text.slice(prefix.length);
  if (!text.startsWith(prefix) || !/^[A-Za-z0-9_-]+$/.test(encoded)) return null;
  const original = Buffer.from(encoded, "base64url").toString("utf8");
  // The client made this up if it decodes to something that may not stand in a header.
  return /^[\x21-\x7e\x80-\u{10ffff}]+$/u.test(original) ? original : null;
}
