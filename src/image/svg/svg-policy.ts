/**
 * What may stay in an SVG that is passed on. The reference removes `script`, `iframe`, `form`, a fixed list of event
 * attributes and unsafe references, all by exact lower-case names; this does the same whatever the case and goes
 * further. All names here are local names in lower case.
 */

/** Removed with everything in them: what runs scripts, embeds documents, sends forms, or changes where references lead. */
const REMOVED_ELEMENTS = new Set(
  "script handler listener iframe frame frameset form object embed applet portal base meta link".split(" "),
);
const ANIMATION_ELEMENTS = new Set("set animate animatecolor animatemotion animatetransform discard".split(" "));

/** Elements whose picture may be part of the document itself. */
const PICTURE_ELEMENTS = new Set(["image", "feimage", "img"]);
/** Attributes of HTML in a `foreignObject` that name a document. */
const ADDRESS_ATTRIBUTES = new Set(
  "src action formaction poster background cite longdesc ping codebase data manifest base".split(" "),
);
const REMOVED_ATTRIBUTES = new Set(["srcdoc", "srcset"]);

export type SvgAttribute = { readonly name: string; readonly value: string };

/** Whether an element has to go, with all that is in it. An animation goes when it would set a reference or an event handler. */
export function isElementRemoved(name: string, attributes: readonly SvgAttribute[]): boolean {
  const local = localName(name);
  if (REMOVED_ELEMENTS.has(local)) return true;
  return ANIMATION_ELEMENTS.has(local) && attributes.some(animatesReference);
}

function animatesReference({ name, value }: SvgAttribute): boolean {
  if (localName(name) !== "attributename") return false;
  const target = localName(value.trim());
  return target === "href" || target.startsWith("on");
}

/** Whether an attribute has to go: event handlers, and references with a scheme that is not allowed there. */
export function isAttributeRemoved(elementName: string, { name, value }: SvgAttribute): boolean {
  const local = localName(name);
  if (local.startsWith("on") || REMOVED_ATTRIBUTES.has(local)) return true;
  if (local === "href") return !isReferenceAllowed(localName(elementName), value);
  // `xmlns:data` and the like only name a namespace.
  if (ADDRESS_ATTRIBUTES.has(local) && !/^xmlns(?::|$)/i.test(name)) {
    return !isReferenceAllowed(localName(elementName), value);
  }
  return false;
}

function isReferenceAllowed(element: string, value: string): boolean {
  const scheme = schemeOf(value);
  // `use` draws what it refers to: only parts of the same document.
  if (element === "use") return /^\s*(?:#|$)/.test(value);
  if (scheme === null || scheme === "http" || scheme === "https") return true;
  return scheme === "data" && PICTURE_ELEMENTS.has(element);
}

/** The scheme of a reference in lower case, read as browsers do: white space and control characters in it do not count. */
export function schemeOf(reference: string): string | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: browsers drop exactly these
  const visible = reference.replace(/[\u0000-\u0020]/g, "");
  return /^([a-z][a-z0-9+.-]*):/i.exec(visible)?.[1]?.toLowerCase() ?? null;
}

/** The name without its prefix, in lower case. */
export function localName(name: string): string {
  return name.slice(name.lastIndexOf(":") + 1).toLowerCase();
}
