import { type SaxesAttributePlain, SaxesParser, type SaxesTagPlain } from "saxes";
import { AppError } from "../../errors.ts";
import { inTurns } from "../in-turns.ts";
import { withoutExternalReferences } from "./css-references.ts";
import { decodeMarkup } from "./decode-markup.ts";
import { readInternalEntities } from "./internal-entities.ts";
import { isAttributeRemoved, isElementRemoved, localName } from "./svg-policy.ts";

/** Characters parsed before others get a turn on the event loop, about two milliseconds. */
const CHARACTERS_PER_TURN = 128 * 1024;
/** Entities and escapes may let the result grow beyond the source by this much. */
const MAX_GROWTH_CHARACTERS = 4 * 2 ** 20;

/**
 * Makes an SVG safe to pass on: the document is parsed strictly and written anew from what the policy allows, so nothing
 * that a lenient reader might see differently survives. Scripts, event handlers, embedded documents, unsafe references
 * and external style references go; so do comments, processing instructions and the document type, whose text entities
 * are resolved. The drawing stays the same. Throws `invalid_image` for markup that is not well-formed, and the signal's
 * reason. The result is UTF-8.
 */
export async function sanitizeSvg(bytes: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
  const text = decodeMarkup(bytes);
  const writer = new SafeSvgWriter(2 * text.length + MAX_GROWTH_CHARACTERS);
  await inTurns(parse(text, startParser(writer)), signal);
  return new TextEncoder().encode(writer.result());
}

function* parse(text: string, parser: SaxesParser<{ xmlns: false }>): Generator<void, void> {
  for (let at = 0; at < text.length; at += CHARACTERS_PER_TURN) {
    parser.write(text.slice(at, at + CHARACTERS_PER_TURN));
    yield;
  }
  parser.close();
}

function startParser(writer: SafeSvgWriter): SaxesParser<{ xmlns: false }> {
  const parser = new SaxesParser({ xmlns: false });
  parser.on("error", (error) => {
    throw new AppError("invalid_image", `SVG is not well-formed: ${error.message}`, { cause: error });
  });
  parser.on("doctype", (doctype) => Object.assign(parser.ENTITIES, readInternalEntities(doctype)));
  parser.on("xmldecl", () => writer.declaration());
  parser.on("opentag", (tag) => writer.openTag(tag));
  parser.on("closetag", (tag) => writer.closeTag(tag));
  parser.on("text", (text) => writer.text(text));
  parser.on("cdata", (text) => writer.text(text));
  return parser;
}

/** Writes the allowed parts of the events it is told of. */
class SafeSvgWriter {
  readonly #maxLength: number;
  readonly #parts: string[] = [];
  #length = 0;
  /** Depth within a removed element; 0 = outside. */
  #removedDepth = 0;
  /** A start tag that may still become an empty element. */
  #isTagOpen = false;
  /** What a style element holds so far; null = outside. */
  #styleSheet: string | null = null;

  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  declaration(): void {
    this.#write('<?xml version="1.0" encoding="UTF-8"?>\n');
  }

  openTag({ name, attributes }: SaxesTagPlain): void {
    const list: SaxesAttributePlain[] = Object.entries(attributes).map(([key, value]) => ({ name: key, value }));
    // Within a style sheet only text has a meaning.
    if (this.#removedDepth > 0 || this.#styleSheet !== null || isElementRemoved(name, list)) {
      this.#removedDepth += 1;
      return;
    }
    this.#endTag();
    this.#write(`<${name}`);
    for (const attribute of list) {
      if (!isAttributeRemoved(name, attribute)) this.#write(` ${attribute.name}="${safeValue(attribute)}"`);
    }
    this.#isTagOpen = true;
    if (localName(name) === "style") this.#styleSheet = "";
  }

  closeTag({ name }: SaxesTagPlain): void {
    if (this.#removedDepth > 0) {
      this.#removedDepth -= 1;
      return;
    }
    if (this.#styleSheet !== null) {
      const css = withoutExternalReferences(this.#styleSheet);
      this.#styleSheet = null;
      this.text(css);
    }
    this.#write(this.#isTagOpen ? "/>" : `</${name}>`);
    this.#isTagOpen = false;
  }

  text(text: string): void {
    if (this.#removedDepth > 0 || text === "") return;
    if (this.#styleSheet !== null) {
      this.#styleSheet += text;
      return;
    }
    this.#endTag();
    this.#write(escapeText(text));
  }

  result(): string {
    return this.#parts.join("");
  }

  #endTag(): void {
    if (this.#isTagOpen) this.#write(">");
    this.#isTagOpen = false;
  }

  #write(part: string): void {
    this.#length += part.length;
    if (this.#length > this.#maxLength) throw new AppError("invalid_image", "SVG: entities make it too large");
    this.#parts.push(part);
  }
}

function safeValue({ name, value }: SaxesAttributePlain): string {
  const mayRefer = value.includes("(") || value.includes("\\") || (name === "style" && value.includes("@"));
  const safe = mayRefer && localName(name) !== "href" ? withoutExternalReferences(value) : value;
  return escapeText(safe)
    .replaceAll('"', "&quot;")
    .replace(/[\t\n\r]/g, (char) => `&#${char.charCodeAt(0)};`);
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\r", "&#13;");
}
