import { utf8HeaderValue } from "./header-text.ts";

/** The longest stem that is sent; a source URL may be a megabyte long. */
const MAX_STEM_LENGTH = 255;

/** Where the name of an answer comes from. */
export type FileName = {
  /** The `filename` option; null or empty = the source's own name. */
  readonly filename: string | null;
  /** Decoded source URL. */
  readonly sourceUrl: string;
  /** With its dot; empty = none. */
  readonly extension: string;
  readonly isAttachment: boolean;
};

/**
 * `Content-Disposition` of a processed answer. The stem is the `filename` option or the last path part of the source
 * URL's text, query included, without its last extension; `image` when nothing is left.
 */
export function contentDisposition(name: FileName): string {
  const stem = name.filename || withoutExtension(lastPart(name.sourceUrl));
  return disposition(stem, name.extension, name.isAttachment);
}

/**
 * `Content-Disposition` of a raw answer: stem and extension of the source URL's path, without the query; `extension`
 * counts only where the path has none.
 */
export function rawContentDisposition(name: FileName): string {
  const last = lastPart(pathOf(name.sourceUrl));
  const stem = withoutExtension(last);
  const extension = stem === last ? name.extension : last.slice(stem.length);
  return disposition(name.filename || stem, extension, name.isAttachment);
}

function pathOf(url: string): string {
  const path = url.replace(/^[^/?#]*:\/\/[^/?#]*/, "");
  return path.split(/[?#]/, 1)[0] ?? "";
}

function lastPart(url: string): string {
  return url.slice(url.lastIndexOf("/") + 1);
}

function withoutExtension(name: string): string {
  const dot = name.lastIndexOf(".");
  return dot < 0 ? name : name.slice(0, dot);
}

function disposition(stem: string, extension: string, isAttachment: boolean): string {
  const name = clean((stem || "image").slice(0, MAX_STEM_LENGTH) + extension);
  return `${isAttachment ? "attachment" : "inline"}; filename="${utf8HeaderValue(name)}"`;
}

/** A quote would end the name and a line break the header; everything else travels as it is. */
function clean(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must go
  return text.replace(/["\u0000-\u001f\u007f]/g, (unclean) => (unclean === '"' ? "%22" : ""));
}
