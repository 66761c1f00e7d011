import type { SvgSize } from "./svg-size.ts";

/*
 * librsvg cannot be stopped while it reads or draws, and a few hundred bytes can keep it busy for hours: filters, patterns,
 * references to references. Here the drawings are told that cannot, whatever else is in them; all others go to a process that
 * can be ended. The bounds are such that the worst that was found takes half a second of a core (November 2026).
 */

/** Reading takes a microsecond a byte, and more where the rules of a style sheet are tried on every element. */
const MAX_READ_BYTES = 16 * 1024;
/** The edges of a path are compared with each other where they cross. */
const MAX_DRAWN_BYTES = 8 * 1024;
/** Painted when every element covers the whole drawing, with a gradient, a stroke and an opacity of its own. */
const MAX_PAINTED_PIXELS = 8_000_000;

/** Shapes, and what they are painted with. */
const PLAIN_ELEMENTS = new Set(
  "svg g defs title desc path rect circle ellipse line polyline polygon linearGradient radialGradient stop".split(" "),
);
/** What makes much of little, as element, attribute or style. A reference or an escape could spell any of these words. */
const COSTLY = /dash|filter|mask|marker|clip|pattern|href|[\\&]/i;
/** Encodings in which ASCII may be written otherwise; declarations and sections, which may hold or split anything. */
const UNCLEAR = /[\0\xfe\xff]|<!(?!--)|<\?(?!xml\s)|encoding\s*=\s*["'](?!utf-8["'])/i;
/** One that names a document type and declares nothing: libxml2 loads none. */
const PLAIN_DOCTYPE = /<!DOCTYPE\s[^<>[\]]*>/;
/** In any namespace. */
const STYLE_ELEMENT = /<[^\s<>/]*style/i;
/** A style sheet without anything that markup could put a word of it together from. */
const STYLE_SHEET = /<style(?:\s[^<>]*)?>[^<]*<\/style>/g;
const OPENING_TAG = /<([^\s<>/!?]+)/g;

/** Whether librsvg tells the size of this drawing in no time. */
export function isMeasuredQuickly(bytes: Uint8Array, { declaredBy }: Pick<SvgSize, "declaredBy">): boolean {
  if (bytes.length > MAX_READ_BYTES) return false;
  const text = clearText(bytes);
  if (text === null) return false;
  return declaredBy === "viewBox" || (declaredBy === "lengths" && !/style/i.test(text)) || isPlain(text);
}

/** The size that the drawing declares, where nothing in it can undo that. */
export function declaredSize(bytes: Uint8Array, { declared }: Pick<SvgSize, "declared">): SvgSize["declared"] {
  if (declared === null) return null;
  const text = clearText(bytes);
  return text === null || STYLE_ELEMENT.test(text) ? null : declared;
}

/** Whether librsvg draws this at that size in no time. */
export function isDrawnQuickly(bytes: Uint8Array, size: { readonly width: number; readonly height: number }): boolean {
  if (bytes.length > MAX_DRAWN_BYTES) return false;
  const text = clearText(bytes);
  return text !== null && isPlain(text) && elementNames(text).length * size.width * size.height <= MAX_PAINTED_PIXELS;
}

function isPlain(text: string): boolean {
  if (text.length > MAX_DRAWN_BYTES || COSTLY.test(text)) return false;
  return elementNames(text.replace(STYLE_SHEET, "")).every((name) => PLAIN_ELEMENTS.has(name));
}

function elementNames(text: string): string[] {
  return [...text.matchAll(OPENING_TAG)].map(([, name = ""]) => name);
}

/** A request asks several times, and never writes into the bytes. */
const clearTexts = new WeakMap<Uint8Array, string | null>();

/** The text of a drawing where it can be judged by its words; null where they may be hidden. */
function clearText(bytes: Uint8Array): string | null {
  const known = clearTexts.get(bytes);
  if (known !== undefined) return known;
  const read = readClearText(bytes);
  clearTexts.set(bytes, read);
  return read;
}

function readClearText(bytes: Uint8Array): string | null {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const text = all.replace(PLAIN_DOCTYPE, " ");
  return UNCLEAR.test(text) ? null : text;
}
