import { AppError } from "../../errors.ts";

/** No entity may stand for more than this, all it refers to included. */
const MAX_ENTITY_LENGTH = 64 * 1024;
const MAX_ENTITIES = 256;

const DECLARATION = /<!--[\s\S]*?-->|<!ENTITY\s+([^\s%"'<>]+)\s+(?:"([^"]*)"|'([^']*)'|(?:SYSTEM|PUBLIC)\b)/g;
const REFERENCE = /&(#x[0-9a-f]+|#[0-9]+|[^\s&;#]+);/gi;
const PREDEFINED: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/**
 * The text entities that a document type declaration defines, fully expanded; Illustrator writes its namespaces that
 * way. External ones stand for nothing. Throws `invalid_image` for entities that grow beyond 64 KiB ("billion laughs"),
 * refer to themselves, or hold markup.
 */
export function readInternalEntities(doctype: string): Readonly<Record<string, string>> {
  const sources = new Map<string, string>();
  for (const [, name, doubleQuoted, singleQuoted] of doctype.matchAll(DECLARATION)) {
    // The first definition of a name counts.
    if (name !== undefined && !sources.has(name)) sources.set(name, doubleQuoted ?? singleQuoted ?? "");
    if (sources.size > MAX_ENTITIES) throw refused(`more than ${MAX_ENTITIES} entities are defined`);
  }
  const expanded = new Map<string, string>();
  for (const name of sources.keys()) expand(name, { sources, expanded, path: [] });
  return Object.fromEntries(expanded);
}

type Expansion = {
  readonly sources: ReadonlyMap<string, string>;
  readonly expanded: Map<string, string>;
  /** The entities being expanded, outermost first. */
  readonly path: readonly string[];
};

function expand(name: string, { sources, expanded, path }: Expansion): string {
  const known = expanded.get(name);
  if (known !== undefined) return known;
  const source = sources.get(name);
  if (source === undefined) throw refused(`entity "${name}" is not defined`);
  if (path.includes(name)) throw refused(`entity "${name}" refers to itself`);
  if (source.includes("<")) throw refused(`entity "${name}" holds markup`);
  let length = 0;
  const text = source.replace(REFERENCE, (_, reference: string) => {
    const value = characterOf(reference) ?? expand(reference, { sources, expanded, path: [...path, name] });
    length += value.length;
    if (length > MAX_ENTITY_LENGTH)
      throw refused(`entity "${name}" stands for more than ${MAX_ENTITY_LENGTH} characters`);
    return value;
  });
  expanded.set(name, text);
  return text;
}

function characterOf(reference: string): string | undefined {
  if (!reference.startsWith("#")) return PREDEFINED[reference];
  const isHex = /^#x/i.test(reference);
  const code = Number.parseInt(reference.slice(isHex ? 2 : 1), isHex ? 16 : 10);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : "";
}

function refused(what: string): AppError {
  return new AppError("invalid_image", `SVG: ${what}`);
}
