/** Headers in the order given, or what is wrong with the list. */
export type HeaderListReading =
  | { readonly isGood: true; readonly headers: readonly (readonly [name: string, value: string])[] }
  | { readonly isGood: false; readonly fault: string };

const NAME = /^[\w!#$%&'*+.^`|~-]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what a value may not hold
const VALUE = /^[^\u0000-\u0008\u000a-\u001f\u007f]*$/;
/** What belongs to the connection, not to whoever configures. */
const OWNED = new Set([
  "connection",
  "content-length",
  "host",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Reads `Name=Value` pairs with `separator` between them; blanks around names and values are ignored. Faults quote no text. */
export function parseHeaderList(text: string, separator: string): HeaderListReading {
  const items = (separator === "" ? [text] : text.split(separator)).filter((item) => item.trim() !== "");
  const headers: [string, string][] = [];
  for (const [index, item] of items.entries()) {
    const equals = item.indexOf("=");
    const name = item.slice(0, Math.max(equals, 0)).trim();
    const value = item.slice(equals + 1).trim();
    const fault = faultOf(name, value, equals);
    if (fault !== undefined) return { isGood: false, fault: `item ${index + 1} of ${items.length} ${fault}` };
    headers.push([name, value]);
  }
  return { isGood: true, headers };
}

function faultOf(name: string, value: string, equals: number): string | undefined {
  if (equals < 0) return "has no =";
  if (!NAME.test(name)) return "does not begin with the name of a header";
  if (!VALUE.test(value)) return "holds a line break or a control character";
  return OWNED.has(name.toLowerCase()) ? "names a header that the connection decides" : undefined;
}
