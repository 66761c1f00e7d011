import { decodeMarkup } from "./decode-markup.ts";

/**
 * Looks for a start tag whose local name is `svg`, token by token, and gives up at the first thing that is not XML.
 * The root need not be the first element and comments, prolog and doctype may come before it. Time is linear in the
 * length of the input, which the caller bounds.
 */
export function hasSvgElement(bytes: Uint8Array): boolean {
  const text = decodeMarkup(bytes);
  let position = text.indexOf("<");
  while (position !== -1) {
    const end = text[position + 1] === "/" ? endTag(text, position) : markupEnd(text, position);
    if (end === "svg") return true;
    if (end === undefined) return false;
    position = text.indexOf("<", end);
  }
  return false;
}

/** Where the markup that begins at `start` ends; `svg` when it is the tag looked for; undefined when it is not XML or is cut off. */
function markupEnd(text: string, start: number): number | "svg" | undefined {
  if (text.startsWith("<!--", start)) return after(text, "-->", start + 4);
  if (text.startsWith("<![CDATA[", start)) return after(text, "]]>", start + 9);
  if (text.startsWith("<?", start)) return after(text, "?>", start + 2);
  if (text.startsWith("<!", start)) return declarationEnd(text, start + 2);
  return startTagEnd(text, start);
}

function after(text: string, delimiter: string, from: number): number | undefined {
  const found = text.indexOf(delimiter, from);
  return found === -1 ? undefined : found + delimiter.length;
}

/** The end of `<!DOCTYPE …>`, whose internal subset holds nested declarations, quoted strings and comments. */
function declarationEnd(text: string, from: number): number | undefined {
  const token = /<!--|[<>"']/g;
  token.lastIndex = from;
  for (let depth = 1; depth > 0; ) {
    const found = token.exec(text);
    if (found === null) return undefined;
    const [mark] = found;
    if (mark === "<") depth += 1;
    else if (mark === ">") depth -= 1;
    else {
      const end = after(text, mark === "<!--" ? "-->" : mark, token.lastIndex);
      if (end === undefined) return undefined;
      token.lastIndex = end;
    }
  }
  return token.lastIndex;
}

const NAME = /[\p{L}_:][\p{L}\p{N}_:.\-·]*/uy;
const ATTRIBUTE = /\s+[^\s=<>"'/]+\s*=\s*(?:"[^"]*"|'[^']*')/y;
const TAG_END = /\s*\/?>/y;
const END_TAG = /<\/[^\s<>"'/=]+\s*>/y;

function startTagEnd(text: string, start: number): number | "svg" | undefined {
  const name = matchAt(NAME, text, start + 1);
  if (name === undefined) return undefined;
  let position = start + 1 + name.length;
  if (localName(name) === "svg" && /[\s/>]/.test(text[position] ?? "")) return "svg";
  for (;;) {
    const attribute = matchAt(ATTRIBUTE, text, position);
    if (attribute === undefined) break;
    position += attribute.length;
  }
  const end = matchAt(TAG_END, text, position);
  return end === undefined ? undefined : position + end.length;
}

function endTag(text: string, start: number): number | undefined {
  const tag = matchAt(END_TAG, text, start);
  return tag === undefined ? undefined : start + tag.length;
}

function matchAt(pattern: RegExp, text: string, position: number): string | undefined {
  pattern.lastIndex = position;
  return pattern.exec(text)?.[0];
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}
