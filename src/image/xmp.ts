import { type SaxesAttributeNS, SaxesParser, type SaxesTagNS } from "saxes";

const RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
const DUBLIN_CORE = "http://purl.org/dc/elements/1.1/";
const XMLNS = "http://www.w3.org/2000/xmlns/";
const XML = "http://www.w3.org/XML/1998/namespace";

/** Properties that speak of rights and authors: whole namespaces, of Dublin Core four names. */
const KEPT_NAMES: ReadonlyMap<string, ReadonlySet<string> | "all"> = new Map<string, ReadonlySet<string> | "all">([
  [DUBLIN_CORE, new Set(["rights", "contributor", "creator", "publisher"])],
  ["http://ns.adobe.com/xap/1.0/rights/", "all"],
  ["http://creativecommons.org/ns#", "all"],
]);

/** The prefixes everybody uses. */
const PREFIXES: ReadonlyMap<string, string> = new Map([
  [RDF, "rdf"],
  [XML, "xml"],
  [DUBLIN_CORE, "dc"],
  ["http://ns.adobe.com/xap/1.0/rights/", "xmpRights"],
  ["http://creativecommons.org/ns#", "cc"],
]);

/**
 * What `keep_copyright` leaves of an XMP packet: Dublin Core's rights, contributor, creator and publisher, and all of
 * `xmpRights` and `cc`, written anew. null when nothing is left or the packet cannot be read.
 */
export function filterXmpCopyright(packet: string): string | null {
  const filter = new XmpFilter();
  const parser = new SaxesParser({ xmlns: true });
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", (tag) => filter.openTag(tag));
  parser.on("closetag", (tag) => filter.closeTag(tag));
  parser.on("text", (text) => filter.text(text));
  parser.on("cdata", (text) => filter.text(text));
  try {
    // Padding and zero bytes around the packet belong to nobody.
    parser.write(packet.replace(/^[^<]+|[^>]+$/g, "")).close();
  } catch {
    return null;
  }
  return filter.result();
}

/** Collects the kept properties of all descriptions into one. */
class XmpFilter {
  readonly #prefixes = new Map<string, string>([[RDF, "rdf"]]);
  readonly #attributes = new Map<string, string>();
  readonly #parts: string[] = [];
  /** Elements that are open: their namespaced names. */
  readonly #path: string[] = [];
  /** Depth at which the kept property began; 0 = outside. */
  #keptFrom = 0;

  openTag(tag: SaxesTagNS): void {
    const parent = this.#path.at(-1);
    this.#path.push(tag.uri + tag.local);
    const attributes = Object.values(tag.attributes);
    if (this.#keptFrom === 0) {
      if (tag.uri + tag.local === `${RDF}Description`) this.#keepAttributes(attributes);
      else if (parent === `${RDF}Description` && isKept(tag.uri, tag.local)) this.#keptFrom = this.#path.length;
    }
    if (this.#keptFrom > 0) this.#parts.push(`<${this.#name(tag)}${this.#attributeText(attributes)}>`);
  }

  closeTag(tag: SaxesTagNS): void {
    if (this.#keptFrom > 0) this.#parts.push(`</${this.#name(tag)}>`);
    if (this.#keptFrom === this.#path.length) this.#keptFrom = 0;
    this.#path.pop();
  }

  text(text: string): void {
    if (this.#keptFrom > 0) this.#parts.push(escapeXml(text));
  }

  result(): string | null {
    if (this.#parts.length === 0 && this.#attributes.size === 0) return null;
    const attributes = [...this.#attributes].map(([name, value]) => ` ${name}="${escapeXml(value)}"`).join("");
    const namespaces = [...this.#prefixes].map(([uri, prefix]) => ` xmlns:${prefix}="${escapeXml(uri)}"`).join("");
    const description = `<rdf:Description rdf:about=""${attributes}>${this.#parts.join("")}</rdf:Description>`;
    return `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF${namespaces}>${description}</rdf:RDF></x:xmpmeta>`;
  }

  /** Simple properties may be written as attributes of the description. */
  #keepAttributes(attributes: readonly SaxesAttributeNS[]): void {
    for (const attribute of attributes) {
      if (isKept(attribute.uri, attribute.local)) this.#attributes.set(this.#name(attribute), attribute.value);
    }
  }

  #attributeText(attributes: readonly SaxesAttributeNS[]): string {
    return attributes
      .filter(({ uri, name }) => uri !== XMLNS && name !== "xmlns")
      .map((attribute) => ` ${this.#name(attribute)}="${escapeXml(attribute.value)}"`)
      .join("");
  }

  /** The name under a prefix of ours. */
  #name({ uri, local }: { readonly uri: string; readonly local: string }): string {
    if (uri === "") return local;
    if (uri === XML) return `xml:${local}`;
    const prefix = this.#prefixes.get(uri) ?? PREFIXES.get(uri) ?? `ns${this.#prefixes.size}`;
    this.#prefixes.set(uri, prefix);
    return `${prefix}:${local}`;
  }
}

function isKept(uri: string, local: string): boolean {
  const names = KEPT_NAMES.get(uri);
  return names === "all" || names?.has(local) === true;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
